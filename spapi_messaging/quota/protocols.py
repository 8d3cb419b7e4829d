"""What a request needs of the limiter of its seller's operation, whoever made it."""

from typing import Protocol

from spapi_messaging.quota.plan import Quota

__all__ = ["Limiter", "Limits"]


class Limiter(Protocol):
    """What a request needs of the limiter of its seller's operation.

    Each turn that is taken is followed by one `answered`, whatever became of the request, and
    after an answer by `publish`, unless its ``is_shared`` is False. A context manager would see to
    it, but it adds 0.9 to the 3.1 microseconds of these calls, and more calls to each request
    than `tests/test_cost.py` allows.
    """

    @property
    def quota(self) -> Quota:
        """The quota in force."""
        ...

    def take(self) -> bool:
        """Take a turn if there is one at hand, as `acquire` does; never waits.

        Of a limiter of the user's own that has not both this and `wait`, `acquire` alone is asked.
        """
        ...

    async def wait(self, *, first: bool = False) -> float:
        """Wait for a turn where none was at hand, as `acquire` does; return the seconds."""
        ...

    async def acquire(self, *, first: bool = False) -> float:
        """Wait for leave to send one request; return the seconds it took."""
        ...

    async def renew(self, taken_at: float) -> float:
        """Exchange a turn that is too old for another; return the seconds it took.

        ``taken_at``: when `acquire` or this returned, by the loop's clock. It is still one turn,
        and one `answered`. Of a limiter of the user's own that has no such method it is not asked.
        """
        ...

    def answered(
        self,
        *,
        succeeded: bool = False,
        throttled: bool = False,
        repeated: bool = False,
        announced: str | None = None,
    ) -> None:
        """Report what became of a request; ``repeated``: it was throttled before, too."""
        ...

    async def publish(self) -> None:
        """Tell other processes what the answers changed; raises nothing."""
        ...


class Limits(Protocol):
    """The limiters of all sellers and operations, of one process or shared by many."""

    def limiter(self, account: str, operation: str) -> Limiter:
        """Return the limiter of a seller's operation: always the same one."""
        ...
