"""The credentials of one seller or of many.

They come from the environment or from a TOML file, never from an argument, which other users
of the machine could read:

    client_id = "amzn1.application-oa2-client…"
    client_secret = "…"
    refresh_token = "…"

    [sellers.shop-2]            # for jobs with "seller": "shop-2"; the rest is as above
    refresh_token = "…"
"""

import stat
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import attrs

from spapi_messaging.cli.settings import INVALID, fail, read_text, say
from spapi_messaging.errors import AuthorizationError
from spapi_messaging.transport import Credentials

DEFAULT_SELLER = "default"
"""The seller of jobs that name none: whose credentials stand alone."""

_NAMES = ("client_id", "client_secret", "refresh_token")


@attrs.frozen
class Accounts:
    """The credentials of one seller or of many."""

    values: Mapping[str, Any] = attrs.field(repr=False)
    source: str

    @classmethod
    def load(cls, path: Path | None) -> "Accounts":
        """Read a TOML file, or the environment without one; leaves the program if it cannot."""
        if path is None:
            try:
                found = Credentials.from_env()
            except AuthorizationError as error:
                fail(f"no credentials: {error.description}, or give --credentials FILE", INVALID)
            return cls(attrs.asdict(found), "the environment")
        text = read_text(path)
        try:
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            fail(f"{path} is not TOML: {error}", INVALID)
        except (ValueError, RecursionError):  # a number of 10,000 digits, an array without end
            fail(f"{path} is not TOML that can be read", INVALID)
        with suppress(OSError):
            mode = path.stat().st_mode
            if stat.S_ISREG(mode) and mode & (stat.S_IRGRP | stat.S_IROTH):
                say(f"warning: others can read {path}; chmod 600 {path}")
        return cls(values, str(path))

    def of(self, seller: str) -> Credentials:
        """Return a seller's credentials; raises AuthorizationError if there are none."""
        own: Any = {}
        if seller != DEFAULT_SELLER:
            sellers = self.values.get("sellers")
            own = sellers.get(seller) if isinstance(sellers, dict) else None
            if not isinstance(own, dict):
                fault = f"{self.source} has no [sellers.{seller}]"
                raise AuthorizationError("missing_credentials", fault)
        merged = {name: own.get(name, self.values.get(name)) for name in _NAMES}
        missing = [
            name for name, value in merged.items() if not isinstance(value, str) or not value
        ]
        if missing:
            fault = f"{self.source} lacks {', '.join(missing)} for {seller}"
            raise AuthorizationError("missing_credentials", fault)
        return Credentials(**merged)
