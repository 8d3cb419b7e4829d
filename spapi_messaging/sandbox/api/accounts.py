"""Login with Amazon in small: refresh tokens are sellers, access tokens expire.

Time is handed in, in seconds of any clock. The grant is RFC 6749 §6, its errors §5.2.
"""

import random
from collections.abc import Mapping

import attrs

from spapi_messaging.sandbox.api.responses import (
    TOKEN_EXPIRED,
    TOKEN_INVALID,
    TOKEN_MISSING,
    RefusedError,
    Response,
    login_error,
    ok,
)

MAX_TOKENS = 10_000
"""Access tokens that are remembered; the oldest are forgotten and then count as invalid."""
MAX_REFRESH_TOKEN = 208
"""Characters of a refresh token; a longer one is no seller's."""

# They open nothing but a sandbox.
CLIENT_ID = "sandbox-client-id"
CLIENT_SECRET = "sandbox-client-secret"
REFRESH_TOKEN = "sandbox-refresh-token"


@attrs.define
class _Grant:
    seller: str
    expires_at: float
    revoked: bool = False


@attrs.define(kw_only=True)
class Accounts:
    """The access tokens given out, and their sellers, named by their refresh tokens."""

    rng: random.Random
    expires_in: int = 3600
    prefix: str = "sandbox-"
    """What a refresh token must begin with."""
    role_missing: bool = False
    requests: int = 0
    """Token requests so far, refused ones included."""
    _refusal: Response | None = None
    _grants: dict[str, _Grant] = attrs.field(factory=dict, repr=False)

    def grant(self, form: Mapping[str, str], now: float) -> Response:
        """Return an access token for a refresh token."""
        self.requests += 1
        refresh = form.get("refresh_token", "")
        if self._refusal is not None:
            return self._refusal
        if not self.recognises(form):
            return login_error(401, "invalid_client", "Client authentication failed")
        if "grant_type" not in form:
            return login_error(400, "invalid_request", "The grant_type is missing")
        if form["grant_type"] != "refresh_token":
            return login_error(400, "unsupported_grant_type", "Only refresh_token is known here")
        if not refresh.startswith(self.prefix) or len(refresh) > MAX_REFRESH_TOKEN:
            return login_error(400, "invalid_grant", "The refresh token is not valid")
        token = f"Atza|sandbox-{self.rng.getrandbits(128):032x}"
        self._grants[token] = _Grant(refresh, now + self.expires_in)
        if len(self._grants) > MAX_TOKENS:
            del self._grants[next(iter(self._grants))]
        return ok(
            {
                "access_token": token,
                "token_type": "bearer",
                "expires_in": self.expires_in,
                "refresh_token": refresh,
            }
        )

    def recognises(self, form: Mapping[str, str]) -> bool:
        """Say whether a token request has the application's credentials."""
        return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)

    def knows(self, token: str | None) -> bool:
        """Say whether a token was given out here, be it expired or revoked by now."""
        return token in self._grants

    def seller(self, token: str | None, now: float) -> str:
        """Say whose token it is, or refuse it as the API does."""
        if not token:
            raise RefusedError(TOKEN_MISSING)
        grant = self._grants.get(token)
        if grant is None or grant.revoked:
            raise RefusedError(TOKEN_INVALID)
        if now >= grant.expires_at:
            raise RefusedError(TOKEN_EXPIRED)
        return grant.seller

    def expire(self) -> None:
        """End all tokens now, as if their hour were over."""
        for grant in self._grants.values():
            grant.expires_at = float("-inf")

    def revoke(self) -> None:
        """Make all tokens invalid."""
        for grant in self._grants.values():
            grant.revoked = True

    def refuse(self, error: str | None, description: str = "", *, status: int = 400) -> None:
        """Refuse every token request from now on; None takes that back."""
        self._refusal = None if error is None else login_error(status, error, description)
