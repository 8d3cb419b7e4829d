"""What an order permits now, as callable actions."""

from spapi_messaging.order.order import Action, Actions, Follow, Order, discover

__all__ = ["Action", "Actions", "Follow", "Order", "discover"]
