"""What all commands share: credentials, marketplaces, exit codes, and how a failure is told.

Secrets come from the environment or from a TOML file, never from an argument, which other users
of the machine could read:

    client_id = "amzn1.application-oa2-client…"
    client_secret = "…"
    refresh_token = "…"

    [sellers.shop-2]            # for jobs with "seller": "shop-2"; the rest is as above
    refresh_token = "…"
"""

import asyncio
import signal
import stat
import sys
import tomllib
from collections import Counter
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import attrs
import typer

from spapi_messaging.errors import (
    AuthorizationError,
    InDoubtError,
    InvalidMessageError,
    JournalError,
    MessagingError,
    UntrustedLinkError,
)
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.messages import LocalizedText, Text
from spapi_messaging.transport import Credentials

T = TypeVar("T")

DONE, REFUSED, INVALID, IN_DOUBT, STOPPED = 0, 1, 2, 3, 130
DEFAULT_SELLER = "default"
"""The seller of jobs that name none: whose credentials stand alone."""

_NAMES = ("client_id", "client_secret", "refresh_token")


@attrs.frozen
class Accounts:
    """The credentials of one seller or of many."""

    values: Mapping[str, Any] = attrs.field(repr=False)
    source: str

    @classmethod
    def load(cls, path: Path | None) -> "Accounts":
        """Read a TOML file, or the environment without one; leaves the program if it cannot."""
        if path is None:
            try:
                found = Credentials.from_env()
            except AuthorizationError as error:
                fail(f"no credentials: {error.description}, or give --credentials FILE", INVALID)
            return cls(attrs.asdict(found), "the environment")
        try:
            with path.open("rb") as file:
                values = tomllib.load(file)
                mode = stat.S_IMODE(path.stat().st_mode)
        except OSError as error:
            fail(f"{path}: {error.strerror}", INVALID)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            fail(f"{path} is not TOML: {error}", INVALID)
        if mode & (stat.S_IRGRP | stat.S_IROTH):
            say(f"warning: others can read {path}; chmod 600 {path}")
        return cls(values, str(path))

    def of(self, seller: str) -> Credentials:
        """Return a seller's credentials; raises AuthorizationError if there are none."""
        own: Any = {}
        if seller != DEFAULT_SELLER:
            sellers = self.values.get("sellers")
            own = sellers.get(seller) if isinstance(sellers, dict) else None
            if not isinstance(own, dict):
                fault = f"{self.source} has no [sellers.{seller}]"
                raise AuthorizationError("missing_credentials", fault)
        merged = {name: own.get(name, self.values.get(name)) for name in _NAMES}
        missing = [
            name for name, value in merged.items() if not isinstance(value, str) or not value
        ]
        if missing:
            fault = f"{self.source} lacks {', '.join(missing)} for {seller}"
            raise AuthorizationError("missing_credentials", fault)
        return Credentials(**merged)


def marketplace_of(code: str) -> Marketplace:
    """Find a marketplace by its country code or id; leaves the program if there is none."""
    by_name = Marketplace.__members__.get(code.upper())
    if by_name is not None:
        return by_name
    try:
        return Marketplace(code)
    except ValueError:
        known = ", ".join(Marketplace.__members__)
        fail(f"no marketplace is called {code!r}; there are {known}", INVALID)


def read_text(path: Path) -> str:
    """Read a UTF-8 file, with or without BOM; leaves the program if it cannot."""
    try:
        return path.read_text("utf-8-sig").strip()
    except OSError as error:
        fail(f"{path}: {error.strerror}", INVALID)
    except UnicodeDecodeError:
        fail(f"{path} is not UTF-8", INVALID)


def text_of(files: Sequence[Path], default: str | None) -> Text | None:
    """Read the text of a file, or of several: ``text.de.txt`` and ``text.en.txt`` are one text.

    Leaves the program for languages that are missing, unknown or twice.
    """
    if len(files) > 1:
        tags = [(file, file.with_suffix("").suffix.removeprefix(".")) for file in files]
        for file, tag in tags:
            if not tag:
                fail(f"{file}: name its language, as in {file.stem}.de{file.suffix}", INVALID)
        twice = [tag for tag, times in Counter(tag for _, tag in tags).items() if times > 1]
        if twice:
            fail(f"two files are in {', '.join(twice)}", INVALID)
        try:
            return LocalizedText({tag: read_text(file) for file, tag in tags}, default=default)
        except InvalidMessageError as error:
            fault = "; ".join(error.faults)
        fail(f"{', '.join(map(str, files))}: {fault}", INVALID)
    if default is not None:
        fail("--default-language is for a text in several languages", INVALID)
    return read_text(files[0]) if files else None


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end, or say what happened and leave with the exit code for it."""
    try:
        return asyncio.run(_until_terminated(work))
    except (KeyboardInterrupt, asyncio.CancelledError):
        fail("stopped", STOPPED)
    except (InvalidMessageError, UntrustedLinkError) as error:
        fail(str(error), INVALID)
    except InDoubtError as error:
        fail(str(error), IN_DOUBT)
    except JournalError as error:
        fail(str(error), INVALID)
    except MessagingError as error:
        fail(str(error), REFUSED)


async def _until_terminated(work: Coroutine[Any, Any, T]) -> T:
    """Take SIGTERM as Ctrl-C: what is under way is finished and written down."""
    task = asyncio.current_task()
    if task is not None:
        with suppress(NotImplementedError):  # Windows has no signal handlers here
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await work


def say(message: str) -> None:
    """Tell the user something beside the results, on standard error."""
    print(f"spapi-messaging: {message}", file=sys.stderr)


def fail(message: str, code: int) -> NoReturn:
    """Say what is wrong and leave with an exit code."""
    say(message)
    raise typer.Exit(code)
