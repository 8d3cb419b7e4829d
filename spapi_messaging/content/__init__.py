"""What a text to a buyer may contain: warnings, never errors."""

from spapi_messaging.content.check import ContentWarning, check_text, other_orders

__all__ = ["ContentWarning", "check_text", "other_orders"]
