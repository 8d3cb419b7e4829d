"""Bytes to objects and back; the only module that knows cattrs and camelCase.

What goes out is a message's body as JSON; what comes in is decoded and taken at its word, and
what is not what it must be is a DecodeError that says where.
"""

import codecs
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from spapi_messaging.api.operations import UPLOAD_DESTINATION
from spapi_messaging.errors import DecodeError, InvalidMessageError
from spapi_messaging.messages import MESSAGE_TYPES, Attachment, Message
from spapi_messaging.redaction import cut, printable

if TYPE_CHECKING:
    from cattrs import Converter

T = TypeVar("T")

_MAX_SHOWN = 500  # of Amazon's words that people read

_SNAKE = re.compile(r"(?<=\.)[a-z]+(_[a-z]+)+")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def _shown(words: str) -> str:
    return cut(words, _MAX_SHOWN)


@attrs.frozen
class Buyer:
    """What Amazon tells about a buyer: the language of preference, such as ``en-US``."""

    locale: str | None = attrs.field(default=None, converter=attrs.converters.optional(_shown))


@attrs.frozen
class OrderAttributes:
    """The answer of GetAttributes."""

    buyer: Buyer = Buyer()


@attrs.frozen
class UploadDestination:
    """Where to PUT a file, and with which headers. The URL is a secret: it carries a signature."""

    upload_destination_id: str
    url: str = attrs.field(repr=False)
    headers: dict[str, str] | None = attrs.field(default=None, repr=False)


@attrs.frozen
class _UploadAnswer:
    payload: UploadDestination


@attrs.frozen
class AccessToken:
    """An access token and the seconds it is good for."""

    access_token: str = attrs.field(repr=False)
    expires_in: float = 3600


@attrs.frozen
class TokenRefusal:
    """Why Login with Amazon gave no token, as in RFC 6749 §5.2."""

    error: str = attrs.field(default="unknown_error", converter=_shown)
    error_description: str = attrs.field(default="", converter=_shown)


_OAUTH = (AccessToken, TokenRefusal)
"""These have OAuth's own names, RFC 6749."""
_ANSWERS = frozenset({Buyer, OrderAttributes, UploadDestination, _UploadAnswer, *_OAUTH})
_SENT = frozenset({Attachment, *MESSAGE_TYPES})


def camel(name: str) -> str:
    """Return the wire name of a field: ``file_name`` is ``fileName``."""
    head, *tail = name.split("_")
    return head + "".join(map(str.capitalize, tail))


@lru_cache(maxsize=1)  # made when it is first needed: a seventh of what an import would take
def _converter() -> "Converter":
    import cattrs
    from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn

    # Amazon's answers are taken at their word: a number does not pass for a string.
    converter = cattrs.Converter(detailed_validation=True)
    for kind in (str, float):
        converter.register_structure_hook(kind, _exactly)
    converter.register_unstructure_hook(datetime, datetime.isoformat)
    converter.register_structure_hook_factory(
        _ANSWERS.__contains__,
        lambda kind: _from_object(make_dict_structure_fn(kind, converter, **_wire_names(kind))),
    )
    converter.register_unstructure_hook_factory(
        _SENT.__contains__,
        lambda kind: make_dict_unstructure_fn(
            kind, converter, _cattrs_omit_if_default=True, **_wire_names(kind)
        ),
    )
    return converter


def _wire_names(kind: type[attrs.AttrsInstance]) -> dict[str, Any]:
    from cattrs.gen import override

    if kind in _OAUTH:
        return {}
    return {field.name: override(rename=camel(field.name)) for field in attrs.fields(kind)}


def _from_object(structured: Callable[[Mapping[str, Any], Any], T]) -> Callable[[Any, Any], T]:
    def checked(value: Any, kind: Any) -> T:
        if not isinstance(value, Mapping):
            raise TypeError(f"{type(value).__name__} instead of an object")
        return structured(value, kind)

    return checked


def _exactly(value: Any, kind: type) -> Any:
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return value
    if not isinstance(value, kind):
        raise TypeError(f"{type(value).__name__} instead of {kind.__name__}")
    return value


# One for all: json.dumps with other than its defaults makes one each time.
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


@lru_cache(maxsize=64)
def _writer_of(kind: Any) -> Callable[[Message], dict[str, Any]]:
    return _converter().get_unstructure_hook(kind)


def body_of(message: Message, attachments: Sequence[Attachment]) -> dict[str, Any]:
    """Return a message's body in wire names, with ``attachments`` in place of its own."""
    kind: Any = type(message)  # mypy takes no class with a hash of its own for hashable
    body: dict[str, Any] = _writer_of(kind)(message)
    if attachments:
        body["attachments"] = _converter().unstructure(list(attachments))
    return body


