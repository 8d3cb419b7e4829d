"""The error tree: its shape, its words, and that it survives pickling."""

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from helpers.pickling import pickled

from spapi_messaging import errors
from spapi_messaging.api import message_from, wire
from spapi_messaging.api.endpoint import Endpoint
from spapi_messaging.api.operations import check_order_id
from spapi_messaging.api.schema import ActionSchema
from spapi_messaging.messages.message import ConfirmDeliveryDetails, Warranty

ORDER = "903-1671087-0812628"
SECRET = "Atzr|hunter2"

# name: (bases, arguments, what its text must say)
TREE: dict[str, tuple[set[str], tuple[object, ...], tuple[str, ...]]] = {
    "InvalidMessageError": (
        {"MessagingError", "ValueError"},
        ("Warranty", ("first fault", "second fault"), ORDER),
        (ORDER, "Warranty is invalid", "first fault; second fault"),
    ),
    "OrderFileError": (
        {"InvalidMessageError"},
        ("orders.txt", ("it is empty",), None),
        ("orders.txt", "it is empty"),
    ),
    "ActionNotOfferedError": (
        {"MessagingError", "LookupError"},
        (ORDER, "warranty", ("invoice", "attributes")),
        (ORDER, "'warranty'", "invoice, attributes", "Nothing was sent"),
    ),
    "ActionDisabledError": (
        {"MessagingError"},
        (ORDER, "warranty", "too late"),
        (ORDER, "'warranty'", "disabled (too late)", "Nothing was sent"),
    ),
    "MissingRelError": (
        {"HalError", "LookupError"},
        ("https://h/o", "next", ("self", "actions")),
        ("https://h/o", "'next'", "self, actions"),
    ),
    "AmbiguousLinkError": (
        {"HalError", "LookupError"},
        ("https://h/o", "actions", ("a", "b")),
        ("https://h/o", "2 links 'actions'", "a, b", "by name or by index"),
    ),
    "TemplateError": (
        {"HalError", "ValueError"},
        ("/o/{id}", "id is missing"),
        ("'/o/{id}'", "id is missing"),
    ),
    "UntrustedLinkError": (
        {"MessagingError"},
        ("https://evil/", "it leads away", ORDER),
        (ORDER, "'https://evil/'", "not followed", "it leads away"),
    ),
    "DecodeError": (
        {"MessagingError"},
        ("GetAttributes", "$.buyer", "a list", ORDER),
        (ORDER, "GetAttributes", "a list", "$.buyer"),
    ),
    "NotSentError": (
        {"MessagingError", "ConnectionError"},
        ("CreateWarranty", "refused", ORDER),
        (ORDER, "CreateWarranty was not sent", "refused", "safe to try again"),
    ),
    "InDoubtError": (
        {"MessagingError", "TimeoutError"},
        ("CreateWarranty", "reset", ORDER, "req-1"),
        (ORDER, "CreateWarranty is in doubt", "reset", "before you send it again"),
    ),
    "UploadError": (
        {"MessagingError"},
        (ORDER, "a.pdf", "S3 said no"),
        (ORDER, "'a.pdf'", "S3 said no", "The message was not sent"),
    ),
    "AuthorizationError": (
        {"MessagingError"},
        ("invalid_grant", "revoked"),
        ("invalid_grant (revoked)", "Check the client id"),
    ),
    "JournalError": (
        {"MessagingError"},
        ("campaign.db", "disk full"),
        ("campaign.db", "disk full", "Nothing more is sent"),
    ),
    "ClaimedError": (
        {"JournalError"},
        ("campaign.db", "another run has the job"),
        ("campaign.db", "another run has the job", "Nothing more is sent"),
    ),
    "ApiError": (
        {"MessagingError"},
        ("CreateWarranty", 418, "Teapot", "short", "stout", "req-1", ORDER),
        (ORDER, "CreateWarranty was answered 418", "Teapot: short", "request id req-1"),
    ),
} | {
    name: (
        {"ApiError"},
        ("CreateWarranty", status, "Code", "words", "", "req-1", ORDER),
        (ORDER, f"CreateWarranty was answered {status}", "Code: words", "req-1", advice),
    )
    for name, status, advice in [
        ("BadRequestError", 400, ""),
        ("NotFoundError", 404, ""),
        ("PayloadTooLargeError", 413, ""),
        ("UnsupportedMediaTypeError", 415, ""),
        ("ActionNotPermittedError", 403, "Ask the order again"),
        ("AccessDeniedError", 403, "role Buyer Communication"),
        ("TokenRejectedError", 403, "Authorise the application again"),
        ("ThrottledError", 429, "send it again later"),
        ("ServerError", 503, "Try again later"),
    ]
}


def make(name: str) -> errors.MessagingError:
    error = getattr(errors, name)(*TREE[name][1])
    assert isinstance(error, errors.MessagingError)
    return error


def test_the_tree_is_complete() -> None:
    defined = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.MessagingError)
    }
    assert defined == set(TREE) | {"MessagingError", "HalError"}
    assert errors.MessagingError.__bases__ == (Exception,)
    assert errors.HalError.__bases__ == (errors.MessagingError,)
    drawn = str(errors.__doc__)
    assert all(name in drawn for name in defined), "the docstring draws the whole tree"


@pytest.mark.parametrize("name", TREE)
def test_class_has_the_bases_of_the_tree(name: str) -> None:
    assert {base.__name__ for base in getattr(errors, name).__bases__} == TREE[name][0]


