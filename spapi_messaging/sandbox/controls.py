"""What a test does to the sandbox and asks it, apart from HTTP."""

import random
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, get_args

import attrs

from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.quota import MESSAGING_QUOTA, SANDBOX_QUOTA, Quota
from spapi_messaging.sandbox import validation
from spapi_messaging.sandbox.api.accounts import Accounts
from spapi_messaging.sandbox.api.backend import Backend
from spapi_messaging.sandbox.api.catalog import DEFAULT_ACTIONS
from spapi_messaging.sandbox.api.log import Log
from spapi_messaging.sandbox.api.messages_endpoint import MessagesEndpoint, Success
from spapi_messaging.sandbox.api.orders import MAX_ACTIONS, SandboxOrder, Shape, segment_of
from spapi_messaging.sandbox.api.quotas import Quotas
from spapi_messaging.sandbox.api.uploads import Uploads
from spapi_messaging.sandbox.faults import Fault, FaultBody, Faults
from spapi_messaging.sandbox.scenarios import Scenario, make_order, order_of
from spapi_messaging.sandbox.validation import WrongValueError
from spapi_messaging.sandbox.witness import Witness

MAX_ORDERS = 1_000_000
"""Orders that can be added."""
MAX_ORDER_BYTES = 256 * 1024 * 1024
"""What the documents and schemas of these take, about."""


class Controls(Witness):
    """Orders, quotas, tokens and faults of a sandbox, and what happened to it.

    Whatever is named or counted here is checked as in a file or over HTTP, and what is wrong is
    a ValueError: a name that means nothing would have no effect.
    """

    announce_rate: bool = True
    """Whether 200, 201, 400 and 404 carry ``x-amzn-RateLimit-Limit``."""
    header_override: str | None = None
    """What that header says instead of the plan's rate."""

    def __init__(
        self,
        *,
        quotas: Quotas,
        rng: random.Random,
        wall: Callable[[], datetime],
        expires_in: int,
        success: Success,
        any_order: Iterable[str] | None,
        signed_headers: bool,
        offered_hrefs_answer: bool,
    ) -> None:
        log, orders = Log(), dict[str, SandboxOrder]()
        uploads = Uploads(rng=rng, signed_headers=signed_headers)
        self.backend = Backend(
            rng=rng,
            accounts=Accounts(rng=rng, expires_in=expires_in),
            quotas=quotas,
            uploads=uploads,
            log=log,
            endpoint=MessagesEndpoint(
                uploads=uploads,
                log=log,
                wall=wall,
                orders=orders,
                offered_hrefs_answer=offered_hrefs_answer,
                success=validation.one_of(*get_args(Success))(success, "success"),
            ),
            orders=orders,
            any_order=None if any_order is None else tuple(_any_order(any_order)),
        )
        self.faults = Faults()
        self._latency: float | tuple[float, float] = 0.0
        self._order_bytes = 0

    @property
    def latency(self) -> float | tuple[float, float]:
        """Seconds that a request takes, or a range of them."""
        return self._latency

    @latency.setter
    def latency(self, seconds: float | tuple[float, float]) -> None:
        self._latency = validation.latency(seconds, "latency")

    def add_order(
        self,
        order_id: str,
        actions: Iterable[str] = DEFAULT_ACTIONS,
        *,
        locale: str | None = None,
        disabled: Mapping[str, str | None] | None = None,
        closed: bool = False,
        schemas: Shape = "embedded",
        marketplace: Marketplace | str | None = None,
        seller: str | None = None,
        custom: Mapping[str, Mapping[str, Any]] | None = None,
        document: Mapping[str, Any] | bytes | None = None,
        max_messages: int | None = None,
    ) -> SandboxOrder:
        """Add an order, or replace it; see `SandboxOrder` for what can be said about it."""
        given = {
            "order_id": order_id,
            "actions": actions if isinstance(actions, str) else tuple(actions),
            "disabled": {} if disabled is None else disabled,
            "closed": closed,
            "schemas": schemas,
            "marketplace": marketplace,
            "seller": seller,
            "custom": {} if custom is None else custom,
            "document": document,
            "max_messages": max_messages,
        }
        if (said := self.backend.locale if locale is None else locale) is not None:
            given["locale"] = said
        order = make_order(order_of(given, ""), "")
        self._make_room(order, self.backend.orders.get(order_id))
        self.backend.orders[order_id] = order
        return order

    def change_order(self, order_id: str, **given: Any) -> SandboxOrder:
        """Change what is said of an order, or add it; see `SandboxOrder`."""
        known = self.backend.orders.get(order_id)
        if known is None:
            return self.add_order(order_id, **given)
        given = order_of({"order_id": order_id, **given}, "")
        changed = make_order(_still_offered(known, given) | given, "")
        self._make_room(changed, known)
        for name in ("custom", "actions", "disabled", *given):
            setattr(known, name, getattr(changed, name))
        return known

    def _make_room(self, order: SandboxOrder, known: SandboxOrder | None) -> None:
        if known is None and len(self.backend.orders) >= MAX_ORDERS:
            raise WrongValueError("There are too many orders to add one.")
        taken = self._order_bytes + order.room - (known.room if known else 0)
        if taken > MAX_ORDER_BYTES:
            raise WrongValueError("The documents and schemas of the orders are too large.")
        self._order_bytes = taken

    def apply(self, scenario: Scenario) -> None:
        """Make the sandbox what a scenario says; what it does not say stays."""
        if scenario.locale is not None:
            self.backend.locale = validation.locale(scenario.locale, "locale")
        if scenario.latency is not None:
            self.latency = scenario.latency
        if scenario.any_order is not None:
            names = scenario.any_order or ()
            self.backend.any_order = tuple(_any_order(names)) or None
        for order in scenario.orders:  # first, for they declare actions
            self.add_order(**order)
        if None in scenario.quotas:  # first, for it replaces all plans
            self.backend.quotas.set(None, scenario.quotas[None])
        for operation, plan in scenario.quotas.items():
            if operation is not None:
                self.backend.quotas.set(self.operation(operation), plan)
        for fault in scenario.faults:
            self.add_fault(attrs.evolve(fault))

    def reset(self) -> None:
        """Forget messages, requests, counters and faults to come; orders and tokens stay."""
        self.clear_faults()
        self.backend.forget()

    def set_quota(
        self, operation: str | None = None, rate: float | None = None, burst: int | None = None
    ) -> None:
        """Change the plan of an operation, or of all; without rate and burst it is unlimited."""
        name = None if operation is None else self.operation(operation)
        self.backend.quotas.set(name, validation.quota({"rate": rate, "burst": burst}, ""))

    def fail_next(
        self,
        status: int | None = 503,
        *,
        operation: str | None = None,
        order_id: str | None = None,
        times: int = 1,
        after_accepting: bool = False,
        body: FaultBody | bytes | None = None,
        hang: bool = False,
        reset: bool = False,
        raw: bytes | None = None,
        location: str | None = None,
        headers: Mapping[str, str] | None = None,
        delay: float = 0.0,
        after: int = 0,
    ) -> Fault:
        """Order a fault for the next requests that match; see `Fault`."""
        fault = Fault(
            status=status,
            operation=operation,
            order_id=order_id,
            times=times,
            after_accepting=after_accepting,
            body=body,
            hang=hang,
            reset=reset,
            raw=raw,
            location=location,
            headers=dict(headers or {}),
            delay=delay,
            after=after,
        )
        self.add_fault(fault)
        return fault

    def add_fault(self, fault: Fault) -> None:
        """Put a fault behind those that are already ordered."""
        if fault.operation is not None:
            fault.operation = self.operation(fault.operation)
        self.faults.add(fault)

    def clear_faults(self) -> None:
        """Forget the faults that are still to come."""
        self.faults.pending.clear()

    def expire_tokens(self) -> None:
        """End the access tokens given out so far."""
        self.backend.accounts.expire()

    def revoke_tokens(self) -> None:
        """Make the access tokens given out so far invalid."""
        self.backend.accounts.revoke()

    def refuse_refresh(self, error: str = "invalid_grant", description: str = "") -> None:
        """Refuse every token request, until `accept_refresh`."""
        status = 401 if error == "invalid_client" else 400
        self.backend.accounts.refuse(error, description, status=status)

    def accept_refresh(self) -> None:
        """Grant access tokens again."""
        self.backend.accounts.refuse(None)

    @property
    def role_missing(self) -> bool:
        """Whether the application lacks the role: then every API request is answered 403."""
        return self.backend.accounts.role_missing

    @role_missing.setter
    def role_missing(self, missing: bool) -> None:
        self.backend.accounts.role_missing = missing