def plain_body(values: Mapping[str, Any], attachments: Sequence[Attachment]) -> dict[str, Any]:
    """Return the body of an action without a type: its values, with ``attachments`` in place.

    Raises InvalidMessageError for values that are nested too deep.
    """
    try:
        body: dict[str, Any] = _converter().unstructure(dict(values))
    except RecursionError:
        raise InvalidMessageError("the body", ("it is nested too deep",)) from None
    if attachments:
        body["attachments"] = _converter().unstructure(list(attachments))
    return body


def encode(body: Mapping[str, Any]) -> bytes:
    """Encode a body as UTF-8 JSON; raises InvalidMessageError for what has no form in it."""
    try:
        return (_quick_encoded(body) or _ENCODER.encode(body)).encode()
    except (TypeError, ValueError, RecursionError) as error:
        fault = f"a value has no form in JSON ({type(error).__name__})"
    raise InvalidMessageError("the body", (fault,))


def _quick_encoded(body: Mapping[str, Any]) -> str | None:
    """Encode a body that is nothing but a text, as most are: no encoder is made for it."""
    text = body.get("text")
    return f'{{"text":{encode_basestring(text)}}}' if len(body) == 1 and type(text) is str else None


@lru_cache(maxsize=1)
def _fast_loads() -> Callable[[bytes], Any] | None:
    """Return orjson's reader, where the extra ``speed`` is installed."""
    try:
        import orjson
    except ImportError:
        return None
    return orjson.loads


def decode(body: bytes) -> Any:
    """Decode JSON; raises ValueError for everything that is not.

    A lone surrogate is not: it has no form in UTF-8, and no log or journal could hold it.
    """
    fast = _fast_loads()
    if fast is None:
        return _slow_loads(body)
    try:
        return fast(body)
    except ValueError:  # json judges what orjson does not take: a BOM, NaN, deep nests
        return _slow_loads(body)


def _slow_loads(body: bytes) -> Any:
    try:
        value = json.loads(
            body.decode("utf-8-sig" if body.startswith(codecs.BOM_UTF8) else "utf-8")
        )
    except RecursionError:
        raise ValueError("nested too deep") from None
    if b"\\u" in body and _SURROGATE.search(body):  # the first is fast, and says no
        json.dumps(value, ensure_ascii=False).encode()
    return value


def decode_answer(body: bytes, *, operation: str, order_id: str | None = None) -> Any:
    """Decode the JSON of an answer; raises DecodeError."""
    try:
        return decode(body)
    except ValueError:
        fault = f"{len(body)} bytes that are not JSON"
        raise DecodeError(operation, "the body", fault, order_id) from None


def structure(body: bytes, kind: type[T], *, operation: str, order_id: str | None = None) -> T:
    """Decode an answer into ``kind``; raises DecodeError with the path of the first fault."""
    value = decode_answer(body, operation=operation, order_id=order_id)
    if not isinstance(value, dict):
        raise DecodeError(operation, "$", f"a JSON {type(value).__name__}", order_id)
    try:
        return _converter().structure(value, kind)
    except Exception as error:  # noqa: BLE001  # cattrs raises whatever its hooks raise
        path, fault = _first_fault(error)
    if kind not in _OAUTH:
        path = _SNAKE.sub(lambda name: camel(name[0]), path)
    raise DecodeError(operation, printable(path), printable(fault), order_id)


def _first_fault(error: BaseException) -> tuple[str, str]:
    # transform_error words each fault as "what it is @ $.path.to.it"
    from cattrs import transform_error

    fault, _, path = transform_error(error, format_exception=_word)[0].rpartition(" @ ")
    return path, fault


def _word(error: BaseException, _kind: type | None) -> str:
    # The text of other exceptions may quote the answer, which may hold secrets.
    if isinstance(error, KeyError):
        return "nothing"
    return str(error) if isinstance(error, TypeError) else "something unexpected"


def access_token(body: bytes) -> AccessToken:
    """Decode the answer of Login with Amazon to a refresh."""
    return structure(body, AccessToken, operation="Login with Amazon")


def token_refusal(body: bytes) -> TokenRefusal:
    """Decode why Login with Amazon gave no token; an unreadable reason is ``unknown_error``."""
    try:
        return structure(body, TokenRefusal, operation="Login with Amazon")
    except DecodeError:
        return TokenRefusal()


def upload_destination(body: bytes, *, order_id: str) -> UploadDestination:
    """Decode the answer of createUploadDestinationForResource."""
    operation = UPLOAD_DESTINATION
    return structure(body, _UploadAnswer, operation=operation, order_id=order_id).payload
