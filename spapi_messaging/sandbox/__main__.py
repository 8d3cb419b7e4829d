"""``python -m spapi_messaging.sandbox``: run a sandbox until it is stopped."""

import argparse
import asyncio
import contextlib
import errno
import re
import shlex
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.redaction import printable
from spapi_messaging.sandbox import validation
from spapi_messaging.sandbox.admin.start import EXAMPLE_ORDER
from spapi_messaging.sandbox.api.catalog import DEFAULT_ACTIONS
from spapi_messaging.sandbox.controls import initial_quotas
from spapi_messaging.sandbox.scenarios import Scenario, ScenarioError, load_faults
from spapi_messaging.sandbox.server import MAX_PORT, Sandbox

_PROGRAM = "python -m spapi_messaging.sandbox"
_CLIENT = "spapi-messaging"
DEFAULT_PORT = 8080
LATENCY = "seconds, as 0.1, or the least and the most, as 0.05-0.2, up to 3600"
RATE = f"a number above 0, up to {validation.MAX_RATE:.0f}, or inf"

_NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"


class _Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.leave(message.removeprefix("argument "))

    def leave(self, message: str) -> NoReturn:
        """Leave with one line, which is clean whatever the arguments and files have in them."""
        self.exit(2, f"{self.prog}: {printable(' '.join(message.split()))}\n")


def _checked(read: Callable[[str], Any], what: str) -> Callable[[str], Any]:
    def convert(text: str) -> Any:
        try:
            return read(text)
        except (ValueError, OverflowError) as wrong:
            raise argparse.ArgumentTypeError(f"it must be {what}") from wrong

    return convert


def read_latency(text: str) -> float | tuple[float, float]:
    """Read seconds, or a range of them; raises ValueError for what is neither."""
    match = re.fullmatch(f"({_NUMBER})(?:-({_NUMBER}))?", text.strip(), re.ASCII)
    if match is None:
        raise ValueError(text)
    low, high = match.groups()
    value = float(low) if high is None else (float(low), float(high))
    read: float | tuple[float, float] = validation.latency(value, text)
    return read


def read_rate(text: str) -> float:
    """Read requests per second, or that there is no limit; raises ValueError for others."""
    value = float(text)
    return value if value == float("inf") else validation.rate(value, text)


def _parser(prog: str) -> _Parser:
    parser = _Parser(
        prog=prog,
        description="Run a local Selling Partner API; it knows every well-formed order id.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (loopback)")
    port, burst = validation.whole(0, MAX_PORT), validation.burst
    whole = "a whole number from"
    parser.add_argument(
        "--port",
        type=_checked(lambda text: port(int(text), text), f"{whole} 0 to {MAX_PORT}"),
        default=DEFAULT_PORT,
        help=f"port to listen on ({DEFAULT_PORT}); 0 takes a free one",
    )
    parser.add_argument(
        "--rate",
        type=_checked(read_rate, RATE),
        help="requests per second, or inf (Amazon's plans)",
    )
    parser.add_argument(
        "--burst",
        type=_checked(lambda text: burst(int(text), text), f"{whole} 1 to {validation.MAX_COUNT}"),
        help="requests at once (Amazon's plans)",
    )
    parser.add_argument(
        "--latency",
        type=_checked(read_latency, LATENCY),
        help="seconds per request, 0.1 or 0.05-0.2 (none)",
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
    faults = load_faults(arguments.faults) if arguments.faults is not None else ()
    for number, fault in enumerate(faults):
        try:
            sandbox.add_fault(fault)
        except validation.WrongValueError as wrong:
            raise ScenarioError(f"{arguments.faults}: faults[{number}].{wrong}") from wrong
    if arguments.latency is not None:
        sandbox.latency = arguments.latency
    if arguments.rate is not None or arguments.burst is not None:
        sandbox.backend.quotas = initial_quotas(arguments.rate, arguments.burst, static=False)
    return sandbox


async def _run(sandbox: Sandbox, client: str) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows has no signal handlers here
            loop.add_signal_handler(number, stopped.set)
    async with sandbox:
        sys.stdout.write("\n".join((*_told(sandbox, client), "")))
        sys.stdout.flush()
        await stopped.wait()


def _told(sandbox: Sandbox, client: str) -> Iterator[str]:
    """Say how to get there, and where it is; a shell may be given all of it."""
    order = next(iter(sandbox.backend.orders.values()), None)
    order_id = order.order_id if order else EXAMPLE_ORDER
    place = order.marketplace if order and order.marketplace else Marketplace.DE
    for name, value in sandbox.environment.items():
        yield f"export {name}={shlex.quote(value)}"
    yield f"# inbox: {sandbox.url}/"
    yield "# To send here, paste the export lines into another terminal, then try:"
    yield f"#   {client} actions {order_id} --marketplace {place.name}"
    yield f"# The sandbox runs at {sandbox.url}; Ctrl-C stops it."


def main(
    arguments: Sequence[str] | None = None, *, prog: str = _PROGRAM, client: str = _CLIENT
) -> int:
    """Run until SIGINT or SIGTERM; ``client`` is how a shell finds the command line."""
    parser = _parser(prog)
    try:
        sandbox = _sandbox(parser.parse_args(arguments))
    except ValueError as wrong:
        parser.error(str(wrong))
    try:
        asyncio.run(_run(sandbox, client))
    except KeyboardInterrupt:
        pass
    except (OSError, UnicodeError) as wrong:
        parser.leave(
            f"cannot listen on {sandbox.host} port {sandbox.port}: {_reason(wrong)}; "
            "give another one by --port N, or --port 0 for a free one"
        )
    return 0


def _reason(wrong: OSError | UnicodeError) -> str:
    if isinstance(wrong, OSError) and wrong.errno == errno.EADDRINUSE:
        return "it is taken, perhaps by another sandbox"
    return str(getattr(wrong, "strerror", None) or wrong)


if __name__ == "__main__":
    sys.exit(main())
