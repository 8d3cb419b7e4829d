"""What a text to a buyer may contain: warnings, never errors."""

from spapi_messaging.content.check import ContentWarning, check_text, other_orders
from spapi_messaging.content.filled import check_filled

__all__ = ["ContentWarning", "check_filled", "check_text", "other_orders"]
