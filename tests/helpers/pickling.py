"""A value as it comes back from pickle: from another process, a queue, or a log handler."""

import pickle
from typing import TypeVar

T = TypeVar("T")


def pickled(value: T, protocol: int | None = None) -> T:
    """Return the value's twin."""
    twin: T = pickle.loads(pickle.dumps(value, protocol))  # noqa: S301  # these bytes are our own
    return twin
