"""What a test does to the sandbox and asks it, apart from HTTP."""

import random
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import attrs

from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.quota import MESSAGING_QUOTA, SANDBOX_QUOTA, Quota
from spapi_messaging.sandbox.api.accounts import Accounts
from spapi_messaging.sandbox.api.backend import Backend
from spapi_messaging.sandbox.api.catalog import DEFAULT_ACTIONS
from spapi_messaging.sandbox.api.log import Log
from spapi_messaging.sandbox.api.messages_endpoint import MessagesEndpoint, Success
from spapi_messaging.sandbox.api.orders import SandboxOrder, Shape
from spapi_messaging.sandbox.api.quotas import Quotas, quota_of
from spapi_messaging.sandbox.api.records import AcceptedMessage, RequestRecord
from spapi_messaging.sandbox.api.uploads import Uploads
from spapi_messaging.sandbox.faults import Fault, FaultBody, Faults
from spapi_messaging.sandbox.scenarios import Scenario


class Controls:
    """Orders, quotas, tokens and faults of a sandbox, and what happened to it."""

    announce_rate: bool = True
    """Whether 200, 201, 400 and 404 carry ``x-amzn-RateLimit-Limit``."""
    header_override: str | None = None
    """What that header says instead of the plan's rate."""
    latency: float | tuple[float, float] = 0.0
    """Seconds that a request takes, or a range of them."""

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
                success=success,
            ),
            orders=orders,
            any_order=None if any_order is None else tuple(any_order),
        )
        self.faults = Faults()

    def add_order(
        self,
        order_id: str,
        actions: Iterable[str] = DEFAULT_ACTIONS,
        *,
        locale: str | None = None,
        disabled: Mapping[str, str | None] | None = None,
        closed: bool = False,
        schemas: Shape = "embedded",
        marketplace: Marketplace | None = None,
        seller: str | None = None,
        custom: Mapping[str, Mapping[str, Any]] | None = None,
        document: Mapping[str, Any] | bytes | None = None,
        max_messages: int | None = None,
    ) -> SandboxOrder:
        """Add an order, or replace it; see `SandboxOrder` for what can be said about it."""
        order = SandboxOrder(
            order_id=order_id,
            actions=tuple(actions),
            locale=self.backend.locale if locale is None else locale,
            disabled=dict(disabled or {}),
            closed=closed,
            schemas=schemas,
            marketplace=marketplace,
            seller=seller,
            custom=dict(custom or {}),
            document=document,
            max_messages=max_messages,
        )
        self.backend.orders[order_id] = order
        return order

    def apply(self, scenario: Scenario) -> None:
        """Make the sandbox what a scenario says; what it does not say stays."""
        if scenario.locale is not None:
            self.backend.locale = scenario.locale
        if scenario.latency is not None:
            self.latency = scenario.latency
        if scenario.any_order is not None:
            self.backend.any_order = scenario.any_order or None
        if None in scenario.quotas:  # first, for it replaces all plans
            self.backend.quotas.set(None, scenario.quotas[None])
        for operation, plan in scenario.quotas.items():
            if operation is not None:
                self.backend.quotas.set(operation, plan)
        for order in scenario.orders:
            self.add_order(**order)
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
        self.backend.quotas.set(operation, quota_of(rate, burst))

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
        self.faults.pending.append(fault)

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

    @property
    def requests(self) -> list[RequestRecord]:
        """The newest requests that arrived complete, oldest first."""
        return list(self.backend.log.requests)

    @property
    def leaks(self) -> list[str]:
        """Upload URLs that were given credentials."""
        return self.backend.uploads.leaks

    @property
    def token_requests(self) -> int:
        """How many access tokens were asked for."""
        return self.backend.accounts.requests

    def messages(self, order_id: str | None = None) -> list[AcceptedMessage]:
        """Return the accepted messages, oldest first; duplicates stay visible."""
        if order_id is None:
            return list(self.backend.log.messages)
        order = self.backend.orders.get(order_id)
        if order is not None:
            return list(order.messages)
        return [item for item in self.backend.log.messages if item.order_id == order_id]

    def count(self, order_id: str | None = None, operation: str | None = None) -> int:
        """Count the requests that arrived, for an order and an operation or for all."""
        order = self.backend.orders.get(order_id or "")
        if order is not None:
            counts: Mapping[str, int] = order.requests
        elif order_id is None:
            counts = self.backend.log.counts
        else:
            return sum(
                record.order_id == order_id and operation in {None, record.operation}
                for record in self.backend.log.requests
            )
        return sum(counts.values()) if operation is None else counts.get(operation, 0)

    def throttled(self, operation: str | None = None) -> int:
        """Count the requests that were answered 429 for their quota."""
        throttled = self.backend.quotas.throttled
        return throttled.total() if operation is None else throttled[operation]


def initial_quotas(rate: float | None, burst: int | None, *, static: bool) -> Quotas:
    """Return the quotas a sandbox starts with: Amazon's plans, or one plan for all."""
    if rate is None and burst is None:
        return Quotas(SANDBOX_QUOTA, {}) if static else Quotas()
    if rate == float("inf"):
        return Quotas(None, {})
    plan = Quota(
        rate=MESSAGING_QUOTA.rate if rate is None else rate,
        burst=MESSAGING_QUOTA.burst if burst is None else burst,
    )
    return Quotas(plan, {})
