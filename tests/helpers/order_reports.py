"""Amazon's reports with all their columns, as Seller Central gives them in several countries.

Header names are those of the reports' documentation and of files seen; the sales are invented.
"""

from collections.abc import Callable, Mapping, Sequence

import attrs

ORDERS = ("903-1671087-0812628", "305-4419035-2250747", "D01-1671087-0812629")


@attrs.frozen
class Sale:
    """One line of an order."""

    order_id: str = ORDERS[0]
    product: str = "Lamp"
    quantity: int = 1
    item_id: str = "60000000000001"
    channel: str | None = None
    transaction: str = "SHIPMENT"
    status: str = "Shipped"
    purchased: str = "2026-11-01T23:30:00+00:00"


@attrs.frozen
class Country:
    """What is a country's own in a report."""

    code: str
    channel: str
    marketplace_id: str
    currency: str
    price: str
    city: str
    encoding: str
    offset: str
    all_orders: tuple[str, ...] = ()
    """Columns that only this country has."""
    to_ship: tuple[str, ...] = ()


COUNTRIES = {
    country.code: country
    for country in (
        Country(
            *("DE", "Amazon.de", "A1PA6795UKMFR9", "EUR", "19.99", "Köln", "cp1252", "+01:00"),
            ("buyer-company-name", "buyer-cst-number", "buyer-vat-number", "is-amazon-invoiced"),
            ("is-prime", "buyer-company-name", "buyer-vat-number"),
        ),
        Country(
            *("FR", "Amazon.fr", "A13V1IB3VIYZZH", "EUR", "19.99", "Orléans", "cp1252", "+01:00"),
            ("buyer-company-name", "buyer-vat-number", "vat-exclusive-item-price"),
            ("is-prime", "buyer-vat-number"),
        ),
        Country(
            *("JP", "Amazon.co.jp", "A1VC38T7YXB528", "JPY", "1980", "大阪市", "cp932", "+09:00"),
            ("payment-method-details", "item-extensions-data", "points-granted", "請求書番号"),
            ("payment-method", "cod-collectible-amount", "already-paid", "payment-method-fee"),
        ),
        Country(
            *("US", "Amazon.com", "ATVPDKIKX0DER", "USD", "19.99", "San José", "cp1252", "-07:00"),
            ("customized-url", "customized-page", "signature-confirmation-recommended"),
            ("is-sold-by-ab", "is-premium-order", "is-buyer-requested-cancellation"),
        ),
        Country(
            *("IN", "Amazon.in", "A21TJRUUN4KGV", "INR", "1,999.00", "Pune", "utf-8", "+05:30"),
            ("fulfilled-by", "ship-service-name", "buyer-cst-number", "igst-tax", "cod-fee"),
            ("tax-collection-model", "ship-service-name", "cod-collectible-amount"),
        ),
    )
}

