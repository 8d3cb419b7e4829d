"""What the application may do: ask and write to orders, and make upload destinations.

Amazon answers a missing role with the same 403 as a seller of another region; so where it does,
its other regions are asked as well. What it says of an order that does not exist (404, 400, 403
"not permitted") it says to those who may ask. Which role an upload needs is not known: Amazon's
page for uploads names Product Listing, sellers in Europe report otherwise.
"""

from collections.abc import Awaitable, Mapping

import attrs

from spapi_messaging.cli.doctor.findings import Finding, bad, good, left, odd
from spapi_messaging.cli.reasons import in_general
from spapi_messaging.errors import (
    AccessDeniedError,
    ActionNotPermittedError,
    ApiError,
    BadRequestError,
    DecodeError,
    InvalidMessageError,
    MessagingError,
    NotFoundError,
    ThrottledError,
    TokenRejectedError,
    UntrustedLinkError,
)
from spapi_messaging.marketplaces import Marketplace, Region
from spapi_messaging.messages import Invoice, Message
from spapi_messaging.session import MessagingSession

NO_ORDER = "000-0000000-0000000"
"""A well-formed id that no order has: what Amazon says of it tells about us."""
STATIC_ORDER = "123-1234567-1234567"
"""The one that the static sandbox answers."""
_ADD_ROLE = "Seller Central, Develop Apps, Edit App: add the role {}"
_INSTEAD = "a login page of the network or a proxy may answer instead"
_AGAIN = "then Authorize app again, and take the new refresh token: the old one lacks the role"
_LISTING = (
    "Amazon's page for uploads names the role Product Listing, which is unproven for Europe and "
    "the Far East: have both it and Buyer Communication"
)


async def look_at_role(
    session: MessagingSession, order_id: str, others: Mapping[Region, MessagingSession]
) -> list[Finding]:
    """Ask an order that does not exist, to see whether the application may ask."""
    error = await _error_of(session.order(order_id))
    if error is None or _is_allowed(error):
        return [
            good("role", "Buyer Communication is there"),
            *_marketplace(session.marketplace, error),
        ]
    if _is_denied(error):
        return [await _denied(session.marketplace, order_id, others)]
    return [_told("role", error)]


async def look_at_uploads(session: MessagingSession, order_id: str) -> Finding:
    """Make an upload destination for an order; nothing is uploaded, and nothing is sent."""
    try:
        kind, note = await _chosen(session, order_id)
        await session.try_upload_destination(order_id, kind)
    except InvalidMessageError as error:
        return bad("uploads", "; ".join(error.faults), "give --attachments an order's id")
    except MessagingError as error:
        return _refused_upload(error)
    what = f"an upload destination for {kind.segment} was made, and nothing uploaded{note}"
    return good("uploads", what)


def _refused_upload(error: MessagingError) -> Finding:
    if _is_denied(error):
        what = "the application may not make upload destinations (403, access denied)"
        return bad("uploads", what, _LISTING, _AGAIN)
    if _is_allowed(error):
        what = f"allowed, as it seems, but not for this order ({_in_short(error)})"
        return odd("uploads", what, "give another order of this seller, a recent one")
    return _told("uploads", error)


async def _chosen(session: MessagingSession, order_id: str) -> tuple[type[Message], str]:
    """Choose a message with attachments that the order permits; note where there is none."""
    try:
        order = await session.order(order_id)
    except ApiError:
        return Invoice, ", though Amazon does not tell what this order permits"
    for action in order.actions.values():
        kind = action.message_type
        if kind and any(field.name == "attachments" for field in attrs.fields(kind)):
            return kind, ""
    return Invoice, ", though the order permits no message with attachments now"


async def _error_of(asked: Awaitable[object]) -> MessagingError | None:
    try:
        await asked
    except MessagingError as error:
        return error
    return None


def _is_allowed(error: MessagingError) -> bool:
    """Say whether an error was answered to one who may ask."""
    known = (ActionNotPermittedError, BadRequestError, NotFoundError)
    return isinstance(error, known) and not error.passing


def _is_denied(error: MessagingError) -> bool:
    """Say whether Amazon denies access for what the application, or its seller, is."""
    is_amazons = isinstance(error, AccessDeniedError) and not error.passing
    return is_amazons and not _lost_token(error)


def _lost_token(error: MessagingError) -> bool:
    return "missing" in getattr(error, "details", "") and isinstance(error, AccessDeniedError)


def _marketplace(place: Marketplace, error: MessagingError | None) -> list[Finding]:
    if not isinstance(error, BadRequestError) or "marketplace" not in error.message.lower():
        return []
    what = f"Amazon does not take {place.name} for this seller ({error.message})"
    hint = "give the --marketplace that the seller sells in; Seller Central, Settings lists them"
    return [bad("marketplace", what, hint)]


async def _denied(
    place: Marketplace, order_id: str, others: Mapping[Region, MessagingSession]
) -> Finding:
    """Tell a missing role from a seller of another region, by asking there."""
    for region, elsewhere in others.items():
        async with elsewhere as session:
            error = await _error_of(session.order(order_id))
            if error is None or _is_allowed(error):
                what = f"the seller is of region {region.name}, and {place.name} of "
                known = ", ".join(p.name for p in Marketplace if p.region is region)
                hint = f"give a --marketplace of {region.name}: {known}"
                return bad("role", f"{what}{place.region.name}", hint)
    what = "it is missing: Amazon denies access (403)"
    return bad(
        "role", what, _ADD_ROLE.format("Buyer Communication"), _AGAIN, *_region(place, others)
    )


def _region(place: Marketplace, others: Mapping[Region, MessagingSession]) -> list[str]:
    if others:
        return []
    return [f"or the seller authorised the application in another region than {place.region.name}"]


def _told(name: str, error: MessagingError) -> Finding:
    """Say what else can go wrong with a question."""
    match error:
        case ApiError(passing=True):
            what = f"somebody in between answered {error.status}, and not Amazon"
            return bad(name, what, "ask who runs the network to let this host pass")
        case TokenRejectedError():
            what = f"Amazon rejects the access token ({error.status})"
            return bad(name, what, "are endpoint and token URL of the same Amazon?", error.advice)
        case AccessDeniedError():
            what = "the access token does not arrive (403)"
            return bad(name, what, "a proxy or firewall may take x-amz-access-token away")
        case ThrottledError():
            what = "not known: the quota is used up by others (429)"
            return left(name, what, "run it again when no other run is under way")
        case UntrustedLinkError() | DecodeError():
            redirected = "the question was redirected, as Amazon does not"
            answered = "it is answered, but not as Amazon does"
            what = redirected if isinstance(error, UntrustedLinkError) else answered
            return bad(name, what, _INSTEAD)
        case _:
            return bad(name, _in_short(error), "try again in some minutes")


def _in_short(error: MessagingError) -> str:
    """Say an error without its order, which is none, and without its advice."""
    words = in_general(error, getattr(error, "order_id", None) or NO_ORDER)
    return words.removesuffix(str(getattr(error, "advice", ""))).rstrip(". ")
