"""``python -m spapi_messaging.sandbox``: run a sandbox until it is stopped."""

import argparse
import asyncio
import contextlib
import shlex
import signal
import sys
from collections.abc import Sequence

from spapi_messaging.sandbox.controls import DEFAULT_ACTIONS
from spapi_messaging.sandbox.server import Sandbox


def _latency(text: str) -> float | tuple[float, float]:
    low, dash, high = text.partition("-")
    return (float(low), float(high)) if dash else float(low)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m spapi_messaging.sandbox",
        description="Run a local Selling Partner API; it knows every well-formed order id.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    parser.add_argument("--rate", type=float, help="requests per second, or inf (Amazon's plans)")
    parser.add_argument("--burst", type=int, help="requests at once (Amazon's plans)")
    parser.add_argument(
        "--latency", type=_latency, default=0.0, help="seconds per request, 0.1 or 0.05-0.2"
    )
    return parser


async def _run(arguments: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows has no signal handlers here
            loop.add_signal_handler(number, stopped.set)
    sandbox = Sandbox(
        host=arguments.host,
        port=arguments.port,
        rate=arguments.rate,
        burst=arguments.burst,
        latency=arguments.latency,
        any_order=(*DEFAULT_ACTIONS, "attributes"),
    )
    async with sandbox:
        for name, value in sandbox.environment.items():
            sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
        sys.stdout.flush()
        await stopped.wait()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGINT or SIGTERM."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(_parser().parse_args(arguments)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
