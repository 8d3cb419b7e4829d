"""Why a message was not sent: in short, as a journal has it, and as people read it.

A journal names an error by its class, with the status and the code of Amazon's answer and as much
of Amazon's sentence as it may hold: ``BadRequestError 400 InvalidInput: The message contains …``.
So it keeps why Amazon disabled an action: ``ActionDisabledError: Available after the delivery``.
Of other errors it has the class alone, since their texts may hold what a buyer wrote or a file is
called.
"""

import re

from spapi_messaging.bulk.amazons_words import amazons_sentence
from spapi_messaging.bulk.job import Job
from spapi_messaging.errors import ActionDisabledError, ApiError, MessagingError

_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,60}")
_KEPT = re.compile(
    r"(?P<kind>[A-Z][A-Za-z]*Error)(?: (?P<answer>\d{3}(?: [\w.:-]{1,60}?)?))?(?:: (?P<said>.+))?",
    re.DOTALL,
)
_SENTENCES = {
    "InvalidMessageError": "The message or a file of it breaks a rule",
    "ActionNotOfferedError": "The order does not offer this action now",
    "ActionDisabledError": "The order offers this action, but Amazon has disabled it",
    "UntrustedLinkError": "A link in Amazon's answer leads elsewhere, and was not followed",
    "DecodeError": "Amazon's answer could not be understood",
    "NotSentError": "Amazon could not be reached",
    "UploadError": "An attachment could not be uploaded",
    "AuthorizationError": "Login with Amazon gave no token",
    "BadRequestError": "Amazon refused it",
    "NotFoundError": "Amazon knows no such order",
    "PayloadTooLargeError": "It is larger than Amazon accepts",
    "UnsupportedMediaTypeError": "It is of a type that Amazon does not accept",
    "ActionNotPermittedError": "Amazon does not permit this message for this order now",
    "AccessDeniedError": "The application lacks the role for it",
    "TokenRejectedError": "Amazon rejects the access token",
    "ThrottledError": "The quota was exhausted for too long",
    "ServerError": "Amazon failed",
}

_CLASSLESS = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"\btimeout, [A-Z]\w*\b", "timeout"),
        (r"\b[A-Z]\w*Error: ", ""),
        (r"\[SSL: \w+\] | \(_ssl\.c:\d+\)", ""),
        (r"\bServerDisconnectedError\b", "the connection ended without an answer"),
        (r"\b[A-Z]\w*Error\b", "the connection failed"),
    )
)
"""What a failure's description has for programmers, and what people read."""


def reason_for(error: MessagingError, job: Job) -> str:
    """Name an error as a journal may, for a job."""
    if isinstance(error, ActionDisabledError):
        why = amazons_sentence(error.reason or "", job)
        return f"{type(error).__name__}{f': {why}' if why else ''}"
    if not isinstance(error, ApiError):
        return type(error).__name__
    code = f" {error.code}" if _CODE.fullmatch(error.code) else ""
    sentence = amazons_sentence(error.message, job)
    return f"{type(error).__name__} {error.status}{code}{f': {sentence}' if sentence else ''}"


def error_in(reason: str) -> str | None:
    """Return the name of the error that a journal's reason tells of, for programs."""
    kept = _KEPT.fullmatch(reason)
    return kept["kind"] if kept else None


def reason_in_words(reason: str) -> str:
    """Return a journal's reason as a sentence without its full stop, or as words of a failure."""
    kept = _KEPT.fullmatch(reason)
    if kept is None:
        return "The run was stopped" if reason == "stopped" else failure_in_words(reason)
    if kept["kind"] not in _SENTENCES and kept["answer"] is None:
        return failure_in_words(reason)  # of a doubt: what became of the connection
    return _in_words(kept["kind"], kept["said"] or "", kept["answer"] or "")


def failure_in_words(failure: str) -> str:
    """Return the description of a failure without classes and lines of programs."""
    for pattern, words in _CLASSLESS:
        failure = pattern.sub(words, failure)
    return failure


def answer_in_words(error: ApiError) -> str:
    """Return Amazon's answer as a journal's reason is read, with all of Amazon's sentence."""
    answer = f"{error.status} {error.code}".strip()
    request = f", request id {error.request_id}" if error.request_id else ""
    return _in_words(type(error).__name__, error.message, f"{answer}{request}")


def _in_words(kind: str, said: str, answer: str) -> str:
    sentence = _SENTENCES.get(kind, "It failed")
    said = said.rstrip(". ")
    return f"{sentence}{f': {said}' if said else ''}{f' ({answer})' if answer else ''}"