_ADDRESS = "recipient-name ship-address-1 ship-address-2 ship-address-3 ship-city ship-state "
_ADDRESS += "ship-postal-code ship-country"
_ALL_ORDERS = (
    "amazon-order-id merchant-order-id purchase-date last-updated-date order-status "
    "fulfillment-channel sales-channel order-channel url ship-service-level product-name sku asin "
    "item-status quantity currency item-price item-tax shipping-price shipping-tax gift-wrap-price "
    "gift-wrap-tax item-promotion-discount ship-promotion-discount ship-city ship-state "
    "ship-postal-code ship-country promotion-ids is-business-order purchase-order-number "
    "price-designation is-iba order-invoice-type is-replacement-order original-order-id "
    "is-exchange-order signature-confirmation-required"
)
_UNSHIPPED = (
    "order-id order-item-id purchase-date payments-date reporting-date promise-date "
    "days-past-promise buyer-email buyer-name cpf buyer-phone-number sku product-name "
    "quantity-purchased quantity-shipped quantity-to-ship ship-service-level "
    f"{_ADDRESS} is-business-order purchase-order-number price-designation "
    "customized-url customized-page gift-wrap-type gift-message-text is-transparency "
    "default-ship-from-address-name ship-phone-number verge-of-cancellation verge-of-lateShipment"
)
_NEW_ORDERS = (
    "order-id order-item-id purchase-date payments-date buyer-email buyer-name buyer-phone-number "
    "sku product-name quantity-purchased currency item-price item-tax shipping-price shipping-tax "
    f"ship-service-level {_ADDRESS} ship-phone-number delivery-start-date delivery-end-date "
    "delivery-time-zone delivery-Instructions gift-wrap-price gift-wrap-tax gift-message-text "
    "item-promotion-discount item-promotion-id ship-promotion-discount ship-promotion-id "
    "is-business-order purchase-order-number price-designation"
)
_FULFILLED = (
    "amazon-order-id merchant-order-id shipment-id shipment-item-id amazon-order-item-id "
    "merchant-order-item-id purchase-date payments-date shipment-date reporting-date buyer-email "
    "buyer-name buyer-phone-number sku product-name quantity-shipped currency item-price item-tax "
    f"shipping-price shipping-tax gift-wrap-price gift-wrap-tax ship-service-level {_ADDRESS} "
    "ship-phone-number bill-address-1 bill-address-2 bill-address-3 bill-city bill-state "
    "bill-postal-code bill-country item-promotion-discount ship-promotion-discount carrier "
    "tracking-number estimated-arrival-date fulfillment-center-id fulfillment-channel sales-channel"
)
_VAT_INVOICE = (
    "marketplace-id order-id shipping-id order-item-id transaction-type transaction-id "
    "shipment-date order-date purchase-date asin sku product-name quantity-purchased currency "
    "item-vat-incl-amount item-vat-amount item-vat-excl-amount item-vat-rate "
    "shipping-vat-incl-amount shipping-vat-amount gift-wrap-vat-incl-amount gift-wrap-vat-amount "
    "item-promo-vat-incl-amount item-promotion-id buyer-company-name buyer-vat-number "
    "buyer-tax-registration-type seller-vat-number bill-name bill-address-1 bill-city "
    "bill-postal-code bill-country ship-from-country ship-from-city recipient-name ship-city "
    "ship-postal-code ship-country fulfillment-channel invoice-number invoice-status "
    "is-amazon-invoiced is-business-order original-vat-invoice-number citation-de citation-fr "
    "citation-en recommended-invoice-format export-outside-eu"
)
_PRICES = ("Tax Inclusive Selling Price", "Tax Amount", "Tax Exclusive Selling Price")
_PRICES += ("Tax Inclusive Promo Amount", "Tax Amount Promo", "Tax Exclusive Promo Amount")
_VCS = (
    *("Marketplace ID", "Merchant ID", "Order Date", "Transaction Type", "Is Invoice Corrected"),
    *("Order ID", "Shipment Date", "Shipment ID", "Transaction ID", "ASIN", "SKU", "Quantity"),
    *("Tax Calculation Date", "Tax Rate", "Product Tax Code", "Currency", "Tax Type"),
    *("Tax Calculation Reason Code", "Tax Reporting Scheme", "Tax Collection Responsibility"),
    *("Tax Address Role", "Jurisdiction Level", "Jurisdiction Name"),
    *(f"{what} {price}" for what in ("OUR_PRICE", "SHIPPING", "GIFTWRAP") for price in _PRICES),
    *("Seller Tax Registration", "Seller Tax Registration Jurisdiction"),
    *("Buyer Tax Registration", "Buyer Tax Registration Jurisdiction"),
    *("Buyer Tax Registration Type", "Buyer E Invoice Account Id"),
    *("Invoice Level Currency Code", "Invoice Level Exchange Rate"),
    *("Invoice Level Exchange Rate Date", "Converted Tax Amount", "VAT Invoice Number"),
    *("Invoice Url", "Export Outside EU"),
    *("Ship From City", "Ship From State", "Ship From Country", "Ship From Postal Code"),
    *("Ship From Tax Location Code", "Ship To City", "Ship To State", "Ship To Country"),
    *("Ship To Postal Code", "Ship To Location Code", "Return Fc Country"),
    *("Is Amazon Invoiced", "Original VAT Invoice Number", "Invoice Correction Details"),
    *("SDI Invoice Delivery Status", "SDI Invoice Error Code", "SDI Invoice Error Description"),
    *("SDI Invoice Status Last Updated Date", "EInvoice URL"),
)
_HEADERS: Mapping[str, tuple[str, ...]] = {
    "all-orders report": tuple(_ALL_ORDERS.split()),
    "unshipped orders report": tuple(_UNSHIPPED.split()),
    "new orders report": tuple(_NEW_ORDERS.split()),
    "fulfilled shipments report": tuple(_FULFILLED.split()),
    "VAT invoice data report": tuple(_VAT_INVOICE.split()),
    "VAT calculation (VCS) tax report": _VCS,
}
KINDS = tuple(_HEADERS)


