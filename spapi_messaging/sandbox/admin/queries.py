"""What a request to the sandbox's own API asks for: the parameters of its query, its numbers."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from spapi_messaging.sandbox.validation import WrongValueError

MAX_LIMIT = 200
MAX_DIGITS = 15
"""Of a number in a path or a query; a longer one costs time to read and names nothing."""


class RefusedError(Exception):
    """A request is not carried out; ``sentence`` says why. It never leaves this API."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(status, sentence)
        self.status, self.sentence = status, sentence


def parameters(query: str, known: set[str]) -> dict[str, str]:
    """Read a query; parameters without a value are left out."""
    try:
        given = parse_qs(query, keep_blank_values=True, max_num_fields=20)
    except ValueError as wrong:
        raise WrongValueError("The query has too many parameters.") from wrong
    for name, values in given.items():
        if name not in known:
            raise WrongValueError(f"{name} is unknown; there is {', '.join(sorted(known))}")
        if len(values) > 1:
            raise WrongValueError(f"{name} is there twice")
    return {name: values[0] for name, values in given.items() if values[0]}


def window(given: Mapping[str, str], limit: int) -> dict[str, Any]:
    """Return what part of a list is asked for."""
    before = given.get("before")
    return {
        "after": number(given.get("after", "0"), "after"),
        "before": None if before is None else number(before, "before"),
        "limit": limit_of(given, limit),
    }


def limit_of(given: Mapping[str, str], limit: int) -> int:
    """Return how many things are asked for."""
    wanted = number(given.get("limit", str(limit)), "limit")
    if not 1 <= wanted <= MAX_LIMIT:
        raise WrongValueError(f"limit must be a whole number from 1 to {MAX_LIMIT}")
    return wanted


def number(text: str, where: str) -> int:
    """Read a whole number."""
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS):
        raise WrongValueError(f"{where} must be a whole number")
    return int(text)
