"""Every error of this package, split by what may have happened to the message.

MessagingError
├── InvalidMessageError (ValueError)     refused here, before anything was sent
│   └── OrderFileError                   a file of orders cannot be used
├── ActionNotOfferedError (LookupError)  the order does not offer the action
├── ActionDisabledError                  offered, but switched off for now
├── HalError                             a HAL document cannot be used as asked
│   ├── MissingRelError                  no link under that relation
│   ├── AmbiguousLinkError               several links, and none was named
│   └── TemplateError                    a URI template cannot be expanded
├── UntrustedLinkError                   a link leads away from the endpoint or the order
├── DecodeError                          the answer is not what it must be
├── NotSentError (ConnectionError)       no byte of the message left
├── InDoubtError (TimeoutError)          the message may have been delivered
├── UploadError                          an attachment could not be uploaded; nothing was sent
├── AuthorizationError                   Login with Amazon gave no token
├── JournalError                         a bulk run cannot write down what it does
│   └── ClaimedError                     another run has the job
└── ApiError                             Amazon answered with an error
    ├── BadRequestError                  400
    ├── NotFoundError                    404
    ├── PayloadTooLargeError             413
    ├── UnsupportedMediaTypeError        415
    ├── ActionNotPermittedError          403: this message is not permitted for this order now
    ├── AccessDeniedError                403: the role is missing
    ├── TokenRejectedError               401 or 403: the access token is bad
    ├── ThrottledError                   429, for longer than the session's patience
    └── ServerError                      5xx

attrs passes every field on to ``BaseException.__init__``: ``args`` are the constructor's arguments,
so that all survive pickling and copying; exceptions need a ``__dict__`` for notes, so they have
no slots. None holds an object of the HTTP client, a secret or a buyer's text.
"""

from collections.abc import Iterable

import attrs


class MessagingError(Exception):
    """Base of all errors that this package raises on purpose; what is ``passing`` may pass."""

    passing = False


def _for_order(order_id: str | None) -> str:
    return f"Order {order_id}: " if order_id else ""


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "nothing"


@attrs.define(slots=False, str=False, repr=False)
class InvalidMessageError(MessagingError, ValueError):
    """The message breaks a limit; nothing was sent. ``faults`` names every breach."""

    subject: str
    faults: tuple[str, ...]
    order_id: str | None = None

    def __str__(self) -> str:
        return f"{_for_order(self.order_id)}{self.subject} is invalid: {'; '.join(self.faults)}"


class OrderFileError(InvalidMessageError):
    """A file of orders cannot be used; nothing was sent. ``subject`` is the file."""

    def __str__(self) -> str:
        return f"{self.subject}: {'; '.join(self.faults)}"


@attrs.define(slots=False, str=False, repr=False)
class ActionNotOfferedError(MessagingError, LookupError):
    """The order does not offer this action now; ``offered`` lists what it does offer."""

    order_id: str
    action: str
    offered: tuple[str, ...]

    def __str__(self) -> str:
        what = f"Order {self.order_id} does not offer {self.action!r}"
        return f"{what}; it offers {_listed(self.offered)}. Nothing was sent."


@attrs.define(slots=False, str=False, repr=False)
class ActionDisabledError(MessagingError):
    """The order offers this action, but Amazon has disabled it; ``reason`` is Amazon's word."""

    order_id: str
    action: str
    reason: str | None

    def __str__(self) -> str:
        why = self.reason or "Amazon gives no reason"
        return f"Order {self.order_id}: {self.action!r} is disabled ({why}). Nothing was sent."


class HalError(MessagingError):
    """A HAL document cannot be used in the way that was asked for."""


@attrs.define(slots=False, str=False, repr=False)
class MissingRelError(HalError, LookupError):
    """The document has no such link; ``present`` lists the relations (or names) there are."""

    url: str
    rel: str
    present: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.url} has no link {self.rel!r}; it has {_listed(self.present)}."


@attrs.define(slots=False, str=False, repr=False)
class AmbiguousLinkError(HalError, LookupError):
    """Several links stand under one relation and the choice is the caller's."""

    url: str
    rel: str
    choices: tuple[str, ...]

    def __str__(self) -> str:
        links = f"{len(self.choices)} links {self.rel!r}: {_listed(self.choices)}"
        return f"{self.url} has {links}. Choose one by name or by index."


@attrs.define(slots=False, str=False, repr=False)
class TemplateError(HalError, ValueError):
    """A URI template is malformed, or was given the wrong variables."""

    href: str
    fault: str

    def __str__(self) -> str:
        return f"URI template {self.href!r}: {self.fault}."


