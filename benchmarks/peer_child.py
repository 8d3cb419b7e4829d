"""One peer at work, run by the Python of its own environment, which knows nothing of ours.

    python peer_child.py PEER URL ORDER COUNT TASKS PACED

It asks an order and sends to it COUNT times, TASKS at once, and prints as JSON its CPU and wall
time, how many failed, and the CPU of the first and of the last hundred. ORDER is an order's id,
or how the ids of orders begin: then each is another one. With PACED only messages are sent, and
the peer's own limiter is on.
"""

import asyncio
import itertools
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

ID = os.environ.get("LWA_APP_ID", "client")
SECRET = os.environ.get("LWA_CLIENT_SECRET", "secret")
REFRESH = os.environ.get("SP_API_REFRESH_TOKEN", "refresh")
TEXT = "The parcel was damaged on its way. May we send you another one on Monday?"
MARKETPLACE = "A1PA6795UKMFR9"
WHOLE_ID = 19
SOME = 100


def sp_api(url: str, *, paced: bool) -> Callable[[str], Awaitable[None]]:
    """Use the async client of python-amazon-sp-api."""
    from sp_api.asyncio.api.messaging.messaging import Messaging
    from sp_api.asyncio.auth.access_token_client import AccessTokenClient

    scheme, host = url.split("://")
    AccessTokenClient.scheme, AccessTokenClient.host = f"{scheme}://", host
    named = {"refresh_token": REFRESH, "lwa_app_id": ID, "lwa_client_secret": SECRET}
    client: Any = Messaging(credentials=named)
    client.endpoint, client.marketplace_id = url, MARKETPLACE

    async def operation(order: str) -> None:
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


def selling_partner(url: str, *, paced: bool) -> Callable[[str], Awaitable[None]]:
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

    async def operation(order: str) -> None:
        if not paced:
            await client.messaging_v1.get_order(order, [MARKETPLACE])
        await client.messaging_v1.create_unexpected_problem(order, {"text": TEXT}, [MARKETPLACE])

    return operation


def spapi(url: str, *, paced: bool) -> Callable[[str], Awaitable[None]]:
    """Use Amazon's own SDK, amzn-sp-api, which is not async."""
    from spapi import SPAPIClient, SPAPIConfig
    from spapi.api.messaging_v1.messaging_api import MessagingApi

    config = SPAPIConfig(client_id=ID, client_secret=SECRET, refresh_token=REFRESH, region="EU")
    client = SPAPIClient(config, oauth_endpoint=f"{url}/auth/o2/token", endpoint=url)
    api = MessagingApi(client.api_client)

    async def operation(order: str) -> None:  # it blocks, as it does for its users
        if not paced:
            api.get_messaging_actions_for_order(order, [MARKETPLACE])
        api.create_unexpected_problem(order, [MARKETPLACE], {"text": TEXT})

    return operation


def ours(url: str, *, paced: bool) -> Callable[[str], Awaitable[None]]:
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

    async def operation(order: str) -> None:
        await opening
        await session.send(order, UnexpectedProblem(text=TEXT), discover=not paced)

    return operation


PEERS = {
    "spapi-messaging": ours,
    "python-amazon-sp-api": sp_api,
    "amzn-selling-partner": selling_partner,
    "amzn-sp-api": spapi,
}


def order_ids(order: str) -> Iterator[str]:
    """Return one order's id again and again, or count up those that begin so."""
    if len(order) == WHOLE_ID:
        return itertools.repeat(order)
    return (f"{order}-{number:07d}-0812628" for number in itertools.count())


async def main() -> None:
    """Measure one peer."""
    peer, url, order, count, tasks, paced = sys.argv[1:]
    operation, ids = PEERS[peer](url, paced=paced == "1"), order_ids(order)
    failed, spent = 0, []

    async def one(times: int) -> None:
        nonlocal failed
        for _ in range(times):
            try:
                await operation(next(ids))
            except Exception:  # noqa: BLE001  # a message that was lost is a figure
                failed += 1
            spent.append(time.process_time())

    if paced != "1":
        await one(5)
        failed = 0
    spent[:] = [time.process_time()]
    wall = time.perf_counter()
    await asyncio.gather(*(one(int(count) // int(tasks)) for _ in range(int(tasks))))
    some = min(SOME, len(spent) // 2)
    took = {
        "cpu": spent[-1] - spent[0],
        "wall": time.perf_counter() - wall,
        "failed": failed,
        "first": (spent[some] - spent[0]) / some,
        "last": (spent[-1] - spent[-1 - some]) / some,
    }
    sys.stdout.write(json.dumps(took))
    sys.stdout.flush()
    os._exit(0)  # what the peer leaves open is not what is measured


if __name__ == "__main__":
    asyncio.run(main())
