"""An order that was asked what it permits: its answer, and its actions by name."""

from collections.abc import Coroutine, Iterator, Mapping
from typing import Any

import attrs

from spapi_messaging.api import DISCOVERY, OfferedActions, OrderAttributes, decode_answer
from spapi_messaging.errors import ActionNotOfferedError, DecodeError, HalError
from spapi_messaging.hal import Document
from spapi_messaging.messages import Message
from spapi_messaging.order.action import Action, Follow
from spapi_messaging.sending import Outgoing, Receipt, Sender


class Actions(Mapping[str, Action]):
    """The actions of an order by the names they are offered under.

    Looking one up also finds it by its operation's name, path segment or alias:
    ``actions["invoice"]`` is ``actions["sendInvoice"]``. A missing one raises
    ActionNotOfferedError, which lists what there is. An action is made when it is looked up:
    an order may offer a dozen, and most callers want one.
    """

    def __init__(
        self, order_id: str, offered: OfferedActions, *, sender: Sender, follow: Follow
    ) -> None:
        # Not the Order: a cycle would leave each answer to the garbage collector.
        self._order_id = order_id
        self._offered = offered
        self._sender = sender
        self._follow = follow
        self._made: dict[str, Action] = {}

    def find(self, name: str) -> Action | None:
        """Return the action of that name or alias, or None."""
        if name not in self._made:
            offer = self._offered.find(name)
            if offer is None:
                return None
            known = self._made.get(offer.name)
            self._made[name] = known or Action(self._order_id, offer, self._sender, self._follow)
            self._made[offer.name] = self._made[name]
        return self._made[name]

    def __getitem__(self, name: str) -> Action:
        action = self.find(name)
        if action is None:
            raise _not_offered(self._order_id, name, self._offered)
        return action

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.find(name) is not None

    def get(self, name: str, default: Any = None) -> Any:  # its errors are no KeyErrors
        """Return the action of that name or alias, or ``default``."""
        return self.find(name) or default

    def __iter__(self) -> Iterator[str]:
        return iter(self._offered)

    def __len__(self) -> int:
        return len(self._offered)

    def __repr__(self) -> str:
        return f"<Actions of {self._order_id}: {', '.join(self._offered) or 'none'}>"


@attrs.define(kw_only=True, eq=False)
class Order:
    """An order, with what it permitted at the moment it was asked.

    Ask again before long: what is offered depends on the messages already sent, and an
    order that offers nothing one day has been seen to offer messages the next.
    """

    order_id: str
    _answer: bytes = attrs.field(repr=False)
    """One object to the garbage collector; when it is parsed, hundreds."""
    _url: str = attrs.field(repr=False)
    _sender: Sender = attrs.field(repr=False)
    _follow: Follow = attrs.field(repr=False)
    _unseen: Document | None = attrs.field(repr=False)
    """The answer as it was parsed when it came, until somebody takes it."""
    _document: Document | None = attrs.field(default=None, init=False, repr=False)
    _actions: Actions | None = attrs.field(default=None, init=False, repr=False)

    @property
    def document(self) -> Document:
        """The HAL document that the order answered."""
        if self._document is None:
            self._document = self._taken()
        return self._document

    @property
    def actions(self) -> Actions:
        """What the order offers, by name."""
        if self._actions is None:
            offered = OfferedActions(self.document)
            self._actions = Actions(
                self.order_id, offered, sender=self._sender, follow=self._follow
            )
        return self._actions

    async def send(self, message: Message) -> Receipt:
        """Send a typed message, if the order offers it; raises what calling an action raises."""
        outgoing = await self.prepare(message)
        return await outgoing.send()

    def prepare(self, message: Message) -> Coroutine[Any, Any, Outgoing]:
        """Check a typed message and address it, if the order offers it; nothing is sent.

        An order at which nobody has looked keeps no more than the bytes of its answer meanwhile.
        """
        offered = OfferedActions(self._document or self._taken())
        offer = offered.find(message.operation)
        if offer is None:
            raise _not_offered(self.order_id, message.operation, offered)
        return Action(self.order_id, offer, self._sender, self._follow).prepare(message)

    async def attributes(self) -> OrderAttributes:
        """Ask for the buyer's language of preference."""
        return await self._sender.attributes(self.order_id)

    def _taken(self) -> Document:
        unseen, self._unseen = self._unseen, None
        return unseen or _parsed(self._answer, self._url, self.order_id)


def _parsed(answer: bytes, url: str, order_id: str) -> Document:
    value = decode_answer(answer, operation=DISCOVERY.name, order_id=order_id)
    try:
        return Document.parse(value, url=url)
    except HalError as error:
        fault = str(error)
    raise DecodeError(DISCOVERY.name, "$", fault, order_id)


def _not_offered(order_id: str, name: str, offered: OfferedActions) -> ActionNotOfferedError:
    return ActionNotOfferedError(order_id, name, tuple(offered))


async def discover(sender: Sender, order_id: str, follow: Follow) -> Order:
    """Ask an order which messages it permits now (getMessagingActionsForOrder)."""
    answer = await sender.get(DISCOVERY.name, sender.url(DISCOVERY, order_id), order_id)
    return Order(
        order_id=order_id,
        answer=answer.body,
        url=answer.url,
        sender=sender,
        follow=follow,
        unseen=_parsed(answer.body, answer.url, order_id),
    )
