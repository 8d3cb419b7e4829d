"""Finds messages by words, as the inbox's search field takes them.

The words may stand in any order and all have to match, in any letter case: in the text, the order
id, the names of the action and its operation, the request id or a file's name. ``"the parcel"``
is a phrase. ``action:warranty``, ``order:903-`` and ``has:attachment`` look in one place; any
other prefix is part of a word. Which messages are unread is known to each page alone: it takes
``is:unread`` out of what it asks for here.
"""

import asyncio
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice

from spapi_messaging.sandbox.api.orders import segment_of
from spapi_messaging.sandbox.api.records import AcceptedMessage
from spapi_messaging.sandbox.validation import WrongValueError

SLICE = 250
"""Messages that a search reads in one go."""
MAX_WORDS = 30
"""Of one search: each is looked for in every message."""
MIN_OF_ID = 8
"""Characters of a request id; fewer are found in many by chance."""

Test = Callable[[AcceptedMessage], bool]

_WORD = re.compile(r'(?:(?P<prefix>[a-z]+):)?(?:"(?P<phrase>[^"]*)"?|(?P<word>\S*))', re.IGNORECASE)


async def search(
    newest_first: Iterable[AcceptedMessage],
    wanted: Test,
    *,
    after: int,
    before: int | None,
    limit: int,
) -> tuple[list[AcceptedMessage], bool, int]:
    """Find messages: one page of them, whether there are more, and how many match at all."""
    found: list[AcceptedMessage] = []
    total, more, rest = 0, False, iter(newest_first)
    while chunk := list(islice(rest, SLICE)):
        for message in filter(wanted, chunk):
            total += 1
            if message.seq <= after or (before is not None and message.seq >= before):
                continue
            if len(found) < limit:
                found.append(message)
            else:
                more = True
        await asyncio.sleep(0)
    return found, more, total


def matcher(query: str) -> Test:
    """Make a test whether a message has all these words."""
    needles: list[str] = []
    tests: list[Test] = []
    for prefix, value in _words(query):
        known = _PREFIXES.get(prefix)
        test = known(value) if known else None
        if test:
            tests.append(test)
        else:
            needles.append(f"{prefix}:{value}" if prefix else value)
    if len(needles) + len(tests) > MAX_WORDS:
        raise WrongValueError(f"query must have at most {MAX_WORDS} words")
    if needles:
        tests.append(_has(needles))
    return tests[0] if len(tests) == 1 else lambda message: all(test(message) for test in tests)


def _words(query: str) -> Iterator[tuple[str, str]]:
    for match in _WORD.finditer(query):
        prefix, phrase, word = match.group("prefix", "phrase", "word")
        prefix, value = (prefix or "").casefold(), (word if phrase is None else phrase).casefold()
        if value or (prefix and prefix not in _PREFIXES):
            yield prefix, value


def _has(needles: Sequence[str]) -> Test:
    def test(message: AcceptedMessage) -> bool:
        said = message.body.get("text")
        text = said.casefold() if isinstance(said, str) else ""
        for needle in needles:
            if needle not in text and not _is_known_by(message, needle):
                return False
        return True

    return test


def _is_known_by(message: AcceptedMessage, needle: str) -> bool:
    return (
        needle in message.order_id.casefold()
        or needle in _action_names(message.action, message.operation)
        or (len(needle) >= MIN_OF_ID and needle in message.request_id)
        or any(needle in item.name.casefold() for item in message.attachments)
    )


@lru_cache(maxsize=512)
def _action_names(action: str, operation: str) -> str:
    return "\n".join((segment_of(action), action, operation)).casefold()


def _by_action(value: str) -> Test:
    return lambda message: value in _action_names(message.action, message.operation)


def _by_order(value: str) -> Test:
    return lambda message: value in message.order_id.casefold()


def _by_possession(value: str) -> Test | None:
    if value not in {"attachment", "attachments"}:
        return None
    return lambda message: bool(message.attachments)


_PREFIXES: dict[str, Callable[[str], Test | None]] = {
    "action": _by_action,
    "order": _by_order,
    "has": _by_possession,
}
