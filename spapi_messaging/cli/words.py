"""The words that people read, the same wherever they look.

An action has one name, its path segment (``warranty``), in whatever name of Amazon's an error or a
journal has it. What became of a message has the name of its outcome, and why has a sentence:
names of classes are for programs.
"""

import copy
from collections.abc import Iterator

from spapi_messaging.api import DISCOVERY, UPLOAD_DESTINATION, operation_of
from spapi_messaging.bulk import (
    InDoubt,
    NotSent,
    Outcome,
    Refused,
    Sent,
    Skipped,
    reason_in_words,
)
from spapi_messaging.errors import ActionNotOfferedError, MessagingError
from spapi_messaging.messages import MESSAGE_TYPES

OUTCOME_NAMES = {
    Sent: "sent",
    Refused: "refused",
    NotSent: "not sent",
    InDoubt: "in doubt",
    Skipped: "skipped",
}
_STATE_NAMES = {"sending": "in doubt"}
_REQUESTS = {
    DISCOVERY.name: "asking what it permits",
    UPLOAD_DESTINATION: "asking for an upload destination",
}
_CLASSES = {kind.__name__: kind.segment for kind in MESSAGE_TYPES}


def action_name(name: str) -> str:
    """Return the name that people know an action by, of any that Amazon has for it."""
    known = operation_of(name)
    return known.message_type.segment if known and known.message_type else name


def state_name(state: str) -> str:
    """Return the outcome's name for a journal's state: what is being sent is in doubt."""
    return _STATE_NAMES.get(state, state)


def told(error: MessagingError) -> str:
    """Say an error in these words, with its order."""
    said = copy.copy(error)
    for name, value in _renamed(error):
        setattr(said, name, value)
    return str(said)


def _renamed(error: MessagingError) -> Iterator[tuple[str, object]]:
    for name in ("operation", "action", "subject"):
        value = getattr(error, name, None)
        if isinstance(value, str):
            yield name, _REQUESTS.get(value) or _CLASSES.get(value) or action_name(value)
    if isinstance(error, ActionNotOfferedError):
        yield "offered", tuple(map(action_name, error.offered))


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
