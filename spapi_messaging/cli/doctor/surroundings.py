"""What is seen without asking anybody: this program, its extras, marketplace, servers, proxies."""

import platform
from collections.abc import Mapping
from importlib.util import find_spec

import attrs

from spapi_messaging.api import Endpoint
from spapi_messaging.cli.countries import marketplace_meant
from spapi_messaging.cli.doctor.findings import Finding, bad, good, left, odd
from spapi_messaging.errors import UntrustedLinkError
from spapi_messaging.marketplaces import Marketplace, Region, marketplace_named
from spapi_messaging.transport import TOKEN_URL

ENDPOINT, TOKENS = "SPAPI_MESSAGING_ENDPOINT", "SPAPI_MESSAGING_TOKEN_URL"
_EXTRAS = {
    "excel": ("python_calamine", "workbooks"),
    "report": ("matplotlib", "charts in reports"),
    "lang": ("py3langid", "guessing a text's language"),
}
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")


@attrs.frozen(kw_only=True)
class Servers:
    """Where requests would go; None: it is not known."""

    endpoint: Endpoint | None
    token_url: str | None
    are_amazons: bool
    others: Mapping[Region, str] = attrs.field(factory=dict)
    """Amazon's endpoints of the other regions."""


def look_at_program() -> list[Finding]:
    """Say which program this is, and which of its extras are missing."""
    from importlib.metadata import version

    own = f"spapi-messaging {version('spapi-messaging')}, Python {platform.python_version()}"
    missing = {name: use for name, (module, use) in _EXTRAS.items() if find_spec(module) is None}
    if not missing:
        return [good("program", f"{own}, with {', '.join(_EXTRAS)}")]
    uses = ", ".join(f"{name} ({use})" for name, use in missing.items())
    install = f"pip install 'spapi-messaging[{','.join(missing)}]'"
    return [
        good("program", own),
        left("extras", f"not installed: {uses}", f"to have it: {install}"),
    ]


def look_at_marketplace(code: str) -> tuple[Marketplace | None, Finding]:
    """Find the marketplace, or say which may be meant."""
    how = "give --marketplace, or set SPAPI_MESSAGING_MARKETPLACE, such as DE"
    if not code.strip():
        return None, bad("marketplace", "none is given", how)
    place = marketplace_named(code)
    if place is None:
        known = ", ".join(Marketplace.__members__)
        meant = marketplace_meant(code)
        hint = f"did you mean {meant.name}?" if meant else f"there are {known}"
        return None, bad("marketplace", f"none is called {code!r}", hint)
    return place, good("marketplace", f"{place.name} ({place.id}), of region {place.region.name}")


def look_at_servers(
    place: Marketplace | None, environ: Mapping[str, str], *, static: bool
) -> tuple[Servers, list[Finding]]:
    """Say where requests go: to Amazon, or to where the environment redirects them."""
    findings, redirected = [], {}
    for name in (ENDPOINT, TOKENS):
        url = environ.get(name)
        if url:
            try:
                redirected[name] = url
                Endpoint.parse(url) if name == ENDPOINT else Endpoint.of(url)
            except UntrustedLinkError as error:
                hint = f"unset {name} for Amazon, or correct it"
                findings.append(bad("servers", f"{name} is refused: {error.fault}", hint))
    amazons = None if place is None else _amazons(place.region, static=static)
    if findings:
        return Servers(endpoint=None, token_url=None, are_amazons=False), findings
    endpoint = redirected.get(ENDPOINT, amazons)
    token_url = redirected.get(TOKENS, TOKEN_URL)
    is_own = endpoint == amazons and token_url == TOKEN_URL
    servers = Servers(
        endpoint=Endpoint.parse(endpoint) if endpoint else None,
        token_url=token_url,
        are_amazons=is_own,
        others=_others(place, static=static) if is_own and place else {},
    )
    return servers, [_told(redirected, place, is_own=is_own, static=static)]


def _amazons(region: Region, *, static: bool) -> str:
    return region.sandbox_endpoint if static else region.endpoint


def _others(place: Marketplace, *, static: bool) -> dict[Region, str]:
    others = (region for region in Region if region is not place.region)
    return {region: _amazons(region, static=static) for region in others}


def _told(
    redirected: Mapping[str, str], place: Marketplace | None, *, is_own: bool, static: bool
) -> Finding:
    if is_own or not redirected:
        what = "Amazon's static sandbox, which writes to nobody" if static else "Amazon's"
        return good("servers", what)
    region = _region_of(redirected.get(ENDPOINT, ""))
    if region and place and region is not place.region:
        what = f"{ENDPOINT} is of region {region.name}, and {place.name} of {place.region.name}"
        return bad("servers", what, f"unset {ENDPOINT}, or give another --marketplace")
    origins = " and ".join(dict.fromkeys(str(Endpoint.of(url)) for url in redirected.values()))
    if len(redirected) == 1:
        (name,) = redirected
        other = TOKENS if name == ENDPOINT else ENDPOINT
        what = f"{name} is set ({origins}) and {other} is not: likely a mistake"
        return odd("servers", what, f"for a sandbox set {other}, too; for Amazon unset {name}")
    what = f"not Amazon's but {origins}, as the environment says"
    return odd("servers", what, f"for Amazon: unset {ENDPOINT} {TOKENS}")


def _region_of(url: str) -> Region | None:
    known = {
        _amazons(region, static=static): region for region in Region for static in (False, True)
    }
    return known.get(url.rstrip("/"))


def proxies_in(environ: Mapping[str, str]) -> list[str]:
    """Return the names of the variables that name a proxy; their values may hold a password."""
    return [name for proxy in _PROXIES for name in (proxy, proxy.lower()) if environ.get(name)]


def look_at_proxies(names: list[str], hosts: list[str]) -> list[Finding]:
    """Say that a proxy is not used, if one is set."""
    if not names:
        return []
    what = f"{' and '.join(names)} is set, but this version connects directly, without a proxy"
    hint = f"let this machine connect to {' and '.join(hosts) or 'Amazon'}, port 443"
    python = "in Python: MessagingSession(..., http=aiohttp.ClientSession(trust_env=True))"
    return [odd("proxy", what, hint, python)]
