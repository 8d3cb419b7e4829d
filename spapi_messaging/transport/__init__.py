"""One request to Amazon: token, quota, HTTP, and what follows each attempt."""

from spapi_messaging.transport.auth import TOKEN_URL, Login
from spapi_messaging.transport.backoff import Backoff
from spapi_messaging.transport.credentials import VARIABLES, Credentials
from spapi_messaging.transport.events import RequestEvent, agent_line
from spapi_messaging.transport.payload import open_http
from spapi_messaging.transport.request import Delivery, Request, Response
from spapi_messaging.transport.timeouts import DEFAULT_TIMEOUT, client_timeout
from spapi_messaging.transport.transport import Transport

__all__ = [
    "DEFAULT_TIMEOUT",
    "TOKEN_URL",
    "VARIABLES",
    "Backoff",
    "Credentials",
    "Delivery",
    "Login",
    "Request",
    "RequestEvent",
    "Response",
    "Transport",
    "agent_line",
    "client_timeout",
    "open_http",
]
