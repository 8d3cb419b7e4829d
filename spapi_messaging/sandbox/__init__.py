"""A local Selling Partner API to develop and test against: ``async with Sandbox() as sandbox``.

It is a witness. Of this package it knows the tables of operations, plans and marketplaces, and
nothing of the client: it has its own limits and its own checks, so that an error of the client
is refused here as Amazon would refuse it.
"""

from spapi_messaging.sandbox.api.accounts import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN
from spapi_messaging.sandbox.api.catalog import DEFAULT_ACTIONS
from spapi_messaging.sandbox.api.orders import SandboxOrder
from spapi_messaging.sandbox.api.records import AcceptedAttachment, AcceptedMessage, RequestRecord
from spapi_messaging.sandbox.faults import Fault
from spapi_messaging.sandbox.scenarios import Scenario, ScenarioError
from spapi_messaging.sandbox.server import Sandbox

__all__ = [
    "CLIENT_ID",
    "CLIENT_SECRET",
    "DEFAULT_ACTIONS",
    "REFRESH_TOKEN",
    "AcceptedAttachment",
    "AcceptedMessage",
    "Fault",
    "RequestRecord",
    "Sandbox",
    "SandboxOrder",
    "Scenario",
    "ScenarioError",
]
