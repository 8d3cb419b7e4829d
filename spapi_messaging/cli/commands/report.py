"""The command that makes a page of what a run wrote down: report."""

import logging
from datetime import UTC, datetime, tzinfo
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from spapi_messaging.cli.hints import resume_words
from spapi_messaging.cli.options import (
    MAX_BURST,
    CampaignName,
    Database,
    JournalPath,
    read_rate,
)
from spapi_messaging.cli.settings import (
    DONE,
    INVALID,
    console,
    fail,
    leave,
    opened,
    output_of,
    refuse_journals,
    tell,
)
from spapi_messaging.cli.sources import source_of, tell_loss
from spapi_messaging.cli.words import quoted
from spapi_messaging.orderfile import zone_named

_Output = Annotated[
    Path,
    typer.Option(
        "--output", "-o", metavar="FILE", help="The HTML file to write; - is standard output."
    ),
]
_Rate = Annotated[
    float | None,
    typer.Option(
        parser=read_rate,
        metavar="N",
        help="For a journal that does not tell its quota: requests per second of each operation.",
    ),
]
_Burst = Annotated[
    int, typer.Option(min=1, max=MAX_BURST, metavar="N", help="With --rate: requests at once.")
]
_ZoneName = Annotated[
    str | None,
    typer.Option(
        "--time-zone",
        metavar="ZONE",
        help="The time zone of all times, such as Europe/Berlin; else this machine's.",
    ),
]


def report(
    output: _Output,
    journal: JournalPath = None,
    database: Database = None,
    campaign: CampaignName = None,
    rate: _Rate = None,
    burst: _Burst = 5,
    time_zone: _ZoneName = None,
) -> None:
    """Write a report as one HTML file, with charts and without network (extra: report).

    Example: spapi-messaging report jobs.csv.journal -o report.html
    """
    from spapi_messaging.cli.report import Commands, Report, render_report

    file_name = output_of(output)
    refuse_journals(file_name, journal)
    source, zone = source_of(journal, database, campaign), _zone(time_zone)
    _refuse_without_charts()
    loss = source.loss()
    made = Report(
        title=source.name,
        now=datetime.now(UTC),
        commands=Commands(journal=quoted([*source.words]), jobs=_jobs(journal)),
        plans=source.plans(),
        rate=rate,
        burst=burst,
        zone=zone,
        loss=loss,
        # Asked before what it has, in this order: the run may end meanwhile.
        moving_since=source.moving_since,
        is_in_use=source.in_use,
    )
    page = render_report(source.entries(), made)
    with opened(file_name) as file:
        file.write(page)
    if file_name is not None:
        tell(console(), f"Written: {file_name}")
    tell_loss(source, loss)
    leave(DONE)


def _zone(name: str | None) -> tzinfo | None:
    try:
        return None if name is None else zone_named(name)
    except ValueError as error:
        fail(f"--time-zone: {error}", INVALID)


def _refuse_without_charts() -> None:
    """Leave the program if what draws is missing, or broken, before anything is read."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # its caches are nobody's concern
    try:
        import_module("matplotlib.figure")
    except ModuleNotFoundError as error:
        name = str(error.name).partition(".")[0]
        fail(f"it needs {name}: pip install 'spapi-messaging[report]'", INVALID)
    except ImportError as error:
        again = "pip install --force-reinstall 'spapi-messaging[report]'"
        fail(f"matplotlib cannot be loaded ({error}): {again}", INVALID)


def _jobs(journal: Path | None) -> str | None:
    """Return what `resume` is given, but for the options of the run."""
    return None if journal is None else quoted(resume_words(journal))
