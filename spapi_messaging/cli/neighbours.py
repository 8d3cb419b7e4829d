"""What other journals know of a campaign that is to begin: a renamed file is no new campaign.

A file's journal is found by the file's name. Whoever renames the file, or forgets the journal that
was named last time, would begin from the start and write to every buyer again. So before a new
journal is made, those beside the file and in the working directory are asked.
"""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import attrs

from spapi_messaging.bulk import Identity, JournalLookup, is_journal
from spapi_messaging.cli.campaign import Campaign
from spapi_messaging.cli.hints import command
from spapi_messaging.cli.settings import INVALID, fail, say
from spapi_messaging.errors import InvalidMessageError, JournalError

_LOOKED_AT = 1000
"""Files of a folder; a journal is told by its first bytes."""
_SENT = {"sent", "sending"}


def ask_neighbours(campaign: Campaign, jobs: int, *, means_new: bool) -> None:
    """Leave the program if another journal has some of a new campaign as sent.

    If a new journal is meant, it is only said: as for who names one.
    """
    options = campaign.options
    if not options.has_journal_path or options.journal_path.exists():
        return
    real = Path(os.path.realpath(options.file))
    folders = [options.file.parent, real.parent, options.journal_path.parent, Path()]
    if real.is_dir():
        folders.append(real)
    for path in _neighbours(*folders):
        try:
            known = _count_known(campaign, path)
        except JournalError as error:
            _stop_or_say(campaign, path, f"{error.journal}: {error.fault}", means_new)
            continue
        if known:
            rest = f", and {jobs - known} not" if known < jobs else ""
            what = f"{path} has {known} of these {jobs} messages as sent{rest}"
            _stop_or_say(campaign, path, what, means_new)


def _stop_or_say(campaign: Campaign, path: Path, what: str, means_new: bool) -> None:
    options = campaign.options
    if means_new:
        say(f"note: {what}; {options.journal_path} is begun all the same")
        return
    go_on = command("bulk", attrs.evolve(options, journal=path))
    begin = command("bulk", attrs.evolve(options, journal=options.journal_path))
    fail(
        f"nothing was sent: {what}. To go on with that run: {go_on}; to write to these buyers "
        f"again: {begin}",
        INVALID,
    )


def _neighbours(*folders: Path) -> Iterator[Path]:
    seen = set()
    for folder in folders:
        for path in islice(_files_in(folder), _LOOKED_AT):
            real = os.path.realpath(path)
            if real not in seen and is_journal(path):
                yield path
            seen.add(real)


def _files_in(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:  # one that may be entered and not listed
        return []


def _count_known(campaign: Campaign, path: Path) -> int:
    """Count the messages that a journal has as sent, or being sent."""
    known = 0
    with JournalLookup.open(path) as journal:
        for job in campaign.jobs():
            try:
                identity = Identity.of(job, campaign.options.once)
                entry = identity.known_as(journal.of_order(job.order_id))
            except InvalidMessageError:
                continue  # its own outcome says so
            known += entry is not None and entry.state in _SENT
    return known
