"""What is told of each attempt: to the log, and to users' own metrics."""

import platform
import sys
from functools import cache

import attrs

from spapi_messaging.transport.request import NoResponse, Request, Response

MAX_USER_AGENT = 500


@attrs.frozen(kw_only=True)
class RequestEvent:
    """One attempt of one request, as ``on_request`` sees it. It holds no secret and no text.

    ``waited``: seconds for the turn; ``took``: seconds from the turn to the answer;
    ``status``: None if no answer came, and then ``failure`` says why.
    """

    operation: str
    order_id: str | None
    attempt: int
    waited: float
    took: float
    status: int | None
    request_id: str | None
    failure: str | None

    @classmethod
    def of(
        cls,
        request: Request,
        result: Response | NoResponse,
        *,
        attempt: int,
        waited: float,
        took: float,
    ) -> "RequestEvent":
        """Say what became of an attempt."""
        answer = result if isinstance(result, Response) else None
        return cls(
            operation=request.operation,
            order_id=request.order_id,
            attempt=attempt,
            waited=waited,
            took=took,
            status=answer.status if answer else None,
            request_id=answer.request_id if answer else None,
            failure=None if isinstance(result, Response) else result.cause,
        )


def agent_line(application: str | None = None) -> str:
    """Return the User-Agent in Amazon's form: ``App/Version (Language=…; Platform=…)``.

    Without an application it names this package. Raises ValueError beyond 500 characters, or
    for characters that no header can hold.
    """
    if application is None:
        application = f"spapi-messaging/{_version()}"
    language = f"Python/{sys.version_info.major}.{sys.version_info.minor}"
    agent = (
        application
        if "(" in application
        else f"{application} (Language={language}; Platform={platform.system() or 'unknown'})"
    )
    if len(agent) > MAX_USER_AGENT or not agent.isascii() or not agent.isprintable():
        raise ValueError("a user agent has at most 500 printable ASCII characters")
    return agent


@cache
def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("spapi-messaging")
    except PackageNotFoundError:  # run from a folder that nobody installed
        return "0"
