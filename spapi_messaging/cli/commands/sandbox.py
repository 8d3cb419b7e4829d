"""The command that runs a sandbox."""

import os
from pathlib import Path
from typing import Annotated

import typer

from spapi_messaging.cli.options import MAX_BURST, is_number
from spapi_messaging.cli.settings import INVALID, fail
from spapi_messaging.redaction import describe_failure
from spapi_messaging.sandbox.__main__ import main

Port = Annotated[
    int, typer.Option(min=0, max=65_535, help="Port to listen on; 0 takes a free one.")
]
SandboxRate = Annotated[
    float | None,
    typer.Option(min=0.0, callback=is_number, help="Requests per second and operation."),
]
SandboxBurst = Annotated[int | None, typer.Option(min=1, max=MAX_BURST, help="Requests at once.")]
Latency = Annotated[str | None, typer.Option(help="Seconds per request, 0.1 or 0.05-0.2.")]
ScenarioFile = Annotated[
    Path | None, typer.Option(help="TOML or JSON: orders, quotas, latency, faults.")
]
FaultsFile = Annotated[Path | None, typer.Option(help="TOML or JSON with a list of faults.")]


def sandbox(
    port: Port = 0,
    rate: SandboxRate = None,
    burst: SandboxBurst = None,
    latency: Latency = None,
    scenario: ScenarioFile = None,
    faults: FaultsFile = None,
) -> None:
    """Run a local Selling Partner API until it is stopped, and print how to point clients at it.

    Its inbox, at the address it prints, shows what each buyer would have received.

    Example: spapi-messaging sandbox --port 8080 --rate 10 --burst 10
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
    try:
        code = main(arguments)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else describe_failure(error)
        hint = "give another --port, or 0 for a free one"
        fail(f"it cannot listen on port {port} ({why}); {hint}", INVALID)
    raise typer.Exit(code)
