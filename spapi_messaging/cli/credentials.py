"""The credentials of one seller or of many.

They come from the environment or from a TOML file, never from an argument, which other users
of the machine could read:

    client_id = "amzn1.application-oa2-client…"
    client_secret = "…"
    refresh_token = "…"

    [sellers.shop-2]            # for jobs with "seller": "shop-2"; the rest is as above
    refresh_token = "…"
"""

import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from spapi_messaging.cli.settings import INVALID, UnreadableError, fail, load_text, say
from spapi_messaging.cli.words import path_word, quoted
from spapi_messaging.errors import AuthorizationError
from spapi_messaging.transport import VARIABLES, Credentials
from spapi_messaging.transport.credentials_file import read_toml

DEFAULT_SELLER = "default"
"""The seller of jobs that name none: whose credentials stand alone."""


@attrs.frozen
class Accounts:
    """The credentials of one seller or of many."""

    values: Mapping[str, Any] = attrs.field(repr=False)
    source: str
    path: Path | None = None
    """Their file; None: they are from the environment."""

    @classmethod
    def load(cls, path: Path | None) -> "Accounts":
        """Read a TOML file, or the environment without one; leaves the program if it cannot."""
        if path is None:
            try:
                Credentials.from_env()
            except AuthorizationError as error:
                fail(f"no credentials: {error.description}, or give --credentials FILE", INVALID)
        try:
            accounts = cls.read(path)
        except UnreadableError as error:
            fail(str(error), INVALID)
        if path is not None and accounts.others_can_read:
            mend = quoted(["chmod", "600", path_word(path)])
            say(f"warning: others can read {path}; {mend}")
        return accounts

    @classmethod
    def read(cls, path: Path | None) -> "Accounts":
        """Read what there is, complete or not; raises UnreadableError for a file that is no TOML.

        No error says what stands in the file.
        """
        if path is None:
            found = {name: os.environ.get(variable) or None for name, variable in VARIABLES.items()}
            return cls(found, "the environment")
        text = load_text(path)
        try:
            return cls(read_toml(text), str(path), path)
        except tomllib.TOMLDecodeError as error:
            raise UnreadableError(f"{path} is not TOML: {error}") from None
        except ValueError:  # a number of 10,000 digits, an array without end
            raise UnreadableError(f"{path} is not TOML that can be read") from None

    @property
    def others_can_read(self) -> bool:
        """Whether other users of the machine can read the file."""
        try:
            mode = self.path.stat().st_mode if self.path else 0
        except OSError:
            return False
        return stat.S_ISREG(mode) and bool(mode & (stat.S_IRGRP | stat.S_IROTH))

    @property
    def sellers(self) -> tuple[str, ...]:
        """The names of the sellers that have credentials of their own."""
        sellers = self.values.get("sellers")
        return tuple(sellers) if isinstance(sellers, dict) else ()

    def fields(self, seller: str) -> dict[str, Any]:
        """Return what there is for a seller; raises AuthorizationError if nobody is called so."""
        own: Any = {}
        if seller != DEFAULT_SELLER:
            own = self.values["sellers"].get(seller) if self.sellers else None
            if not isinstance(own, dict):
                fault = f"{self.source} has no [sellers.{seller}]"
                raise AuthorizationError("missing_credentials", fault)
        return {name: own.get(name, self.values.get(name)) for name in VARIABLES}

    def of(self, seller: str) -> Credentials:
        """Return a seller's credentials; raises AuthorizationError if there are none."""
        merged = self.fields(seller)
        missing = [
            name for name, value in merged.items() if not isinstance(value, str) or not value
        ]
        if missing:
            fault = f"{self.source} lacks {', '.join(missing)} for {seller}"
            raise AuthorizationError("missing_credentials", fault)
        return Credentials(**merged)
