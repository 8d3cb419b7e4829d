"""Orders of other marketplaces than the one that was given for the whole file."""

from collections import Counter
from collections.abc import Iterator
from typing import Self

import attrs

from spapi_messaging.bulk import Job
from spapi_messaging.cli.settings import marketplace_of
from spapi_messaging.marketplaces import Marketplace


@attrs.define
class Elsewhere:
    """Counts jobs whose own marketplace, which counts, is not the ``meant`` one."""

    meant: Marketplace | None
    _found: Counter[str] = attrs.field(factory=Counter, init=False)

    @classmethod
    def than(cls, option: str | None) -> Self:
        """Begin, with what ``--marketplace`` has."""
        return cls(None if option is None else marketplace_of(option))

    def see(self, job: Job) -> None:
        """Take a job."""
        if self.meant is not None and job.marketplace not in (None, self.meant):
            self._found[job.marketplace.name] += 1

    def lines(self) -> Iterator[str]:
        """Return what is to be said, if something is."""
        if self.meant is None or not self._found:
            return
        others = ", ".join(f"{count:,} of {name}" for name, count in sorted(self._found.items()))
        yield f"note: by the file, which counts, these are not of {self.meant.name}: {others}"