def header(kind: str, country: str = "DE") -> tuple[str, ...]:
    """Return a report's columns in a country."""
    own = COUNTRIES[country]
    if kind == "all-orders report":
        return (*_HEADERS[kind], *own.all_orders)
    if kind in {"unshipped orders report", "new orders report"}:
        return (*_HEADERS[kind], *own.to_ship)
    return _HEADERS[kind]


def row(kind: str, country: str, sale: Sale) -> list[str]:
    """Return a sale's cells under a report's columns."""
    own = COUNTRIES[country]
    known: dict[str, Callable[[], str]] = {
        "orderid": lambda: sale.order_id,
        "amazonorderid": lambda: sale.order_id,
        "orderitemid": lambda: sale.item_id,
        "amazonorderitemid": lambda: sale.item_id,
        "marketplaceid": lambda: own.marketplace_id,
        "saleschannel": lambda: own.channel if sale.channel is None else sale.channel,
        "productname": lambda: sale.product,
        "quantity": lambda: str(sale.quantity),
        "quantitypurchased": lambda: str(sale.quantity),
        "quantityshipped": lambda: str(sale.quantity),
        "sku": lambda: f"SKU-{sale.product}",
        "asin": lambda: "B00EXAMPLE",
        "transactiontype": lambda: sale.transaction,
        "orderstatus": lambda: sale.status,
        "itemstatus": lambda: sale.status,
        "isbusinessorder": lambda: "false",
        "currency": lambda: own.currency,
        "itemprice": lambda: own.price,
        "shipcity": lambda: own.city,
        "shipcountry": lambda: own.code,
        "shiptocity": lambda: own.city,
        "shiptocountry": lambda: own.code,
        "fulfillmentchannel": lambda: "Amazon",
        "shipmentid": lambda: "DEXAMPLE1",
        "shippingid": lambda: "DEXAMPLE1",
        "invoicenumber": lambda: "DE-EXAMPLE-2026-1",
        "carrier": lambda: "DHL",
        "trackingnumber": lambda: "JJD000390007654321",
    }
    cells = []
    for column in header(kind, country):
        key = "".join(column.split()).replace("-", "").lower()
        if key.endswith("date"):
            is_vcs = kind.endswith("tax report")
            cells.append("01-Nov-2026 UTC" if is_vcs else sale.purchased)
        else:
            cells.append(known.get(key, str)())
    return cells


def report(
    kind: str,
    country: str = "DE",
    sales: Sequence[Sale] = (Sale(),),
    *,
    encoding: str | None = None,
    quoted: bool = False,
) -> bytes:
    """Return a report as it comes: CRLF, TAB or, where it is the VCS report, quoted and comma.

    ``quoted``: with cells of a TAB file in quotes, as some of Amazon's come.
    """
    is_vcs = kind.endswith("tax report")
    rows = [list(header(kind, country)), *(row(kind, country, sale) for sale in sales)]
    if is_vcs or quoted:
        rows = [['"{}"'.format(cell.replace('"', '""')) for cell in cells] for cells in rows]
    lines = [("," if is_vcs else "\t").join(cells) for cells in rows]
    text = "".join(f"{line}\r\n" for line in lines)
    return text.encode(encoding or COUNTRIES[country].encoding)
