"""The command that runs a sandbox."""

from typing import Annotated

import typer

from spapi_messaging.sandbox.__main__ import main


def sandbox(
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 0,
    rate: Annotated[float | None, typer.Option(help="Requests per second and operation.")] = None,
    burst: Annotated[int | None, typer.Option(help="Requests at once.")] = None,
    latency: Annotated[str, typer.Option(help="Seconds per request, 0.1 or 0.05-0.2.")] = "0",
) -> None:
    """Run a local Selling Partner API until it is stopped, and print how to point clients at it.

    Example: spapi-messaging sandbox --port 8080 --rate 10 --burst 10
    """
    arguments = ["--port", str(port), "--latency", latency]
    arguments += [] if rate is None else ["--rate", str(rate)]
    arguments += [] if burst is None else ["--burst", str(burst)]
    raise typer.Exit(main(arguments))
