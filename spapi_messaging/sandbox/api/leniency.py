"""What the sandbox lets in though no model describes it, and the notes it makes of that.

Refused is what Amazon is known to refuse. Other clients send more than they must, and it works;
here it works as well and stands in the log of the requests, so that it is seen.
"""

from collections.abc import Iterable, Iterator

from spapi_messaging.sandbox.api.cuts import cut
from spapi_messaging.sandbox.api.routes import Call, Kind, unusual

_PARAMETERS: dict[Kind, frozenset[str]] = {
    "upload": frozenset({"marketplaceIds", "contentMD5", "contentType"})
}
_MARKETPLACE = frozenset({"marketplaceIds"})
_MOST = 5
_MAX_NAME = 60


def unknown_notes(kind: str, names: Iterable[str], place: str) -> Iterator[str]:
    """Make a note of each name that nothing describes, of the first few."""
    listed = sorted(names)
    for name in listed[:_MOST]:
        yield unusual(f"unknown {kind} {cut(name, _MAX_NAME)} {place}")
    if len(listed) > _MOST:
        yield unusual(f"{len(listed) - _MOST} more unknown {kind}s {place}")


def request_notes(call: Call) -> Iterator[str]:
    """Say what is unusual about a request before its body is read."""
    yield from call.route.notes
    known = _PARAMETERS.get(call.route.kind, _MARKETPLACE)
    yield from unknown_notes("parameter", call.query.keys() - known, "in the query")
    if call.body and call.record.method == "GET":
        yield unusual("a body with GET")
    if "authorization" in call.headers:
        yield unusual("an Authorization header")
