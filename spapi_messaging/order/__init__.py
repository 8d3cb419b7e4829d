"""What an order permits now, as callable actions."""

from spapi_messaging.order.action import Action, Follow
from spapi_messaging.order.order import Actions, Order, discover

__all__ = ["Action", "Actions", "Follow", "Order", "discover"]
