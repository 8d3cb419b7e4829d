"""Whether Login with Amazon gives a token, and what each of its refusals means.

The codes are those of RFC 6749 §5.2. A client secret must be rotated every 180 days, an
authorisation be renewed every 365 days (https://developer-docs.amazon.com/sp-api/docs).
"""

from spapi_messaging.cli.doctor.findings import Finding, bad, good
from spapi_messaging.errors import AuthorizationError, MessagingError
from spapi_messaging.session import MessagingSession

_AUTHORIZE = "Seller Central, Develop Apps, Authorize app gives a new refresh token"
_ROTATED = (
    "the client secret may be rotated or expired (after 180 days): "
    "Seller Central, Develop Apps, LWA credentials, View shows today's"
)
_ADVICE = {
    "invalid_client": (_ROTATED, "or client id and secret are of two applications"),
    "invalid_grant": (
        "the seller may have revoked the authorisation, or it is older than 365 days",
        "or the refresh token is of another application than the client id",
        _AUTHORIZE,
    ),
    "unauthorized_client": (
        "the refresh token may be another application's, or this one is authorised no more",
        _AUTHORIZE,
        f"or {_ROTATED}",
    ),
    "invalid_request": ("one of the three is empty or malformed: copy them again",),
    "unsupported_grant_type": ("this is no token server: look at SPAPI_MESSAGING_TOKEN_URL",),
    "access_denied": ("the seller did not allow the application", _AUTHORIZE),
}
_NOT_LOGINS = {"invalid_answer", "unknown_error"}
"""Answers without a token, and refusals without a code: nobody refused the credentials."""
_INSTEAD = (
    "a login page of the network or a proxy may answer instead",
    "or SPAPI_MESSAGING_TOKEN_URL, if it is set, leads elsewhere: unset it for Amazon",
)
_AGAIN = "try again in some minutes"
_PASSING = {
    "status 429": ("it was asked too often", "one token is good for an hour: who asks so often?"),
    "status 407": ("a proxy wants a user and a password", "let this host pass without them"),
    "status 5": ("Login with Amazon fails for now", _AGAIN),
    "status 3": ("it redirects, as Login with Amazon does not", "a login page may answer instead"),
}


async def look_at_token(session: MessagingSession) -> Finding:
    """Ask for a token."""
    try:
        await session.login()
    except AuthorizationError as error:
        return _told(error)
    except MessagingError as error:
        return bad("token", str(error), _AGAIN)
    return good("token", "Login with Amazon gives one")


def _told(error: AuthorizationError) -> Finding:
    words = error.description
    for beginning, (what, hint) in _PASSING.items():
        if words.startswith(beginning) and error.error not in _ADVICE:
            return bad("token", f"{what} ({words})", hint)
    told = f"{error.error}{f': {words}' if words else ''}"
    if error.error in _NOT_LOGINS:
        status = f" ({words})" if error.error == "unknown_error" else ""
        return bad("token", f"the answer is not Login with Amazon's{status}", *_INSTEAD)
    if error.passing:
        return bad("token", f"Login with Amazon gave no answer ({words})", _AGAIN)
    advice = _ADVICE.get(error.error, (_ROTATED, _AUTHORIZE))
    return bad("token", f"Login with Amazon refuses ({told})", *advice)
