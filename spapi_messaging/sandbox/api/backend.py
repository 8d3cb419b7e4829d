"""The Selling Partner API itself, as a state machine without a socket.

A request becomes a `Call`; `Backend.gate` looks at its token and quota, `Backend.answer`
carries it out. Time comes in with each call. A refused token costs no quota; every other
attempt does, whatever becomes of it.
"""

import random
import re
from collections import deque
from collections.abc import Mapping
from urllib.parse import parse_qs

import attrs

from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.sandbox.api import forms, responses, static, uploads
from spapi_messaging.sandbox.api.accounts import Accounts
from spapi_messaging.sandbox.api.catalog import RULES
from spapi_messaging.sandbox.api.cuts import (
    MAX_PATH,
    MAX_TARGET,
    cut,
    cut_headers,
    cut_query,
    shared,
)
from spapi_messaging.sandbox.api.leniency import request_notes
from spapi_messaging.sandbox.api.log import Log
from spapi_messaging.sandbox.api.messages_endpoint import MessagesEndpoint
from spapi_messaging.sandbox.api.orders import ORDER_ID_FORM, SandboxOrder
from spapi_messaging.sandbox.api.quotas import Quotas
from spapi_messaging.sandbox.api.records import RequestRecord
from spapi_messaging.sandbox.api.responses import RefusedError, Response
from spapi_messaging.sandbox.api.routes import Call, Route, route
from spapi_messaging.sandbox.api.uploads import Uploads

_MARKETPLACES = frozenset(marketplace.value for marketplace in Marketplace)
_ORDER_ID = re.compile(ORDER_ID_FORM, re.ASCII)

MAX_FOUND_ORDERS = 250_000
"""Orders of ``any_order`` that are remembered; the oldest begin anew."""


