"""The names of operations and actions, in every spelling that means one of them.

Whoever orders something of the sandbox names it as they know it: an operation of the model, the
last segment of its path, the name an order offers it by; in any letter case, with hyphens or
underscores. A name that means nothing is refused with what there is, for what is ordered under
it would have no effect and nobody would see why.
"""

import re
from collections.abc import Iterable, Mapping
from itertools import islice

from spapi_messaging.api import ATTRIBUTES, OPERATIONS, SCHEMA, UPLOAD_DESTINATION
from spapi_messaging.sandbox.api.catalog import DEFAULT_ACTIONS

TOKEN, PUT_UPLOAD, UNKNOWN = "token", "putUpload", "unknown"
"""The sandbox's names for a token request, the PUT of a file, and a path that is nothing."""

_FORM = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_MOST_LISTED, _MAX_SHOWN = 60, 80
_OWN_OPERATIONS = (*OPERATIONS, SCHEMA, UPLOAD_DESTINATION, TOKEN, PUT_UPLOAD)


def _fold(name: str) -> str:
    return re.sub(r"[-_ ]", "", name).casefold()


def _tables() -> tuple[dict[str, str], dict[str, str]]:
    operations = {_fold(name): name for name in _OWN_OPERATIONS}
    actions = {_fold(ATTRIBUTES.name): "attributes", "attributes": "attributes"}
    operations["attributes"] = ATTRIBUTES.name
    for operation in OPERATIONS.values():
        if operation.message_type is None:
            continue
        segment, aliases = operation.message_type.segment, operation.message_type.aliases
        for name in (operation.name, segment, *aliases):
            operations[_fold(name)] = operation.name
            actions[_fold(name)] = name if name in {*aliases, *DEFAULT_ACTIONS} else segment
    return operations, actions


_OPERATIONS, _ACTIONS = _tables()
KNOWN_ACTIONS = tuple(dict.fromkeys(_ACTIONS.values()))
"""The names that the documented actions are offered by."""
_AS_IT_IS = frozenset(KNOWN_ACTIONS)


class UnknownNameError(ValueError):
    """A name means none of the things there are; the message lists them."""


def operation_named(name: object, custom: Iterable[str] = ()) -> str:
    """Return the operation that a name means; ``custom`` are the actions that orders added."""
    found = _found(name, _OPERATIONS, custom)
    if found is None:
        raise UnknownNameError(_sentence("operation", name, (*_OWN_OPERATIONS, *custom)))
    return found


def action_named(name: object, custom: Iterable[str] = ()) -> str:
    """Return the name that orders offer an action by; ``custom`` are names of the order's own."""
    if isinstance(name, str) and name in _AS_IT_IS:
        return name
    found = _found(name, _ACTIONS, custom)
    if found is None:
        listed = _sentence("action", name, (*KNOWN_ACTIONS, *custom))
        raise UnknownNameError(f"{listed} (an order declares others in custom)")
    return found


def shown_name(operation: str) -> str:
    """Return what people call an operation: an action by its path segment, another by its name."""
    known = OPERATIONS.get(operation)
    return known.message_type.segment if known and known.message_type else operation


def is_new_action(name: object) -> bool:
    """Say whether a name may be that of an action which no model has."""
    return isinstance(name, str) and bool(_FORM.fullmatch(name)) and _fold(name) not in _ACTIONS


def _found(name: object, table: Mapping[str, str], custom: Iterable[str]) -> str | None:
    if not isinstance(name, str):
        return None
    return name if name in custom else table.get(_fold(name))


def _sentence(kind: str, name: object, known: Iterable[str]) -> str:
    shown = repr(name)
    shown = shown if len(shown) <= _MAX_SHOWN else f"{shown[:_MAX_SHOWN]}…"
    names = ", ".join(islice(dict.fromkeys(known), _MOST_LISTED))
    return f"no {kind} is called {shown}; there is {names}"
