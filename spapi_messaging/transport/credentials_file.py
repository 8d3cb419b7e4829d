"""What a file of credentials says: TOML, for one seller or for many."""

import re
import tomllib
from itertools import accumulate
from typing import Any

_MAX_NESTED = 32
"""Brackets within brackets; a file of credentials has a table for each seller, and needs one."""
_NO_BRACKETS = re.compile(r'"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*')
_BRACKETS = re.compile(r"[\[\]{}]")


def read_toml(text: str) -> dict[str, Any]:
    """Read TOML; raises TOMLDecodeError for what is none, ValueError for what cannot be read.

    The parser calls itself at each bracket. One without end would take it to Python's limit, where
    whatever the garbage collector finishes just then fails as well, and says so.
    """
    brackets = _BRACKETS.findall(_NO_BRACKETS.sub("", text))
    if max(accumulate(1 if one in "[{" else -1 for one in brackets), default=0) > _MAX_NESTED:
        raise ValueError("nested too deep")
    return tomllib.loads(text)
