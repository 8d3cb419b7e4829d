"""A client of the sandbox that knows nothing of the package: aiohttp, raw sockets, literals."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import attrs
from yarl import URL

from spapi_messaging.sandbox import Sandbox

ORDER = "903-1671087-0812628"
DE = "?marketplaceIds=A1PA6795UKMFR9"
ORDER_PATH = f"/messaging/v1/orders/{ORDER}"
NOT_PERMITTED = {
    "errors": [
        {
            "code": "Unauthorized",
            "message": "Invalid amazonOrderId and template combination.",
            "details": "",
        }
    ]
}
THROTTLED = {
    "errors": [
        {
            "code": "QuotaExceeded",
            "message": "You exceeded your quota for the requested resource.",
        }
    ]
}


class Clock:
    """A clock that a test turns on by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@attrs.frozen
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@attrs.define
class Api:
    sandbox: Sandbox
    http: aiohttp.ClientSession
    token: str = ""

    async def call(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        **how: Any,
    ) -> Reply:
        carried = {"x-amz-access-token": self.token if token is None else token}
        url = URL(self.sandbox.url + path, encoded=True)
        async with self.http.request(
            method, url, headers={**carried, **(headers or {})}, allow_redirects=False, **how
        ) as answer:
            return Reply(answer.status, answer.headers, await answer.read())

    async def get(self, path: str = ORDER_PATH + DE, **how: Any) -> Reply:
        return await self.call("GET", path, **how)

    async def post(
        self, segment: str, body: Any = None, *, order: str = ORDER, **how: Any
    ) -> Reply:
        if body is not None:
            how["json"] = body
        path = f"/messaging/v1/orders/{order}/messages/{segment}{DE}"
        return await self.call("POST", path, **how)

    async def log_in(self, **changed: str | None) -> Reply:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": "sandbox-refresh-token",
            "client_id": "sandbox-client-id",
            "client_secret": "sandbox-client-secret",
        } | changed
        data = {name: value for name, value in form.items() if value is not None}
        async with self.http.post(self.sandbox.token_url, data=data) as answer:
            return Reply(answer.status, answer.headers, await answer.read())

    async def raw(self, request: str) -> bytes:
        """Send bytes, and read until the server closes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.sandbox.port)
        try:
            writer.write(request.encode())
            return await reader.read()
        finally:
            writer.close()

    def raw_post(self, segment: str = "unexpectedProblem", body: str = '{"text": "Hi"}') -> str:
        return (
            f"POST {ORDER_PATH}/messages/{segment}{DE} HTTP/1.1\r\nHost: localhost\r\n"
            f"x-amz-access-token: {self.token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )


@asynccontextmanager
async def serving(**options: Any) -> AsyncIterator[Api]:
    """Run a sandbox with one order, and be logged in to it."""
    async with Sandbox(**options) as sandbox, aiohttp.ClientSession() as http:
        sandbox.add_order(ORDER)
        api = Api(sandbox, http)
        api.token = (await api.log_in()).json["access_token"]
        yield api


def problem(status: int, code: str, message: str, details: str = "") -> tuple[int, Any]:
    return status, {"errors": [{"code": code, "message": message, "details": details}]}
