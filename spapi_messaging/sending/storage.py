"""The storage behind the Uploads API: a file's bytes go to the URL that Amazon gave for them.

The URL is presigned, so it is a secret, and it stays byte for byte as it came. The headers that
came with it were signed and go along, but for those that frame a message or belong to a
connection: the length is the file's own, or a wrong one would cut it and S3 would say 200.

Sources: RFC 9110 §7.6.1 and §8.6, RFC 9112 §6; the names of hosts: RFC 1123 §2.1.
"""

import re
from collections.abc import Mapping

from spapi_messaging.api import Endpoint, UploadDestination
from spapi_messaging.errors import UntrustedLinkError, UploadError
from spapi_messaging.sending.files import LoadedFile
from spapi_messaging.transport import Request, Transport

OPERATION = "PUT of an attachment"

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_FRAMING = frozenset(
    {
        *("connection", "content-length", "expect", "host", "keep-alive"),
        *("te", "trailer", "trailers", "transfer-encoding", "upgrade"),
    }
)
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
MAX_HOST = 253


async def put(
    transport: Transport, file: LoadedFile, order_id: str, destination: UploadDestination
) -> None:
    """Put a file where Amazon wants it; raises what ``Transport.put`` raises, and UploadError."""
    headers = _headers(destination.headers or {}, file.name, order_id)
    _check_url(destination.url, plain_http=transport.endpoint.scheme == "http")
    request = Request(
        operation=OPERATION,
        method="PUT",
        url=destination.url,
        order_id=order_id,
        body=file.content,
        repeatable=True,
    )
    try:
        answer = await transport.put(request, headers)
    finally:
        request.body = None  # frames of an error may hold the request until they are collected
    # The storage says yes without a word.
    if answer.body.lstrip().startswith(b"<"):
        fault = f"a page of somebody in between answered {answer.status}, and not the storage"
        raise UploadError(order_id, file.name, fault)


def _headers(given: Mapping[str, str], file_name: str, order_id: str) -> dict[str, str]:
    for name, value in given.items():
        if not _HEADER_NAME.fullmatch(name) or not (value.isascii() and value.isprintable()):
            raise UploadError(order_id, file_name, "its upload headers are malformed")
    return {
        name: value
        for name, value in given.items()
        if name.lower() not in _FRAMING and not name.lower().startswith("proxy-")
    }


def _check_url(url: str, *, plain_http: bool) -> None:
    target = Endpoint.of(url)
    if target.scheme == "http" and not plain_http:
        raise UntrustedLinkError("(withheld)", "it is plain http")
    labels = target.host.removesuffix(".").split(".")
    is_name = len(target.host) <= MAX_HOST and all(map(_LABEL.fullmatch, labels))
    if ":" not in target.host and not is_name:
        raise UntrustedLinkError("(withheld)", "its host is no name of one")
