"""The command that runs a sandbox."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from spapi_messaging.cli.hints import PROGRAM, program_command
from spapi_messaging.cli.options import MAX_BURST
from spapi_messaging.sandbox.__main__ import (
    DEFAULT_PORT,
    LATENCY,
    RATE,
    main,
    read_latency,
    read_rate,
)


def _read_by(read: Callable[[str], Any], what: str) -> Callable[[str | None], str | None]:
    """Make a check of an option, which says in its words what it must be."""

    def check(value: str | None) -> str | None:
        try:
            if value is not None:
                read(value)
        except (ValueError, OverflowError):
            raise typer.BadParameter(f"it must be {what}") from None
        return value

    return check


Port = Annotated[
    int,
    typer.Option(
        min=0, max=65_535, metavar="N", help="The port to listen on; 0 takes one that is free."
    ),
]
SandboxRate = Annotated[
    str | None,
    typer.Option(
        metavar="N",
        callback=_read_by(read_rate, RATE),
        help="Requests per second and operation, or inf; by default as in Amazon's plans.",
    ),
]
SandboxBurst = Annotated[
    int | None,
    typer.Option(
        min=1, max=MAX_BURST, metavar="N", help="Requests at once; by default as in Amazon's plans."
    ),
]
Latency = Annotated[
    str | None,
    typer.Option(
        metavar="SECONDS",
        callback=_read_by(read_latency, LATENCY),
        help="How long a request takes: 0.1, or 0.05-0.2.",
    ),
]
ScenarioFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="TOML or JSON with orders, quotas, latency, faults."),
]
FaultsFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="TOML or JSON with a list of faults.")
]


def sandbox(
    port: Port = DEFAULT_PORT,
    rate: SandboxRate = None,
    burst: SandboxBurst = None,
    latency: Latency = None,
    scenario: ScenarioFile = None,
    faults: FaultsFile = None,
) -> None:
    """Run a local Selling Partner API with an inbox, until it is stopped.

    It prints how to point clients at it, and the address of the inbox, which shows what each buyer
    would have received. It knows every well-formed order id, unless a scenario says which.

    Example: spapi-messaging sandbox

    Example: spapi-messaging sandbox --port 8090 --rate 10 --burst 10 --latency 0.05-0.2
    """
    given = {
        "--port": port,
        "--rate": rate,
        "--burst": burst,
        "--latency": latency,
        "--scenario": scenario,
        "--faults": faults,
    }
    arguments = [
        word for name, value in given.items() if value is not None for word in (name, str(value))
    ]
    raise typer.Exit(main(arguments, prog=PROGRAM, client=program_command()))
