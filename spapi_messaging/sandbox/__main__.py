"""``python -m spapi_messaging.sandbox``: run a sandbox until it is stopped."""

import argparse
import asyncio
import contextlib
import shlex
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from spapi_messaging.sandbox.api.catalog import DEFAULT_ACTIONS
from spapi_messaging.sandbox.controls import initial_quotas
from spapi_messaging.sandbox.scenarios import Scenario, load_faults
from spapi_messaging.sandbox.server import Sandbox


def _latency(text: str) -> float | tuple[float, float]:
    low, dash, high = text.partition("-")
    return (float(low), float(high)) if dash else float(low)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m spapi_messaging.sandbox",
        description="Run a local Selling Partner API; it knows every well-formed order id.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (loopback)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    parser.add_argument("--rate", type=float, help="requests per second, or inf (Amazon's plans)")
    parser.add_argument("--burst", type=int, help="requests at once (Amazon's plans)")
    parser.add_argument(
        "--latency", type=_latency, help="seconds per request, 0.1 or 0.05-0.2 (none)"
    )
    parser.add_argument("--scenario", type=Path, help="TOML or JSON: orders, quotas, faults")
    parser.add_argument("--faults", type=Path, help="TOML or JSON: a list of faults alone")
    return parser


def _sandbox(arguments: argparse.Namespace) -> Sandbox:
    """Make what was asked for: what the command line says comes before what the file says."""
    sandbox = Sandbox(
        host=arguments.host, port=arguments.port, any_order=(*DEFAULT_ACTIONS, "attributes")
    )
    if arguments.scenario is not None:
        sandbox.apply(Scenario.load(arguments.scenario))
    for fault in load_faults(arguments.faults) if arguments.faults is not None else ():
        sandbox.add_fault(fault)
    if arguments.latency is not None:
        sandbox.latency = arguments.latency
    if arguments.rate is not None or arguments.burst is not None:
        sandbox.backend.quotas = initial_quotas(arguments.rate, arguments.burst, static=False)
    return sandbox


async def _run(sandbox: Sandbox) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows has no signal handlers here
            loop.add_signal_handler(number, stopped.set)
    async with sandbox:
        for name, value in sandbox.environment.items():
            sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
        sys.stdout.write(f"# inbox: {sandbox.url}/\n")
        sys.stdout.flush()
        await stopped.wait()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGINT or SIGTERM."""
    parser = _parser()
    try:
        sandbox = _sandbox(parser.parse_args(arguments))
    except ValueError as wrong:
        parser.error(str(wrong))
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(sandbox))
    return 0


if __name__ == "__main__":
    sys.exit(main())