def _any_order(names: Iterable[str]) -> list[str]:
    listed = names if isinstance(names, str) else tuple(names)
    check = validation.list_of(validation.action, MAX_ACTIONS)
    return list(dict.fromkeys(check(listed, "any_order")))


def _still_offered(order: SandboxOrder, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an order has, without reasons and schemas of what it is to offer no more."""
    custom = given.get("custom", order.custom)
    actions = given.get("actions", order.actions)
    kept = {segment_of(validation.action(name, "actions", custom)) for name in actions}
    fields: dict[str, Any] = {"actions": order.actions}
    for field in ("disabled", "custom"):
        members: dict[str, Any] = getattr(order, field)
        fields[field] = {name: members[name] for name in members if segment_of(name) in kept}
    return fields


def initial_quotas(rate: float | None, burst: int | None, *, static: bool) -> Quotas:
    """Return the quotas a sandbox starts with: Amazon's plans, or one plan for all."""
    if rate is None and burst is None:
        return Quotas(SANDBOX_QUOTA, {}) if static else Quotas()
    if rate == float("inf"):
        return Quotas(None, {})
    plan = Quota(
        rate=MESSAGING_QUOTA.rate if rate is None else validation.rate(rate, "rate"),
        burst=MESSAGING_QUOTA.burst if burst is None else validation.burst(burst, "burst"),
    )
    return Quotas(plan, {})
