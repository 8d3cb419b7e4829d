"""HAL, the Hypertext Application Language, with nothing of Amazon in it."""

from spapi_messaging.hal.document import Document
from spapi_messaging.hal.links import Issue, Link

__all__ = ["Document", "Issue", "Link"]
