"""What Login with Amazon's answer means: a token, a refusal, or a failure that may pass.

A token goes into a header of every request, so it is of printable ASCII without blanks, or none.
How long it is good for is Amazon's word where that can be; where it is no sensible number, an hour
as documented: taken at its word it would be asked for with every message.
"""

import math
import re
from http import HTTPStatus

import attrs

from spapi_messaging.api import AccessToken, access_token, token_refusal
from spapi_messaging.errors import AuthorizationError, DecodeError
from spapi_messaging.redaction import clipped
from spapi_messaging.transport.credentials import Credentials, without_secrets

_RENEW_AHEAD = 300.0
"""Seconds before expiry from which a token is renewed in the background."""
_TOO_OLD = 30.0
"""Seconds before expiry from which a token is no longer used."""
_USUAL = 3600.0
_SHORTEST, _LONGEST = 10.0, 86_400.0
_TOKEN = re.compile(r"[!-~]{1,8192}")

_BUSY = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.MISDIRECTED_REQUEST,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)
"""4xx that say nothing of the credentials."""
_CODE, _WORDS = 100, 300
"""Characters that are shown of a refusal's code and description."""


@attrs.frozen
class Token:
    """An access token, and when it is to be renewed and no longer used, in wall time."""

    value: str = attrs.field(repr=False)
    renew_at: float
    dead_at: float


def lifetime_of(expires_in: float) -> float:
    """Return the seconds that a token is good for, whatever its answer says."""
    # A number of 400 digits is none that a float holds; comparing does not convert it.
    if not expires_in > 0 or expires_in == math.inf:
        return _USUAL
    return float(min(max(expires_in, _SHORTEST), _LONGEST))


def answer_of(
    status: int, body: bytes, gap: str | None, credentials: Credentials, asked_at: float
) -> Token | AuthorizationError:
    """Judge an answer; ``gap``: why its body is incomplete, ``asked_at``: wall time."""
    if status == HTTPStatus.OK and gap is None:
        return _granted(body, asked_at)
    if status == HTTPStatus.OK:
        return may_pass("unreachable", gap or "")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _BUSY:
        return may_pass("unreachable", f"status {status}")
    refusal = token_refusal(body)
    words = clipped(without_secrets(refusal.error_description, credentials), _WORDS)
    failure = AuthorizationError(
        clipped(without_secrets(refusal.error, credentials), _CODE), words or f"status {status}"
    )
    # A redirect, or a proxy that wants to be paid: Amazon was not asked at all.
    failure.passing = (
        status < HTTPStatus.BAD_REQUEST or status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED
    )
    return failure


def may_pass(error: str, description: str = "") -> AuthorizationError:
    """Return the error of a failure that may pass."""
    failure = AuthorizationError(error, description)
    failure.passing = True
    return failure


def _granted(body: bytes, asked_at: float) -> Token | AuthorizationError:
    try:
        granted: AccessToken = access_token(body)
    except DecodeError as error:
        failure = AuthorizationError("invalid_answer", f"{error.fault} at {error.path}")
        failure.passing = error.path == "the body"  # no JSON: Login with Amazon did not answer it
        return failure
    size = len(granted.access_token)
    if not _TOKEN.fullmatch(granted.access_token):
        fault = f"a token of {size} characters that no header can hold"
        return AuthorizationError("invalid_answer", fault)
    lifetime = lifetime_of(granted.expires_in)
    return Token(
        granted.access_token,
        renew_at=asked_at + lifetime - min(_RENEW_AHEAD, lifetime / 4),
        dead_at=asked_at + lifetime - min(_TOO_OLD, lifetime / 8),
    )
