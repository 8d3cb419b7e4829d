"""What all commands share: exit codes, how they run and fail, marketplaces and texts."""

import asyncio
import signal
import sys
from collections import Counter
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import typer

from spapi_messaging.errors import (
    InDoubtError,
    InvalidMessageError,
    JournalError,
    MessagingError,
    UntrustedLinkError,
)
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.messages import LocalizedText, Text

T = TypeVar("T")

DONE, REFUSED, INVALID, IN_DOUBT, STOPPED = 0, 1, 2, 3, 130


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
        return _localized(files, default)
    if default is not None:
        fail("--default-language is for a text in several languages", INVALID)
    return read_text(files[0]) if files else None


def _localized(files: Sequence[Path], default: str | None) -> LocalizedText:
    tags = [_tag_of(file) for file in files]
    twice = [tag for tag, times in Counter(tags).items() if times > 1]
    if twice:
        fail(f"two files are in {', '.join(twice)}", INVALID)
    texts = dict(zip(tags, map(read_text, files), strict=True))
    try:
        return LocalizedText(texts, default=default)
    except InvalidMessageError as error:
        fail(f"{', '.join(map(str, files))}: {'; '.join(error.faults)}", INVALID)


def _tag_of(file: Path) -> str:
    tag = file.with_suffix("").suffix.removeprefix(".")
    if not tag:
        fail(f"{file}: name its language, as in {file.stem}.de{file.suffix}", INVALID)
    return tag


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