@attrs.define(kw_only=True)
class Backend:
    """Orders, sellers, quotas, uploads, and what was accepted."""

    rng: random.Random
    accounts: Accounts
    quotas: Quotas
    uploads: Uploads
    log: Log
    endpoint: MessagesEndpoint
    orders: dict[str, SandboxOrder]
    any_order: tuple[str, ...] | None = None
    """Actions of well-formed order ids that were not added; without it those are 404."""
    locale: str | None = None
    """Of buyers where nothing else was said; None is that of the marketplace."""
    base: str = ""
    """The URL in front of the paths of uploads."""
    _found_orders: deque[SandboxOrder] = attrs.field(factory=deque, repr=False)

    def arrive(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes | None,
        now: float,
        *,
        size: int | None = None,
    ) -> Call:
        """Note a request that arrived complete; ``size`` is that of a body that was not kept."""
        path, _, text = target.partition("?")
        where = route(path)
        known = self._known(where, target, headers, body)
        query = parse_qs(text if known else cut(text, MAX_TARGET), keep_blank_values=True)
        order = self.orders.get(where.order_id or "")
        if order is None and known:
            order = self._found(where.order_id)
        operation = _operation(where, order)
        record = RequestRecord(
            method=cut(method, MAX_PATH),
            path=cut(path, MAX_PATH),
            query=cut_query(query),
            target=cut(target, MAX_TARGET),
            headers=cut_headers(headers),
            body_size=len(body or b"") if size is None else size,
            at=now,
            received=self.endpoint.wall(),
            operation=operation,
            order_id=None if where.order_id is None else shared(cut(where.order_id, MAX_PATH)),
            request_id=_request_id(self.rng),
        )
        self.log.request(record, stranger=not known)
        if order is not None:
            order.requests[operation] = order.requests.get(operation, 0) + 1
        return Call(record, where, body, query, headers, target)

    def expects(self, target: str, headers: Mapping[str, str]) -> bool:
        """Say whether the body of a request is worth keeping: its token or its URL is known."""
        where = route(target.partition("?")[0])
        return where.kind == "token" or self._known(where, target, headers, None)

    def _known(
        self, where: Route, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> bool:
        match where.kind:
            case "token":
                return self.accounts.recognises(forms.read_form(body or b"", headers) or {})
            case "put":
                return self.uploads.expects(target)
            case _:
                return self.accounts.knows(headers.get("x-amz-access-token"))

    def forget(self) -> None:
        """Forget what happened; orders, tokens and what buckets hold stay."""
        self.log.clear()
        self.quotas.throttled.clear()
        for bucket in self.quotas.buckets.values():
            bucket.throttled = 0
        for order in self.orders.values():
            order.forget()

    def gate(self, call: Call, now: float) -> Response | None:
        """Refuse a call for its token, its path or its quota; None lets it in."""
        if call.route.kind in {"token", "put"}:
            return None
        try:
            token = call.headers.get("x-amz-access-token")
            seller = call.record.seller = self.accounts.seller(token, now)
        except RefusedError as refused:
            return refused.answer
        if call.route.kind == "unknown":
            return responses.NOT_FOUND
        if not call.route.takes(call.record.method):
            return responses.BAD_METHOD
        if not self.quotas.take(seller, call.record.operation, now):
            return responses.THROTTLED
        return None

    def answer(self, call: Call, now: float) -> Response:
        """Carry out a call."""
        try:
            match call.route.kind:
                case "put":
                    return self._put(call, now)
                case "token":
                    return self._token(call, now)
                case _:
                    return self._messaging(call, now)
        except RefusedError as refused:
            return refused.answer

    def _put(self, call: Call, now: float) -> Response:
        if call.record.method != "PUT":
            return uploads.BAD_METHOD
        if call.body is None:
            return uploads.TOO_LARGE
        return self.uploads.put(call.target, call.headers, call.body, now)

    def _token(self, call: Call, now: float) -> Response:
        if call.record.method != "POST":
            return responses.BAD_METHOD
        form = forms.read_form(call.body or b"", call.headers)
        if form is None:
            self.accounts.requests += 1
            return responses.login_error(400, "invalid_request", "The request is not form-encoded")
        call.note(*forms.form_notes(call.headers))
        return self.accounts.grant(form, now)

    def _messaging(self, call: Call, now: float) -> Response:
        if call.body is None:
            return responses.TOO_LARGE
        if self.accounts.role_missing:
            return responses.ROLE_MISSING
        call.note(*request_notes(call))
        if call.route.kind == "schema":  # its links carry no marketplace
            schema = self._order(call).schema(call.route.segment)
            return responses.NOT_FOUND if schema is None else Response(200, schema)
        marketplace = call.parameter("marketplaceIds")
        if marketplace not in _MARKETPLACES:
            return responses.BAD_MARKETPLACE
        if call.order_id in static.STATIC_ORDERS and call.order_id not in self.orders:
            return self._static(call, marketplace, now)
        return self._ordered(call, marketplace, now)

    def _ordered(self, call: Call, marketplace: str, now: float) -> Response:
        order = self._order(call)
        if order.marketplace is not None and order.marketplace.value != marketplace:
            return responses.BAD_MARKETPLACE
        match call.route.kind:
            case "message":
                return self.endpoint.post(call, order, marketplace, now)
            case "attributes":
                return responses.ok({"buyer": {"locale": order.locale_in(marketplace)}})
            case "upload":
                known = call.route.segment in RULES or call.route.segment in order.actions
                return self.uploads.answer(call, self.base, now) if known else responses.NOT_FOUND
            case _ if order.closed:
                return responses.NOT_PERMITTED
            case _:
                return Response(200, order.discovery(marketplace))

    def _static(self, call: Call, marketplace: str, now: float) -> Response:
        if call.order_id in static.BAD_ORDERS:
            return static.BAD_INPUT
        match call.route.kind:
            case "message":
                return self.endpoint.post_static(call, marketplace, now)
            case "attributes":
                return static.ATTRIBUTES
            case "upload":
                known = call.route.segment in RULES
                return self.uploads.answer(call, self.base, now) if known else responses.NOT_FOUND
            case _:
                return static.DISCOVERY

    def _order(self, call: Call) -> SandboxOrder:
        order = self.orders.get(call.order_id)
        if order is None:
            known = _ORDER_ID.fullmatch(call.order_id)
            raise RefusedError(responses.NOT_FOUND if known else responses.invalid())
        if order.seller not in {None, call.seller}:
            raise RefusedError(responses.NOT_PERMITTED)
        return order

    def _found(self, order_id: str | None) -> SandboxOrder | None:
        if order_id is None or self.any_order is None or order_id in static.STATIC_ORDERS:
            return None
        if not _ORDER_ID.fullmatch(order_id):
            return None
        order = SandboxOrder(order_id=order_id, actions=self.any_order, locale=self.locale)
        self.orders[order_id] = order
        self._found_orders.append(order)
        if len(self._found_orders) > MAX_FOUND_ORDERS:
            oldest = self._found_orders.popleft()
            if self.orders.get(oldest.order_id) is oldest:
                del self.orders[oldest.order_id]
        return order


def _operation(where: Route, order: SandboxOrder | None) -> str:
    # A name that nobody declared would be a counter, a bucket and a plan of its own.
    declared = where.kind == "message" and order is not None and order.adds(where.segment)
    return where.segment if declared else where.operation


def _request_id(rng: random.Random) -> str:
    digits = f"{rng.getrandbits(128):032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
