"""The inbox page, and the policy that lets a browser run its own script and nothing else.

What clients send is shown on it. The page writes it as text only; should that ever fail, the
policy still admits no script, no style and no address but the sandbox's own. It is one file, joined
from those in ``web/``, so that a hash can name its script. Source: https://www.w3.org/TR/CSP3/.
"""

import hashlib
import re
from base64 import b64encode
from html import escape
from importlib.resources import files

from spapi_messaging.api import OPERATIONS, UPLOAD_DESTINATION
from spapi_messaging.sandbox.api.names import shown_name

_SCRIPTS = (
    "base",
    "list",
    "message",
    "requests",
    "start",
    "routes",
    "keys",
    "controls",
    "live",
)
"""In this order: each runs as it is read, and the last one begins."""


def _page() -> str:
    parts = {
        "style": _asset("page.css"),
        "operations": _options(),
        "script": "".join(_asset(f"{name}.js") for name in _SCRIPTS),
    }
    page = _asset("page.html")
    for name, part in parts.items():
        page = page.replace(f"<!-- {name} -->", part)
    return page


def _options() -> str:
    """Write what a quota or a fault can be for: actions by their names, then the other requests."""
    actions = {name: shown_name(name) for name in OPERATIONS if shown_name(name) != name}
    others = {name: name for name in (*OPERATIONS, UPLOAD_DESTINATION) if name not in actions}
    return "".join(
        f'<optgroup label="{label}">'
        + "".join(
            f'<option value="{escape(value)}">{escape(name)}</option>' for value, name in all_
        )
        + "</optgroup>"
        for label, all_ in (
            ("Actions", sorted(actions.items(), key=lambda item: item[1])),
            ("Other requests", others.items()),
        )
    )


def _asset(name: str) -> str:
    return files("spapi_messaging.sandbox.admin").joinpath("web", name).read_text("utf-8")


def _policy(page: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_hash_of('script', page)}'",
            f"style-src '{_hash_of('style', page)}'",
            "img-src 'self' data:",  # data: is the page's own icon
            "frame-src 'self'",
            "connect-src 'self'",
            "form-action 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def _hash_of(tag: str, page: str) -> str:
    (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
    return "sha256-" + b64encode(hashlib.sha256(content.encode()).digest()).decode()


_TEXT = _page()
PAGE: bytes = _TEXT.encode()
"""The whole page, to be served as ``text/html; charset=utf-8``."""
CSP: str = _policy(_TEXT)
"""The page's ``Content-Security-Policy``."""
