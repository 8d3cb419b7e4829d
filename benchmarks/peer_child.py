"""One peer at work, run by the Python of its own environment, which knows nothing of ours.

    python peer_child.py PEER URL ORDER COUNT TASKS PACED

It asks an order and sends to it COUNT times, TASKS at once, and prints its CPU and wall time
as JSON. With PACED only messages are sent, and the peer's own limiter is on.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

ID = os.environ.get("LWA_APP_ID", "client")
SECRET = os.environ.get("LWA_CLIENT_SECRET", "secret")
REFRESH = os.environ.get("SP_API_REFRESH_TOKEN", "refresh")
TEXT = "The parcel was damaged on its way. May we send you another one on Monday?"
MARKETPLACE = "A1PA6795UKMFR9"


def sp_api(url: str, order: str, *, paced: bool) -> Callable[[], Awaitable[None]]:
    """Use the async client of python-amazon-sp-api."""
    from sp_api.asyncio.api.messaging.messaging import Messaging
    from sp_api.asyncio.auth.access_token_client import AccessTokenClient

    scheme, host = url.split("://")
    AccessTokenClient.scheme, AccessTokenClient.host = f"{scheme}://", host
    named = {"refresh_token": REFRESH, "lwa_app_id": ID, "lwa_client_secret": SECRET}
    client: Any = Messaging(credentials=named)
    client.endpoint, client.marketplace_id = url, MARKETPLACE

    async def operation() -> None:
        if not paced:
            await client.get_messaging_actions_for_order(order, marketplaceIds=MARKETPLACE)
        # Its own create_unexpected_problem puts the marketplace into the body, which is refused.
        await client._request(  # noqa: SLF001  # so that it can send at all
            f"/messaging/v1/orders/{order}/messages/unexpectedProblem",
            data={"text": TEXT},
            params={"method": "POST", "marketplaceIds": MARKETPLACE},
            add_marketplace=False,
        )

    return operation


def selling_partner(url: str, order: str, *, paced: bool) -> Callable[[], Awaitable[None]]:
    """Use the async client of amzn-selling-partner."""
    from amzn_selling_partner import AsyncSellingPartner, Region

    Region.base_url = lambda *_, **__: url
    client = AsyncSellingPartner(
        client_id=ID,
        client_secret=SECRET,
        refresh_token=REFRESH,
        token_url=f"{url}/auth/o2/token",
        throttle=paced,
    )

    async def operation() -> None:
        if not paced:
            await client.messaging_v1.get_order(order, [MARKETPLACE])
        await client.messaging_v1.create_unexpected_problem(order, {"text": TEXT}, [MARKETPLACE])

    return operation


def spapi(url: str, order: str, *, paced: bool) -> Callable[[], Awaitable[None]]:
    """Use Amazon's own SDK, amzn-sp-api, which is not async."""
    from spapi import SPAPIClient, SPAPIConfig
    from spapi.api.messaging_v1.messaging_api import MessagingApi

    config = SPAPIConfig(client_id=ID, client_secret=SECRET, refresh_token=REFRESH, region="EU")
    client = SPAPIClient(config, oauth_endpoint=f"{url}/auth/o2/token", endpoint=url)
    api = MessagingApi(client.api_client)

    async def operation() -> None:  # it blocks, as it does for its users
        if not paced:
            api.get_messaging_actions_for_order(order, [MARKETPLACE])
        api.create_unexpected_problem(order, [MARKETPLACE], {"text": TEXT})

    return operation


def ours(url: str, order: str, *, paced: bool) -> Callable[[], Awaitable[None]]:
    """Use this package."""
    from spapi_messaging import (
        Credentials,
        Marketplace,
        MessagingSession,
        Quota,
        RateLimits,
        UnexpectedProblem,
    )

    session = MessagingSession(
        Credentials(ID, SECRET, REFRESH),
        marketplace=Marketplace.DE,
        endpoint=url,
        token_url=f"{url}/auth/o2/token",
        limits=RateLimits() if paced else RateLimits(default=Quota(rate=9000, burst=1_000_000)),
    )
    opening = asyncio.ensure_future(session.__aenter__())

    async def operation() -> None:
        await opening
        await session.send(order, UnexpectedProblem(text=TEXT), discover=not paced)

    return operation


PEERS = {
    "spapi-messaging": ours,
    "python-amazon-sp-api": sp_api,
    "amzn-selling-partner": selling_partner,
    "amzn-sp-api": spapi,
}


async def main() -> None:
    """Measure one peer."""
    peer, url, order, count, tasks, paced = sys.argv[1:]
    operation = PEERS[peer](url, order, paced=paced == "1")
    failed = 0

    async def one(times: int) -> None:
        nonlocal failed
        for _ in range(times):
            try:
                await operation()
            except Exception:  # noqa: BLE001  # a message that was lost is a figure
                failed += 1

    if paced != "1":
        await one(5)
        failed = 0
    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one(int(count) // int(tasks)) for _ in range(int(tasks))))
    took = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "failed": failed}
    sys.stdout.write(json.dumps(took))
    sys.stdout.flush()
    os._exit(0)  # what the peer leaves open is not what is measured


if __name__ == "__main__":
    asyncio.run(main())
