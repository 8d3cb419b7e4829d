"""What Amazon's reports are, as data: told by the names in their header, wherever those stand.

Amazon adds columns for a country (Japan, India), leaves others out for a seller without the
permission to see them, and spells one name in several ways. So a report is known by the columns
that make it what it is, and by enough of those that come with them; a person's own table that
has an ``order-id`` is none.
Source: https://developer-docs.amazon.com/sp-api/docs/report-type-values-order and …-tax.
"""

import unicodedata
from collections.abc import Collection, Iterable, Sequence

import attrs

from spapi_messaging.orderfile.names import name_key


@attrs.frozen(kw_only=True)
class ReportKind:
    """A kind of report, and what of its rows is for whom."""

    name: str
    order_id: str
    """The column of the order's id; names are in their normal form."""
    needs: frozenset[str]
    marks: frozenset[str]
    least: int
    """How many of the ``marks`` it has at the least, beside all that it ``needs``."""
    marketplace: str | None = None
    """The column that says where the order was placed, if this kind has one."""
    rows_that_count: tuple[str, str] | None = None
    """A column, and what it says in the rows of goods that went out."""
    is_flat: bool = True
    """It is separated by TABs and knows no quoting."""

    def fits(self, keys: Collection[str]) -> bool:
        """Say whether a header with these names, by their keys, is one of this kind."""
        return self.needs <= set(keys) and len(self.marks & set(keys)) >= self.least


def _keys(names: str) -> frozenset[str]:
    return frozenset(map(name_key, names.split()))


_SHIPMENTS = ("transaction_type", "SHIPMENT")

KINDS = (
    ReportKind(
        name="fulfilled shipments report",
        order_id="amazon_order_id",
        marketplace="sales_channel",
        needs=_keys("amazon-order-id"),
        marks=_keys(
            "shipment-id shipment-date shipment-item-id amazon-order-item-id reporting-date "
            "tracking-number carrier estimated-arrival-date fulfillment-center-id quantity-shipped"
        ),
        least=2,
    ),
    ReportKind(
        name="all-orders report",
        order_id="amazon_order_id",
        marketplace="sales_channel",
        needs=_keys("amazon-order-id"),
        marks=_keys(
            "merchant-order-id purchase-date last-updated-date order-status item-status "
            "fulfillment-channel sales-channel order-channel ship-service-level is-business-order"
        ),
        least=2,
    ),
    ReportKind(
        name="VAT invoice data report",
        order_id="order_id",
        marketplace="marketplace_id",
        needs=_keys("order-id transaction-type"),
        marks=_keys("shipping-id invoice-number order-item-id invoice-status"),
        least=1,
        rows_that_count=_SHIPMENTS,
    ),
    ReportKind(
        name="VAT calculation (VCS) tax report",
        order_id="order_id",
        marketplace="marketplace_id",
        needs=_keys("order-id transaction-type"),
        marks=_keys(
            "marketplace-id merchant-id order-date shipment-date shipment-id transaction-id "
            "is-invoice-corrected tax-calculation-date tax-rate tax-type product-tax-code "
            "tax-reporting-scheme tax-collection-responsibility vat-invoice-number invoice-url"
        ),
        least=1,
        rows_that_count=_SHIPMENTS,
        is_flat=False,
    ),
    ReportKind(
        name="unshipped orders report",
        order_id="order_id",
        needs=_keys("order-id order-item-id"),
        marks=_keys(
            "reporting-date promise-date days-past-promise quantity-shipped quantity-to-ship "
            "verge-of-cancellation verge-of-lateshipment"
        ),
        least=1,
    ),
    ReportKind(
        name="new orders report",
        order_id="order_id",
        needs=_keys("order-id order-item-id"),
        marks=_keys(
            "purchase-date payments-date quantity-purchased item-price item-tax ship-service-level "
            "recipient-name buyer-email buyer-phone-number ship-address-1 ship-country"
        ),
        least=2,
    ),
)
"""From the one that has most of its own to the one that has least."""


def kind_of(columns: Iterable[str]) -> ReportKind | None:
    """Return which of Amazon's reports has such a header, in any order and spelling."""
    keys = {name_key(column) for column in columns}
    return next((kind for kind in KINDS if kind.fits(keys)), None)


def is_flat(columns: Iterable[str]) -> bool:
    """Say whether a header is that of one of Amazon's TAB files, which know no quoting."""
    kind = kind_of(columns)
    return kind is not None and kind.is_flat


MARKETPLACE_COLUMNS = ("marketplace", "marketplace_id", "sales_channel")
"""Where an order was placed, the column to be trusted most first."""

