"""A worker of a campaign, and as a process of its own, which the tests kill.

The sandbox is in its environment. Each seller is an account of its own in the sandbox; those
whose name begins with "bad" have credentials that do not work.
"""

import asyncio
import functools
import os
from typing import Any

import procrastinate

from spapi_messaging import Credentials, Marketplace, Quota, RateLimits
from spapi_messaging.distributed import WORKER_DEFAULTS, messaging_blueprint


async def credentials(seller: str) -> Credentials:
    prefix = "revoked" if seller.startswith("bad") else os.environ["SP_API_REFRESH_TOKEN"]
    return Credentials(
        client_id=os.environ["LWA_APP_ID"],
        client_secret=os.environ["LWA_CLIENT_SECRET"],
        refresh_token=f"{prefix}-{seller}",
    )


def queue_app(database: str, **pool: Any) -> procrastinate.App:
    """Return an app that enqueues; it has no tasks."""
    return procrastinate.App(
        connector=procrastinate.PsycopgConnector(conninfo=database, min_size=1, **pool)
    )


def worker_app(
    database: str, *, rate: float | None, burst: int, bulk: dict[str, Any], worker: dict[str, Any]
) -> procrastinate.App:
    """Return an app whose workers send; without a rate at Amazon's plan."""
    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(conninfo=database, min_size=1, max_size=4),
        worker_defaults={**WORKER_DEFAULTS, **worker},
    )
    limits = None
    if rate is not None:
        quota = Quota(rate=rate, burst=burst)
        limits = functools.partial(RateLimits, default=quota, starts_empty=True)
    blueprint = messaging_blueprint(
        credentials,
        marketplace=Marketplace.DE,
        journal=database,
        limits=limits,
        **bulk,
    )
    app.add_tasks_from(blueprint, namespace="spapi_messaging")
    return app


async def main(database: str, options: dict[str, Any]) -> None:
    app = worker_app(database, **options)
    async with app.open_async():
        await app.run_worker_async()


def run(database: str, options: dict[str, Any]) -> None:
    asyncio.run(main(database, options))
