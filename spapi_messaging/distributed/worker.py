"""A worker that is ready to run, for campaigns that need no code of their own on it.

    procrastinate --app=spapi_messaging.distributed.worker.app worker

It takes everything from the environment: ``SPAPI_MESSAGING_DATABASE``, the address of the
database (its password as ``PGPASSWORD``); ``SPAPI_MESSAGING_MARKETPLACE``, the country code of
orders whose job names no marketplace; and ``SPAPI_MESSAGING_CREDENTIALS``, a TOML file like that of
the command line:

    client_id = "amzn1.application-oa2-client…"
    client_secret = "…"

    [sellers.shop-1]
    refresh_token = "…"

The file is read when a seller's batch begins, so that a token which is replaced in it counts from
then on. `compose.yaml` beside this module starts two such workers.
"""

import asyncio
import os
from pathlib import Path

import procrastinate

from spapi_messaging.distributed.tasks import WORKER_DEFAULTS, messaging_blueprint
from spapi_messaging.errors import AuthorizationError
from spapi_messaging.marketplaces import Marketplace, marketplace_named
from spapi_messaging.transport import Credentials
from spapi_messaging.transport.credentials_file import read_toml

_NAMES = ("client_id", "client_secret", "refresh_token")


async def credentials(seller: str) -> Credentials:
    """Read a seller's credentials; raises AuthorizationError if they are not there."""
    path = Path(os.environ.get("SPAPI_MESSAGING_CREDENTIALS", "credentials.toml"))
    try:
        text = await asyncio.to_thread(path.read_text, "utf-8")
        values = read_toml(text)
        own = values["sellers"][seller]
        return Credentials(**{name: own.get(name) or values[name] for name in _NAMES})
    except OSError as error:
        fault = f"{path}: {error.strerror}"
    except (KeyError, TypeError, AttributeError):
        fault = f"{path} lacks {seller}, or one of {', '.join(_NAMES)} for it"
    except ValueError:  # whose text may quote a line
        fault = f"{path} is not TOML in UTF-8"
    raise AuthorizationError("missing_credentials", fault)


def worker_app() -> procrastinate.App:
    """Make the app that the environment describes."""
    database = os.environ.get("SPAPI_MESSAGING_DATABASE", "")
    made = procrastinate.App(
        connector=procrastinate.PsycopgConnector(conninfo=database),
        worker_defaults=WORKER_DEFAULTS,
    )
    blueprint = messaging_blueprint(
        credentials,
        marketplace=_marketplace(os.environ.get("SPAPI_MESSAGING_MARKETPLACE") or "US"),
        journal=database,
    )
    made.add_tasks_from(blueprint, namespace="spapi_messaging")
    return made


def _marketplace(name: str) -> Marketplace:
    found = marketplace_named(name)
    if found is None:
        raise ValueError(f"SPAPI_MESSAGING_MARKETPLACE: no marketplace is called {name!r}")
    return found


async def prepare(app: procrastinate.App) -> None:
    """Make Procrastinate's tables if they are missing; ``app`` is open."""
    if not await app.job_manager.check_connection_async():
        await app.schema_manager.apply_schema_async()


app = worker_app()
"""What ``procrastinate --app`` wants: an object of a module."""
