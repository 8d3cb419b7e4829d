"""What is wrong with the rows of a file, as people read it: equal faults once, with their lines.

A wrong column is wrong in every row. So a fault's sentence has no line number in it, and rows
with the same one are told together: "lines 2-21: no action is called …". Memory stays bounded,
whatever a file is: the first kinds of faults are kept with their first lines, all are counted.
"""

from collections.abc import Iterator

import attrs

MAX_KINDS = 20
MAX_RANGES = 8


@attrs.frozen
class Fault:
    """What is wrong with some rows: ``lines`` as in "2, 5 and 9", ``count`` of them, ``reason``."""

    lines: str
    count: int
    reason: str

    def __str__(self) -> str:
        return f"line{'s' if self.count > 1 else ''} {self.lines}: {self.reason}"


@attrs.define
class _Kind:
    ranges: list[tuple[int, int]] = attrs.field(factory=list)
    count: int = 0
    shown: int = 0

    def add(self, line: int, last: int) -> None:
        self.count += 1
        if self.ranges and self.ranges[-1][1] + 1 == line:
            self.ranges[-1] = (self.ranges[-1][0], last)
        elif len(self.ranges) < MAX_RANGES:
            self.ranges.append((line, last))
        else:
            return
        self.shown += 1

    def lines(self) -> str:
        ranges = [str(a) if a == b else f"{a}\N{EN DASH}{b}" for a, b in self.ranges]
        if self.count > self.shown:
            return f"{', '.join(ranges)} and {self.count - self.shown} more"
        return " and ".join(filter(None, (", ".join(ranges[:-1]), ranges[-1])))


@attrs.define
class Faults:
    """Collects faults in the order of their lines; ``count`` has all rows that have one."""

    count: int = attrs.field(default=0, init=False)
    _kinds: dict[str, _Kind] = attrs.field(factory=dict, init=False)
    _untold: int = attrs.field(default=0, init=False)

    def add(self, line: int, reason: str, *, last: int | None = None) -> None:
        """Take a fault of the record on a line, or on the lines to ``last``."""
        self.count += 1
        kind = self._kinds.get(reason)
        if kind is None:
            if len(self._kinds) == MAX_KINDS:
                self._untold += 1
                return
            kind = self._kinds[str(reason)] = _Kind()
        kind.add(line, last or line)

    def __iter__(self) -> Iterator[Fault]:
        """Iterate over the kinds of faults that are kept, in the order of their first lines."""
        for reason, kind in self._kinds.items():
            yield Fault(kind.lines(), kind.count, reason)

    def lines(self) -> Iterator[str]:
        """Return what is to be said of them, a line for each kind."""
        yield from map(str, self)
        if self._untold:
            yield f"… and {self._untold} more faults, of other kinds"
