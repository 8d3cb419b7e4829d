"""Whether the credentials can be read, are all there, and look like what they must be."""

import os
from pathlib import Path
from typing import Any

from spapi_messaging.cli.credentials import DEFAULT_SELLER, Accounts
from spapi_messaging.cli.doctor.findings import Finding, bad, good, odd
from spapi_messaging.cli.doctor.shapes import Fault, equal_fields, odd_look, sure_faults
from spapi_messaging.cli.settings import UnreadableError
from spapi_messaging.cli.words import path_word, quoted
from spapi_messaging.errors import AuthorizationError
from spapi_messaging.transport import VARIABLES, Credentials

_NAME = "credentials"
_FILE = (
    'write client_id = "...", client_secret = "...", refresh_token = "..." into it, each a line, '
    "with straight quotes"
)
WHERE = (
    "client id and secret: Seller Central, Develop Apps, LWA credentials, View; "
    "refresh token: there, Authorize app"
)
_NAMED_MOST = 5
_FILE_VARIABLE = "SPAPI_MESSAGING_CREDENTIALS"
_OTHER_NAMES = {
    "LWA_APP_ID": ("LWA_CLIENT_ID", "SP_API_CLIENT_ID", "CLIENT_ID"),
    "LWA_CLIENT_SECRET": ("LWA_APP_SECRET", "SP_API_CLIENT_SECRET", "CLIENT_SECRET"),
    "SP_API_REFRESH_TOKEN": ("LWA_REFRESH_TOKEN", "REFRESH_TOKEN"),
}
"""What other clients, and their examples, call the same."""


def look_at_credentials(
    path: Path | None, seller: str, *, amazons: bool
) -> tuple[Credentials | None, list[Finding]]:
    """Read the credentials; return them if a token can be asked for with them.

    ``amazons``: they are for Amazon, and not for a sandbox that has its own.
    """
    try:
        accounts = Accounts.read(path)
    except UnreadableError as error:
        is_toml = "is not TOML" in str(error)
        return None, [bad(_NAME, str(error), _FILE if is_toml else _how_to_read(path))]
    try:
        fields = accounts.fields(seller)
    except AuthorizationError as error:
        return None, [bad(_NAME, error.description, _sellers(accounts))]
    findings = list(_of_file(accounts))
    names = _names(accounts, seller, fields)
    faults = _faults(fields, names)
    if faults:
        return None, [*findings, *_told(faults, accounts, seller)]
    if amazons:
        looks = (odd_look(field, fields[field], names[field]) for field in VARIABLES)
        findings += [odd(_NAME, look.sentence, look.advice) for look in looks if look]
    whose = "" if seller == DEFAULT_SELLER else f" of {seller}"
    others = f" (its other sellers: {_named(accounts)})" if accounts.sellers and not whose else ""
    found = good(_NAME, f"all three{whose} are set, from {accounts.source}{others}")
    return Credentials(**fields), [found, *findings]


def _names(accounts: Accounts, seller: str, fields: dict[str, Any]) -> dict[str, str]:
    """Return what people know each field by: its variable, or its place in the file."""
    if accounts.path is None:
        return dict(VARIABLES)
    own = accounts.values["sellers"][seller] if seller != DEFAULT_SELLER else {}
    return {field: f"[sellers.{seller}] {field}" if field in own else field for field in fields}


def _faults(fields: dict[str, Any], names: dict[str, str]) -> list[Fault]:
    faults = [
        fault for field in VARIABLES for fault in sure_faults(field, fields[field], names[field])
    ]
    equal = equal_fields(fields, names)
    return [*faults, equal] if equal else faults


def _told(faults: list[Fault], accounts: Accounts, seller: str) -> list[Finding]:
    """Tell of what is missing in one finding, and of other faults in one each."""
    missing = [fault for fault in faults if fault.sentence.endswith(" is missing")]
    others = [fault for fault in faults if fault not in missing]
    findings = [bad(_NAME, fault.sentence, fault.advice) for fault in others]
    if missing:
        names = [fault.sentence.removesuffix(" is missing") for fault in missing]
        findings.insert(0, _missing(names, accounts, seller))
    return findings


def _missing(names: list[str], accounts: Accounts, seller: str) -> Finding:
    listed = ", ".join(names)
    if accounts.path is None:
        what = f"the environment lacks {listed}"
        own = "set and export what is missing, or give --credentials FILE"
        return bad(_NAME, what, *_called_otherwise(names), own, WHERE)
    what = f"{accounts.source} lacks {listed}"
    if seller == DEFAULT_SELLER and accounts.sellers:
        return bad(_NAME, f"{what} for a seller without a name", _sellers(accounts))
    return bad(_NAME, what, _FILE, WHERE)


def _called_otherwise(names: list[str]) -> list[str]:
    """Say of what is missing that it is there under a name that other programs have for it."""
    return [
        f"{other} is set: here it is called {name}"
        for name in names
        for other in _OTHER_NAMES[name]
        if os.environ.get(other)
    ]


def _how_to_read(path: Path | None) -> str:
    if os.environ.get(_FILE_VARIABLE) == str(path):
        return f"{_FILE_VARIABLE} names it: unset it, or name a file that you can read"
    return "name a file that you can read, or none for the environment"


def _sellers(accounts: Accounts) -> str:
    if accounts.path is None:
        return "only a file has several sellers: give --credentials FILE, or leave --seller out"
    if not accounts.sellers:
        return "leave --seller out: there are no [sellers.NAME] in it"
    return f"name one: {_named(accounts)}"


def _named(accounts: Accounts) -> str:
    known = accounts.sellers
    more = f" and {len(known) - _NAMED_MOST} more" if len(known) > _NAMED_MOST else ""
    return f"--seller {', '.join(known[:_NAMED_MOST])}{more}"


def _of_file(accounts: Accounts) -> list[Finding]:
    path = accounts.path
    if path is None or not accounts.others_can_read:
        return []
    mend = quoted(["chmod", "600", path_word(path)])
    return [odd(_NAME, f"others can read {path}", mend)]