@pytest.mark.parametrize("name", TREE)
def test_text_says_order_operation_and_advice(name: str) -> None:
    text = str(make(name))
    assert [part for part in TREE[name][2] if part not in text] == []


@pytest.mark.parametrize(
    "clone",
    [
        *(partial(pickled, protocol=protocol) for protocol in (2, 5)),
        copy.copy,
        copy.deepcopy,
    ],
    ids=["pickle2", "pickle5", "copy", "deepcopy"],
)
@pytest.mark.parametrize("name", TREE)
def test_survives(name: str, clone: Callable[[Exception], Exception]) -> None:
    """A clone has type, arguments, attributes, text and notes of the original."""
    error = make(name)
    error.add_note("job 7")
    twin = clone(error)
    assert type(twin) is type(error)
    assert twin.args == error.args == TREE[name][1]
    assert vars(twin) == vars(error)
    assert str(twin) == str(error)
    assert twin.__notes__ == ["job 7"]


@pytest.mark.parametrize("name", TREE)
def test_arguments_are_attributes_in_the_order_of_the_constructor(name: str) -> None:
    error = make(name)
    fields = [field.name for field in type(error).__attrs_attrs__]
    assert tuple(getattr(error, field) for field in fields) == error.args


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (errors.InvalidMessageError("File", ("f",)), "File is invalid: f"),
        (
            errors.ActionNotOfferedError(ORDER, "x", ()),
            f"Order {ORDER} does not offer 'x'; it offers nothing. Nothing was sent.",
        ),
        (
            errors.ActionDisabledError(ORDER, "x", None),
            f"Order {ORDER}: 'x' is disabled (Amazon gives no reason). Nothing was sent.",
        ),
        (errors.ApiError("op", 418), "op was answered 418 (no error body)."),
        (errors.ApiError("op", 418, message="m"), "op was answered 418 (m)."),
        (
            errors.ApiError("op", 418, message="It ends.", request_id="r"),
            "op was answered 418 (It ends, request id r).",
        ),
        (
            errors.AuthorizationError("invalid_client", ""),
            (
                "Login with Amazon gave no token: invalid_client. "
                "Check the client id, the client secret and the refresh token."
            ),
        ),
        (errors.DecodeError("op", "$", "a list"), "op answered a list at $."),
        (
            errors.NotSentError("op", "refused"),
            "op was not sent (refused). It is safe to try again.",
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_text_without_the_optional_parts(error: Exception, text: str) -> None:
    assert str(error) == text


def test_errors_compare_by_identity() -> None:
    one, other = make("ThrottledError"), make("ThrottledError")
    assert one != other
    assert len({one, other}) == 2


MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
SCHEMA = ActionSchema.parse(
    {"properties": {"rawMessageBody": {"maxLength": 1, "enum": ["x"], "type": "string"}}}
)


@pytest.mark.parametrize(
    "fail",
    [
        lambda: ConfirmDeliveryDetails(text=SECRET * 1000),
        lambda: ConfirmDeliveryDetails(text=SECRET.encode()),
        lambda: ConfirmDeliveryDetails(text=f"{SECRET}\ud800"),
        lambda: Warranty(attachments=SECRET),
        lambda: Warranty(
            attachments=[Path("a.pdf")],
            coverage_start_date=SECRET,
        ),
        lambda: message_from(ConfirmDeliveryDetails, {"text": SECRET, "subject": SECRET}),
        lambda: message_from(Warranty, {"attachments": [{"x": SECRET}]}),
        lambda: wire.access_token(f'{{"access_token": ["{SECRET}"]}}'.encode()),
        lambda: wire.access_token(f'{{"access_token": "{SECRET}"'.encode()),
        lambda: wire.access_token(f'"{SECRET}"'.encode()),
        lambda: wire.access_token(
            f'{{"access_token": "{SECRET}", "expires_in": "{SECRET}"}}'.encode()
        ),
        lambda: wire.upload_destination(f'{{"payload": "{SECRET}"}}'.encode(), order_id=ORDER),
        lambda: wire.upload_destination(
            f'{{"payload": {{"uploadDestinationId": "i", "url": "u", "headers": "{SECRET}"}}}}'
            "".encode(),
            order_id=ORDER,
        ),
        lambda: Endpoint.parse(f"https://me:{SECRET}@h.example"),
        lambda: Endpoint.parse(f"https://me:{SECRET}/x@h.example"),
        lambda: Endpoint.parse(f"https:\\\\me:{SECRET}@h.example"),
        lambda: Endpoint("https", "h.example", 443).check(f"https://{SECRET}@h.example/"),
    ],
)
def test_no_error_quotes_a_secret_or_a_text(fail: Callable[[], object]) -> None:
    with pytest.raises(errors.MessagingError) as caught:
        fail()
    seen = f"{caught.value} {caught.value!r} {caught.value.args}"
    assert SECRET not in seen
    assert "hunter2" not in seen


def test_no_schema_fault_quotes_the_text() -> None:
    faults = SCHEMA.faults({"text": SECRET})
    assert len(faults) == 2
    assert not any("hunter2" in fault for fault in faults)


def test_an_order_id_fault_names_the_id() -> None:
    with pytest.raises(errors.InvalidMessageError, match="'42' is not 3-7-7 digits"):
        check_order_id("42")