@attrs.define(slots=False, str=False, repr=False)
class UntrustedLinkError(MessagingError):
    """A link leads away from the session's endpoint or from the order; it was not followed."""

    url: str
    fault: str
    order_id: str | None = None

    def __str__(self) -> str:
        return f"{_for_order(self.order_id)}{self.url!r} is not followed: {self.fault}."


@attrs.define(slots=False, str=False, repr=False)
class DecodeError(MessagingError):
    """Amazon's answer is not what it must be; ``path`` says where in the answer."""

    operation: str
    path: str
    fault: str
    order_id: str | None = None

    def __str__(self) -> str:
        return f"{_for_order(self.order_id)}{self.operation} answered {self.fault} at {self.path}."


@attrs.define(slots=False, str=False, repr=False)
class NotSentError(MessagingError, ConnectionError):
    """The connection failed before any byte of a message left; it is safe to try again."""

    operation: str
    cause: str
    order_id: str | None = None
    passing = True  # False where it is given up, as by a closed session

    def __str__(self) -> str:
        what = f"{_for_order(self.order_id)}{self.operation}"
        return f"{what} was not sent ({self.cause}). It is safe to try again."


@attrs.define(slots=False, str=False, repr=False)
class InDoubtError(MessagingError, TimeoutError):
    """The message may have been delivered: it went out, and no clear answer came."""

    operation: str
    cause: str
    order_id: str | None = None
    request_id: str | None = None

    def __str__(self) -> str:
        what = f"{_for_order(self.order_id)}{self.operation} is in doubt ({self.cause})"
        advice = "Look into Seller Central before you send it again."
        return f"{what}: the buyer may have the message. {advice}"


@attrs.define(slots=False, str=False, repr=False)
class UploadError(MessagingError):
    """An attachment could not be uploaded; the message was not sent."""

    order_id: str
    file_name: str
    fault: str

    def __str__(self) -> str:
        what = f"Order {self.order_id}: attachment {self.file_name!r}"
        return f"{what} could not be uploaded ({self.fault}). The message was not sent."


@attrs.define(slots=False, str=False, repr=False)
class AuthorizationError(MessagingError):
    """Login with Amazon gave no access token. ``error`` is its code, as in RFC 6749 §5.2."""

    error: str
    description: str = ""

    def __str__(self) -> str:
        why = f"{self.error}{f' ({self.description})' if self.description else ''}"
        is_safe = self.passing or self.error in {"closed", "invalid_answer"}
        check = "Check the client id, the client secret and the refresh token."
        advice = "Nothing was sent; it is safe to try again." if is_safe else check
        return f"Login with Amazon gave no token: {why}. {advice}"


@attrs.define(slots=False, str=False, repr=False)
class JournalError(MessagingError):
    """A journal cannot be opened or written; no message goes out that is not in it."""

    journal: str
    fault: str

    def __str__(self) -> str:
        return f"The journal {self.journal} cannot be used: {self.fault}. Nothing more is sent."


class ClaimedError(JournalError):
    """Another run has the job: it has begun to send it, or has ended it."""


@attrs.define(slots=False, str=False, repr=False)
class ApiError(MessagingError):
    """Amazon answered with an error status; a message that it answers was not accepted."""

    operation: str
    status: int
    code: str = ""
    message: str = ""
    details: str = ""
    request_id: str | None = None
    order_id: str | None = None
    advice = ""

    def __str__(self) -> str:
        reason = ": ".join(filter(None, (self.code, self.message.rstrip(". ")))) or "no error body"
        request = f", request id {self.request_id}" if self.request_id else ""
        what = f"{_for_order(self.order_id)}{self.operation} was answered {self.status}"
        return f"{what} ({reason}{request}).{f' {self.advice}' if self.advice else ''}"


class BadRequestError(ApiError):
    """400: a parameter or an attachment is not what Amazon expects."""


class NotFoundError(ApiError):
    """404: no such order or operation."""


class PayloadTooLargeError(ApiError):
    """413: the request is larger than Amazon accepts."""


class UnsupportedMediaTypeError(ApiError):
    """415: the payload is of a type that Amazon does not accept."""


class ActionNotPermittedError(ApiError):
    """403: Amazon does not permit this message for this order now."""

    advice = "Ask the order again which actions it offers."


class AccessDeniedError(ApiError):
    """403: the application lacks the role for this operation."""

    advice = "Add the role Buyer Communication to the application and authorise it again."


class TokenRejectedError(ApiError):
    """401 or 403: Amazon rejects the access token, and a fresh one as well."""

    advice = "Authorise the application again for a new refresh token."


class ThrottledError(ApiError):
    """429: the quota was exhausted for longer than the session was told to wait."""

    advice = "The message was not accepted; send it again later."


class ServerError(ApiError):
    """5xx: Amazon failed. For a message this is the cause of an InDoubtError."""

    advice = "Try again later."
