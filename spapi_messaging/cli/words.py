"""The words that people read, the same wherever they look.

An action has one name, its path segment (``warranty``), in whatever name of Amazon's an error or a
journal has it. What became of a message has the name of its outcome, and why has a sentence:
names of classes are for programs.
"""

import copy
import os
import shlex
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from spapi_messaging.api import ATTRIBUTES, DISCOVERY, UPLOAD_DESTINATION, operation_of
from spapi_messaging.bulk import (
    InDoubt,
    NotSent,
    Outcome,
    Refused,
    Sent,
    Skipped,
    answer_in_words,
    failure_in_words,
    reason_in_words,
)
from spapi_messaging.errors import (
    ActionNotOfferedError,
    ApiError,
    AuthorizationError,
    DecodeError,
    InDoubtError,
    MessagingError,
    NotSentError,
    UploadError,
)
from spapi_messaging.messages import MESSAGE_TYPES

OUTCOME_NAMES = {
    Sent: "sent",
    Refused: "refused",
    NotSent: "not sent",
    InDoubt: "in doubt",
    Skipped: "skipped",
}
_STATE_NAMES = {"sending": OUTCOME_NAMES[InDoubt]}
NO_ANSWER = "the run ended before an answer came"
"""Why something is in doubt of which nothing else is written down."""
_REQUESTS = {
    DISCOVERY.name: "asking what it permits",
    UPLOAD_DESTINATION: "asking for an upload destination",
}
_IN_BETWEEN = "a proxy or a login page of the network may have answered in its place"
_CLASSES = {kind.__name__: kind.segment for kind in MESSAGE_TYPES}


def action_name(name: str) -> str:
    """Return the name that people know an action by, of any that Amazon has for it."""
    known = operation_of(name)
    return known.message_type.segment if known and known.message_type else name


def state_name(state: str) -> str:
    """Return the outcome's name for a journal's state: what is being sent is in doubt."""
    return _STATE_NAMES.get(state, state)


def counted(count: int, one: str, several: str | None = None) -> str:
    """Write a number with its noun: 1 message, 1,200 messages."""
    return f"{count:,} {one if count == 1 else several or f'{one}s'}"


def counted_doubts(count: int) -> str:
    """Say how many are in doubt, and what that means."""
    buyers = "the buyer may" if count == 1 else "the buyers may"
    return f"{count:,} in doubt: {buyers} have the message, or not"


def path_word(path: Path) -> str:
    """Return a path as a word of a command line that is taken for no option."""
    return f"{os.curdir}{os.sep}{path}" if str(path).startswith("-") else str(path)


def quoted(words: list[str]) -> str:
    """Join words for the shell of this system."""
    if os.name == "nt":
        return subprocess.list2cmdline(words)
    return " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    if word.isprintable():
        return shlex.quote(word)
    # A line break, or bytes that are no UTF-8: bash, zsh and ksh have a way to write them.
    escaped = (rf"\x{byte:02x}" for byte in os.fsencode(word))
    return f"$'{''.join(escaped)}'"


def told(error: MessagingError) -> str:
    """Say an error in these words, with its order."""
    if isinstance(error, ApiError):
        order = f"Order {error.order_id}: " if error.order_id else ""
        return f"{order}{answer_in_words(error)}.{f' {error.advice}' if error.advice else ''}"
    if isinstance(error, DecodeError):
        order = f"Order {error.order_id}: " if error.order_id else ""
        return f"{order}{reason_in_words(DecodeError.__name__)}; {_IN_BETWEEN}."
    said = copy.copy(error)
    for name, value in _renamed(error):
        setattr(said, name, value)
    return str(said)


def messages_of(offered: Iterable[str]) -> tuple[str, ...]:
    """Return the names of what an order offers; `attributes` is asked, and is no action."""
    return tuple(action_name(name) for name in offered if operation_of(name) is not ATTRIBUTES)


def _renamed(error: MessagingError) -> Iterator[tuple[str, object]]:
    for name in ("operation", "action", "subject"):
        value = getattr(error, name, None)
        if isinstance(value, str):
            yield name, _REQUESTS.get(value) or _CLASSES.get(value) or action_name(value)
    match error:
        case NotSentError(cause=cause) | InDoubtError(cause=cause):
            yield "cause", failure_in_words(cause)
        case AuthorizationError(error="unreachable", description=failure):
            yield "description", failure_in_words(failure)
        case UploadError(fault=fault):
            fault = fault.replace(UPLOAD_DESTINATION, _REQUESTS[UPLOAD_DESTINATION])
            yield "fault", failure_in_words(fault) if " failed (" in fault else fault
    if isinstance(error, ActionNotOfferedError):
        yield "offered", messages_of(error.offered)


def reason_of(outcome: Outcome) -> str | None:
    """Say why a message was not simply sent."""
    match outcome:
        case Refused(error=error) | NotSent(error=error) | InDoubt(error=error):
            return told(error)
        case Skipped(state="repeated"):
            return "an equal job of this run came before"
        case Skipped(state=state):
            why = outcome.evidence or (outcome.reason and reason_in_words(outcome.reason))
            other = " with other content" if outcome.changed else ""
            return f"{state} before{other}{f': {why}' if why else ''}"
        case _:
            return None
