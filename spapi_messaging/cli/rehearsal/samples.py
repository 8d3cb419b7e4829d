"""The first message of each action and language, as its buyer will read it."""

from collections.abc import Iterator

import attrs
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from spapi_messaging.cli.rehearsal.unsent import Rehearsed
from spapi_messaging.cli.settings import wrapped
from spapi_messaging.messages import attachment_name
from spapi_messaging.redaction import printable

_SHOWN = 10
_INDENT = "    "
_LEAST = 20
_TAB = 4


@attrs.define
class Samples:
    """Keeps the first message of each action and language, in the order of the file."""

    _first: dict[tuple[str, str | None], tuple[int, Rehearsed]] = attrs.field(
        factory=dict, init=False
    )

    def see(self, number: int, message: Rehearsed) -> None:
        """Take the message of a job of a number; they come in any order."""
        about = (message.operation, message.language)
        first = self._first.get(about)
        if first is None or number < first[0]:
            self._first[about] = (number, message)

    def lines(self, width: int) -> Iterator[str]:
        """Return what is to be shown of them in so many columns."""
        in_order = sorted(self._first.values(), key=lambda kept: kept[0])
        for _, message in in_order[:_SHOWN]:
            yield ""
            yield from wrapped(_heading(message), width, "  ")
            yield from _as_read(message, width)
        if len(in_order) > _SHOWN:
            yield ""
            yield f"… and {len(in_order) - _SHOWN} more actions and languages"


def _heading(message: Rehearsed) -> str:
    language = f" in {message.language}" if message.language else ""
    names = ", ".join(map(attachment_name, message.message.attached))
    files = f", with {names}" if names else ""
    return f"The first {message.message.segment}{language}, to order {message.order_id}{files}:"


def _as_read(message: Rehearsed, width: int) -> Iterator[str]:
    text = message.message.text_or_none
    if text is None:
        yield f"{_INDENT}(it has no text)"
        return
    for line in str(text).replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        yield from (
            f"{_INDENT}{part}".rstrip()
            for part in _folded(line.expandtabs(_TAB), width - len(_INDENT))
        )


def _folded(line: str, width: int) -> Iterator[str]:
    """Fold a line of a text by what it takes on a screen, where a letter may take two columns."""
    width = max(width, _LEAST)
    shown = printable(line)
    if cell_len(shown) <= width:
        yield shown
        return
    yield from (part.plain.rstrip() for part in Text(shown).wrap(Console(width=width), width))
