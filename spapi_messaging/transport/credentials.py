"""Who asks for a token: an application and a seller, whose secrets show nowhere."""

import hashlib
import os
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import quote, quote_plus, urlencode

import attrs

from spapi_messaging.errors import AuthorizationError

VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "client_id": "LWA_APP_ID",
        "client_secret": "LWA_CLIENT_SECRET",
        "refresh_token": "SP_API_REFRESH_TOKEN",
    }
)
"""Where each field is in the environment: the names of the most used Python client."""


@attrs.frozen
class _Found:
    values: tuple[str | None, ...] = attrs.field(repr=False)


@attrs.frozen
class Credentials:
    """An application's client id and secret, and a seller's refresh token."""

    client_id: str
    client_secret: str = attrs.field(repr=False)
    refresh_token: str = attrs.field(repr=False)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> "Credentials":
        """Read LWA_APP_ID, LWA_CLIENT_SECRET and SP_API_REFRESH_TOKEN.

        Raises AuthorizationError that names the missing ones.
        """
        names = tuple(VARIABLES.values())
        found = _Found(tuple(map((os.environ if environ is None else environ).get, names)))
        del environ  # the frames of an error show no secret of it
        missing = [name for name, value in zip(names, found.values, strict=True) if not value]
        if missing:
            fault = f"set {', '.join(missing)} in the environment"
            raise AuthorizationError("missing_credentials", fault)
        return cls(*map(str, found.values))

    @property
    def account(self) -> str:
        """A name for the seller's account that tells nothing: quotas are kept under it."""
        # An error of an encoding would hold the secret: none is strict.
        secret = f"{self.client_id}\n{self.refresh_token}".encode(errors="surrogatepass")
        return hashlib.sha256(secret).hexdigest()[:16]


def refresh_form(credentials: Credentials) -> bytes:
    """Return the form that asks for an access token."""
    form = {
        "grant_type": "refresh_token",
        "refresh_token": credentials.refresh_token,
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
    }
    return urlencode(form, errors="surrogatepass").encode("ascii")


def without_secrets(words: str, credentials: Credentials) -> str:
    """Take the secrets out of a server's words, which may repeat what it was sent."""
    for secret in (credentials.client_secret, credentials.refresh_token):
        for form in {str(secret), *(quoted(secret) for quoted in (_quote, _quote_plus))} - {""}:
            words = words.replace(form, "…")
    return words


def _quote(secret: str) -> str:
    return quote(str(secret), errors="surrogatepass")


def _quote_plus(secret: str) -> str:
    return quote_plus(str(secret), errors="surrogatepass")
