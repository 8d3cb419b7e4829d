"""The text of a job as JSON has it: a string, or an object that has it in several languages."""

from typing import Any

from spapi_messaging.cli.jobfile.records import Values
from spapi_messaging.errors import InvalidMessageError
from spapi_messaging.messages import LocalizedText
from spapi_messaging.orderfile import json_kind

_STAND_IN = "-"
"""Stands for a text that has its fault already, so that the rest can be judged."""


def read_text(given: Values, faults: list[str]) -> None:
    """Put one text in the place of an object, and add to the faults."""
    default, text = given.pop("default_language", None), given.get("text")
    if isinstance(text, dict):
        given["text"] = _in_languages(text, default, faults)
    elif default is not None:
        faults.append("default_language is for a text in several languages")
    if text is not None and not isinstance(text, dict | str | LocalizedText):
        wanted = 'a string, or an object of languages as {"de": "…"}'
        faults.append(f"text must be {wanted}, not {json_kind(text)}")
        given["text"] = _STAND_IN


def _in_languages(text: dict[str, Any], default: Any, faults: list[str]) -> LocalizedText | str:
    others = {tag: value for tag, value in text.items() if not isinstance(value, str)}
    if others:
        kinds = ", ".join(dict.fromkeys(map(json_kind, others.values())))
        faults.append(f"text: the text in each language must be a string, not {kinds}")
        return _STAND_IN
    if not text:
        faults.append('text: it needs a text in at least one language, as {"de": "…"}')
        return _STAND_IN
    try:
        return LocalizedText(text, default=default)
    except InvalidMessageError as error:
        faults += [f"text: {fault}" for fault in error.faults]
        return _STAND_IN
