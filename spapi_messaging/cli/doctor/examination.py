"""All checks in their order; each is made as far as it can be judged without those that failed."""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import attrs

from spapi_messaging.api import DISCOVERY
from spapi_messaging.cli.credentials import DEFAULT_SELLER
from spapi_messaging.cli.doctor.clock import look_at_clock
from spapi_messaging.cli.doctor.credentials_check import look_at_credentials
from spapi_messaging.cli.doctor.findings import Finding, Mark, needs
from spapi_messaging.cli.doctor.permissions import (
    NO_ORDER,
    STATIC_ORDER,
    look_at_role,
    look_at_uploads,
)
from spapi_messaging.cli.doctor.probe import Answer, ask, judged
from spapi_messaging.cli.doctor.surroundings import (
    Servers,
    look_at_marketplace,
    look_at_program,
    look_at_proxies,
    look_at_servers,
    proxies_in,
)
from spapi_messaging.cli.doctor.token import look_at_token
from spapi_messaging.marketplaces import Marketplace, Region
from spapi_messaging.session import MessagingSession
from spapi_messaging.transport import Credentials

SILENCE = 10.0
"""Seconds for which a server may be silent."""
_FOR_TOKEN = ("servers", "credentials", "login")
_NEEDED = {
    "endpoint": ("marketplace", "servers"),
    "login": ("servers",),
    "token": _FOR_TOKEN,
    "role": ("marketplace", *_FOR_TOKEN, "endpoint", "token"),
    "uploads": ("marketplace", *_FOR_TOKEN, "endpoint", "token"),
}
"""The checks that others need to be well."""


@attrs.frozen(kw_only=True)
class Asked:
    """What the doctor was asked to look at."""

    marketplace: str
    credentials: Path | None = None
    seller: str = DEFAULT_SELLER
    static: bool = False
    attachments: str | None = None
    """The order that an upload destination is made for."""
    silence: float = SILENCE
    patience: float = 5.0
    """Seconds for which 429s are waited out."""
    regions: Mapping[Region, str] | None = None
    """Other servers than Amazon's for the regions beside the marketplace's."""


async def examine(asked: Asked, tell: Callable[[Finding], object]) -> list[Finding]:
    """Make all checks, and tell of each when it is made."""
    examination = _Examination(asked=asked, tell=tell)
    await examination.run()
    return examination.findings


@attrs.define(kw_only=True)
class _Examination:
    asked: Asked
    tell: Callable[[Finding], object]
    findings: list[Finding] = attrs.field(factory=list, init=False)

    async def run(self) -> None:
        """Look at what is here, at the servers, and then at what Amazon says."""
        asked = self.asked
        self._note(*look_at_program())
        place, found = look_at_marketplace(asked.marketplace)
        self._note(found)
        servers, told = look_at_servers(place, os.environ, static=asked.static)
        self._note(*told)
        credentials, told = look_at_credentials(
            asked.credentials, asked.seller, amazons=servers.are_amazons
        )
        self._note(*told)
        await self._reach(servers)
        if credentials and servers.token_url and not self._is_bad("login"):
            await self._ask_amazon(credentials, place, servers)
        for name in self._names:
            if not any(finding.name == name for finding in self.findings):
                self._note(self._waiting(name))

    def _note(self, *findings: Finding) -> None:
        for finding in findings:
            self.findings.append(finding)
            self.tell(finding)

    async def _reach(self, servers: Servers) -> None:
        """Ask both servers without credentials, and compare the clocks."""
        proxies = proxies_in(os.environ)
        if servers.are_amazons:
            hosts = [servers.endpoint.host] if servers.endpoint else []
            self._note(*look_at_proxies(proxies, [*hosts, "api.amazon.com"]))
        questions = (
            ("endpoint", "Amazon", "GET", self._question(servers)),
            ("login", "Login with Amazon", "POST", servers.token_url),
        )
        headers = []
        async with self._http() as http:
            for name, who, method, url in questions:
                if url is None:
                    self._note(self._waiting(name))
                    continue
                answer = await ask(http, method, url, proxies)
                self._note(judged(name, who, url, answer))
                if isinstance(answer, Answer):
                    headers.append(answer.headers)
        self._note(look_at_clock(headers, datetime.now(UTC)))

    def _http(self) -> aiohttp.ClientSession:
        silence = self.asked.silence
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=silence, sock_read=silence)
        # Each question on a connection of its own: one that was kept may be closed by the time of
        # the next, which says nothing of the server.
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True),
            timeout=timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    def _question(self, servers: Servers) -> str | None:
        """Return the URL that Amazon refuses as JSON to one without a token."""
        path = DISCOVERY.path(self._order)
        return f"{servers.endpoint}{path}" if servers.endpoint else None

    @property
    def _order(self) -> str:
        return STATIC_ORDER if self.asked.static else NO_ORDER

    @property
    def _names(self) -> tuple[str, ...]:
        """The checks that need a token."""
        return ("token", "role", *(("uploads",) if self.asked.attachments else ()))

    def _is_bad(self, name: str) -> bool:
        return any(f.name == name and f.mark is Mark.BAD for f in self.findings)

    def _waiting(self, name: str) -> Finding:
        """Say of a check that cannot be made which others are to be well first."""
        return needs(name, *filter(self._is_bad, _NEEDED[name]))

    async def _ask_amazon(
        self, credentials: Credentials, place: Marketplace | None, servers: Servers
    ) -> None:
        """Ask for a token, and with it for what the application may do."""

        def session(place: Marketplace, endpoint: str) -> MessagingSession:
            return MessagingSession(
                credentials,
                marketplace=place,
                endpoint=endpoint,
                token_url=servers.token_url,
                static_sandbox=self.asked.static,
                timeout=self.asked.silence,
                patience=self.asked.patience,
            )

        # A token is of no marketplace: where none is known, it may be asked for all the same.
        anywhere = place or Marketplace.US
        async with session(anywhere, str(servers.endpoint or anywhere.region.endpoint)) as own:
            token = await look_at_token(own)
            self._note(token)
            if token.mark is not Mark.GOOD or any(map(self._is_bad, _NEEDED["role"])):
                return
            regions = servers.others if self.asked.regions is None else self.asked.regions
            others = {region: session(_first(region), url) for region, url in regions.items()}
            self._note(*await look_at_role(own, self._order, others))
            if self.asked.attachments:
                self._note(await look_at_uploads(own, self.asked.attachments))


def _first(region: Region) -> Marketplace:
    return next(place for place in Marketplace if place.region is region)
