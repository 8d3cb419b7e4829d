"""The inbox page, and the policy that lets a browser run its own script and nothing else.

What clients send is shown on it. The page writes it as text only; should that ever fail, the
policy still admits no script, no style and no address but the sandbox's own.
Source: https://www.w3.org/TR/CSP3/.
"""

import hashlib
import re
from base64 import b64encode
from html import escape
from importlib.resources import files

from spapi_messaging.api import OPERATIONS, UPLOAD_DESTINATION
from spapi_messaging.sandbox.api.accounts import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN

_ENVIRONMENT = {
    "SP_API_REFRESH_TOKEN": REFRESH_TOKEN,
    "LWA_APP_ID": CLIENT_ID,
    "LWA_CLIENT_SECRET": CLIENT_SECRET,
}


def _page() -> str:
    names = (*OPERATIONS, UPLOAD_DESTINATION)
    parts = {
        "style": _asset("page.css"),
        "operations": "".join(f"<option>{escape(name)}</option>" for name in names),
        "environment": "\n".join(f"{name}={escape(value)}" for name, value in _ENVIRONMENT.items()),
        "script": _asset("page.js"),
    }
    page = _asset("page.html")
    for name, part in parts.items():
        page = page.replace(f"<!-- {name} -->", part)
    return page


def _asset(name: str) -> str:
    return files("spapi_messaging.sandbox.admin").joinpath(name).read_text("utf-8")


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
