"""The files of messages, sent so that a browser shows the harmless ones and keeps the others."""

from http import HTTPStatus
from urllib.parse import quote

from aiohttp import web

from spapi_messaging.sandbox.admin import queries, views
from spapi_messaging.sandbox.admin.queries import RefusedError
from spapi_messaging.sandbox.api.records import AcceptedMessage

GUARDED = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
"""Headers of every answer of this API."""

_INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "application/pdf", "text/plain"})


def file_answer(message: AcceptedMessage, index: str) -> web.Response:
    """Answer with the bytes of one file of a message."""
    files, place = message.attachments, queries.number(index, "the file's number")
    content = files[place].content if place < len(files) else None
    if content is None:
        raise RefusedError(
            HTTPStatus.NOT_FOUND, "There is no such file, or its bytes are no longer kept."
        )
    media_type, name = views.media_type(files[place]), files[place].name
    shown = "inline" if media_type in _INLINE else "attachment"
    spelled = quote(name.encode(errors="replace"), safe="")
    headers = {
        **GUARDED,
        "Content-Type": _sent_type(media_type),
        "Content-Disposition": f"{shown}; filename*=UTF-8''{spelled}",
        "Content-Security-Policy": _file_policy(media_type),
        "X-Frame-Options": "SAMEORIGIN",
    }
    return web.Response(body=content, headers=headers)


def _sent_type(media_type: str) -> str:
    if media_type not in _INLINE:
        return "application/octet-stream"
    return "text/plain; charset=utf-8" if media_type == "text/plain" else media_type


def _file_policy(media_type: str) -> str:
    # Chromium shows no PDF in a sandbox; a PDF has no script in this origin either way.
    policy = "default-src 'none'; frame-ancestors 'self'"
    if media_type == "application/pdf":
        return f"{policy}; object-src 'self'; style-src 'unsafe-inline'"
    return f"sandbox; {policy}"
