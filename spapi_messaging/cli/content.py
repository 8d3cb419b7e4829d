"""What is to be said of texts, shown where it stands with a caret."""

import unicodedata
from collections import Counter
from collections.abc import Iterator

import attrs
from rich.cells import cell_len

from spapi_messaging.bulk import Job, found_in, is_serious
from spapi_messaging.content import ContentWarning
from spapi_messaging.messages import Message

_SHOWN = 20
_AROUND = 30
"""Characters that are shown on either side of a place."""


@attrs.define
class Places:
    """Collects what is found in texts, each kind of it once, and at the most 20."""

    counts: Counter[str] = attrs.field(factory=Counter, init=False)
    _kept: dict[tuple[str, str], tuple[str, str, ContentWarning]] = attrs.field(
        factory=dict, init=False
    )

    def look(
        self, where: str, message: Message, job: Job | None = None, *, order_id: str | None = None
    ) -> bool:
        """Look at a message; say whether a serious warning was found."""
        found = list(found_in(message, job, order_id=order_id))
        if not found:
            return False
        self.counts.update({one.code for _, one in found})
        for text, one in found:
            key = (one.code, text[one.start : one.end])
            if len(self._kept) < _SHOWN:
                self._kept.setdefault(key, (where, text, one))
        return any(is_serious(one) for _, one in found)

    def lines(self) -> Iterator[str]:
        """Return the lines that show what was found, three for each place."""
        for where, text, one in self._kept.values():
            yield f"{where}{one.message} ({one.code})"
            yield from caret(text, one)
        if len(self._kept) > 1 or self.counts.total() > 1:
            counted = ", ".join(f"{code} in {n}" for code, n in sorted(self.counts.items()))
            yield f"texts with warnings: {counted}"


def caret(text: str, warning: ContentWarning) -> Iterator[str]:
    """Return the line of a text that a warning is about, and one that points to the place.

    What nobody sees is shown as a middle dot, so that the place can be seen.
    """
    begin = text.rfind("\n", 0, warning.start) + 1
    begin = max(begin, warning.start - _AROUND)
    stop = text.find("\n", warning.start)
    stop = len(text) if stop < 0 else stop
    end = max(min(warning.end, stop), warning.start)
    before, place, after = (
        _visible(part)
        for part in (
            text[begin : warning.start],
            text[warning.start : end],
            text[end : min(stop, end + _AROUND)],
        )
    )
    if len(place) > 2 * _AROUND:
        place, after = f"{place[: 2 * _AROUND]}…", ""
    yield f"    {before}{place}{after}"
    yield f"    {' ' * cell_len(before)}{'^' * max(cell_len(place), 1)}"


def _visible(text: str) -> str:
    return "".join("·" if unicodedata.category(c)[0] in "CZ" and c != " " else c for c in text)