# What the column of the marketplace is called by people, and by exports in their languages.
_PLACE = (
    "marketplace name, marketplace code, marketplace country, sales marketplace, "
    "sales channel name, Marktplatz, Marktplatz-ID, Marktplatzname, Verkaufskanal, "
    "Vertriebskanal, place de marché, canal de vente, canal de ventes, canale di vendita, "
    "canale vendita, canal de venta, canal de ventas, mercado, canal de venda, canal de vendas, "
    "verkoopkanaal, marktplaats, försäljningskanal, marknadsplats, kanał sprzedaży, rynek, "
    "satis kanali, pazaryeri, pazar yeri, 販売チャネル, 販売チャンネル, 販売経路, "
    "マーケットプレイス, マーケットプレース, 销售渠道, 商城, 站点, قناة البيع, قناة المبيعات, "
    "amazon site, amazon website, amazon store, amazon domain"
)
# What may be anything else: only a domain of Amazon's in it is where an order was placed.
_PERHAPS = (
    "channel, order channel, order source, source, site, website, store, store name, shop, "
    "domain, platform, country, Kanal, Quelle, Plattform, Herkunft, Land, canal, plateforme, "
    "boutique, pays, canale, paese, plataforma, país"
)

# What the column of the order's id is called by people, beside Amazon's own two names.
_ORDER_NUMBER = (
    "order number, order no, order nr, order num, "
    "Bestellnummer, Bestellnr, Bestell-ID, Bestellungsnummer, Auftragsnummer, "
    "numéro de commande, numéro commande, numéro de la commande, n° de commande, n° commande, "
    "nº de commande, id de commande, id commande, identifiant de commande, "
    "numero ordine, numero d'ordine, numero di ordine, numero dell'ordine, n. ordine, id ordine, "
    "número de pedido, número del pedido, nº de pedido, n.º de pedido, id de pedido, id pedido, "
    "id del pedido, identificador del pedido, número do pedido, id do pedido, "
    "bestelnummer, bestelling-id, ordernummer, beställningsnummer, "
    "numer zamówienia, nr zamówienia, id zamówienia, identyfikator zamówienia, "
    "sipariş numaras\u0131, sipariş no, sipariş kimliği, "
    "注文番号, 注文 ID, 注文 No, オーダー番号, オーダー ID, 订单编号, 订单号, 订单 ID, "
    "رقم الطلب, معرف الطلب"
)


def bare_key(name: str) -> str:
    """Return a name's key without accents, which tables lose."""
    letters = unicodedata.normalize("NFKD", name_key(name).translate({0x142: "l", 0x131: "i"}))
    return "".join(one for one in letters if not unicodedata.combining(one))


_PEOPLE_S_NAMES, _PEOPLE_S_PLACES, _PERHAPS_PLACES = (
    frozenset(map(bare_key, names.split(", "))) for names in (_ORDER_NUMBER, _PLACE, _PERHAPS)
)
_AMAZON_S_PLACES = tuple(map(name_key, MARKETPLACE_COLUMNS))


def marketplace_columns(columns: Sequence[str]) -> list[int]:
    """Return which columns say where an order was placed, the one to be trusted most first."""
    keys = [name_key(column) for column in columns]
    amazons = [keys.index(key) for key in _AMAZON_S_PLACES if key in keys]
    return amazons + [place for place, key in enumerate(keys) if key and _is_peoples_place(key)]


def domain_columns(columns: Sequence[str]) -> list[int]:
    """Return the columns that may say it, too, by a domain of Amazon's, or something else."""
    return [at for at, column in enumerate(columns) if bare_key(column) in _PERHAPS_PLACES]


def is_marketplace_column(column: str) -> bool:
    """Say whether a column says where an order was placed, in Amazon's or a person's words."""
    return bool(marketplace_columns([column]))


def _is_peoples_place(key: str) -> bool:
    bare = bare_key(key)
    rest = bare.removeprefix("amazon").removesuffix("amazon")
    is_amazons = rest != bare and rest in _AMAZON_S_PLACES
    return is_amazons or bool({bare, rest} & _PEOPLE_S_PLACES)


def order_id_columns(columns: Sequence[str]) -> list[int]:
    """Return where the order's id may be: the columns of the name to be trusted most.

    What says that it is Amazon's comes before what may be the shop's own; an id that is the
    merchant's is none.
    """
    names = [bare_key(column) for column in columns]
    for trusted in _TRUSTED:
        found = [place for place, name in enumerate(names) if trusted(name)]
        if found:
            return found
    return []


def every_order_id_column(columns: Sequence[str]) -> list[int]:
    """Return all columns that may have an order's id, those to be trusted most first."""
    names = [bare_key(column) for column in columns]
    found = [place for trusted in _TRUSTED for place, name in enumerate(names) if trusted(name)]
    return list(dict.fromkeys(found))


def _is_amazons_name(name: str) -> bool:
    return name == "amazonorderid"


def _is_order_id(name: str) -> bool:
    return name == "orderid"


def _is_amazons_word(name: str) -> bool:
    rest = name.removeprefix("amazon").removesuffix("amazon")
    return rest != name and (rest in _PEOPLE_S_NAMES or _is_order_id(rest))


_TRUSTED = (_is_amazons_name, _is_order_id, _is_amazons_word, _PEOPLE_S_NAMES.__contains__)
