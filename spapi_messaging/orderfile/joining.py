"""Rows of one order become one order, since its buyer gets one message.

A report has a row for each item. What says which item it is (its name, its number, its parcel) is
joined in the order of the rows, quantities are summed, and what is the order's own is the same
in each row. Where it is not, a message could be wrong for one of the rows: the field is named
with the lines, and whoever uses it says so. An empty cell says nothing and differs from nothing.
"""

from bisect import bisect
from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from types import MappingProxyType

import attrs

from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.orderfile.names import name_key
from spapi_messaging.orderfile.numbers import read_number, shown_number
from spapi_messaging.orderfile.order_row import OrderRow
from spapi_messaging.orderfile.report_kinds import bare_key, is_marketplace_column
from spapi_messaging.redaction import names_only

ITEMS = "items"
"""The field that counts the items of an order."""
_MAX_LINES = 5
_NONE: Mapping[str, str] = MappingProxyType({})


@attrs.frozen
class FileOrder:
    """An order as a file has it: its rows in one.

    ``fields`` has what all rows agree in, what was joined, and ``items``; ``differing`` says
    of the others why they cannot be joined.
    """

    order_id: str
    marketplace: Marketplace | None
    lines: tuple[int, ...]
    fields: Mapping[str, str] = attrs.field(repr=names_only)
    differing: Mapping[str, str] = _NONE


def join(rows: Sequence[OrderRow], *, names: Collection[str] | None = None) -> FileOrder:
    """Join the rows of one order; ``names`` are the fields that are used, if they are known.

    A file's own column ``items`` stays what it is. Raises ValueError for rows of several orders.
    """
    first = rows[0]
    if len(rows) == 1:
        return FileOrder(first.order_id, first.marketplace, (first.line,), _single(first, names))
    if any(row.order_id != first.order_id for row in rows):
        raise ValueError("rows of several orders cannot be joined")
    fields, differing = _together(rows, names)
    places = {row.marketplace for row in rows} - {None}
    if len(places) > 1:
        differing["marketplace"] = _other_places(rows)
    place = places.pop() if len(places) == 1 else None
    return FileOrder(first.order_id, place, tuple(row.line for row in rows), fields, differing)


def all_fields_count(names: Collection[str]) -> bool:
    """Say whether joining these fields takes all the others, too: to know a row from its copy.

    A field that is made of all of them by ``RowReader.keep`` will do in their place.
    """
    return any(name == ITEMS or _kind_of(name) == "quantity" for name in names)


def is_item_id(name: str) -> bool:
    """Say whether a field has Amazon's number of an item."""
    return name_key(name) in _ITEM_IDS


def once_in_parts(rows: Sequence[OrderRow], parts: Sequence[int]) -> Sequence[OrderRow]:
    """Leave out what is there again below a second header, where two files were put together.

    ``parts``: the lines of those headers. What is twice in one part is two items.
    """
    if len(rows) == 1 or not parts:
        return rows
    kept: list[OrderRow] = []
    before: Counter[Hashable] = Counter()
    for _, part in groupby(rows, lambda row: bisect(parts, row.line)):
        here: Counter[Hashable] = Counter()
        for row in part:
            said = frozenset(row.fields.items())
            here[said] += 1
            if here[said] > before[said]:
                kept.append(row)
        before |= here
    return kept


def _together(
    rows: Sequence[OrderRow], names: Collection[str] | None
) -> tuple[dict[str, str], dict[str, str]]:
    found: dict[str, str] = {}
    for row in rows:
        found.update(row.fields)
    used = list(found) if names is None else [name for name in found if name in names]
    joined = {name: _joined(name, rows) for name in used}
    fields = {name: value for name, value in joined.items() if value is not None}
    differing = {name: _differs(name, rows) for name in used if name not in fields}
    if _is_counted(rows, names):
        fields[ITEMS] = str(_items(rows))
    return fields, differing


def _is_counted(rows: Sequence[OrderRow], names: Collection[str] | None) -> bool:
    own = any(ITEMS in row.fields for row in rows)
    return not own and (names is None or ITEMS in names)


def _single(row: OrderRow, names: Collection[str] | None) -> Mapping[str, str]:
    fields = row.fields
    if names is not None:
        fields = {name: fields[name] for name in names if name in fields}
    is_counted = ITEMS not in row.fields and (names is None or ITEMS in names)
    return {**fields, ITEMS: "1"} if is_counted else fields


def _joined(name: str, rows: Sequence[OrderRow]) -> str | None:
    """Return what a field of all rows is together; None if that cannot be said."""
    values = [row.fields[name] for row in rows if name in row.fields]
    kind = _kind_of(name)
    total = _total(name, rows) if kind == "quantity" else None
    if total is not None:
        return total
    if kind == "item":
        return ", ".join(dict.fromkeys(values))
    places = {row.marketplace for row in rows} - {None} if kind == "place" else ()
    return values[0] if len(places) == 1 or values.count(values[0]) == len(values) else None


def _total(name: str, rows: Sequence[OrderRow]) -> str | None:
    numbers = [_quantity(row.fields[name]) for row in _once(rows) if name in row.fields]
    known = [number for number in numbers if number is not None]
    return shown_number(sum(known, Decimal())) if len(known) == len(numbers) else None


def _quantity(text: str) -> Decimal | None:
    number = read_number(text)
    return number.value if number is not None and number.ambiguous is None else None


def _once(rows: Sequence[OrderRow]) -> Sequence[OrderRow]:
    """Leave out rows that are there twice: known by Amazon's number of the item, and all else."""
    if _item_ids(rows) is None:
        return rows
    return list({tuple(row.fields.items()): row for row in rows}.values())


def _items(rows: Sequence[OrderRow]) -> int:
    found = _item_ids(rows)
    return len(rows) if found is None else len(set(found))


def _item_ids(rows: Sequence[OrderRow]) -> list[str] | None:
    """Return Amazon's number of each row's item, if every row has one."""
    name = next((name for name in rows[0].fields if is_item_id(name)), None)
    if name is None or any(name not in row.fields for row in rows):
        return None
    return [row.fields[name] for row in rows]


def _differs(name: str, rows: Sequence[OrderRow]) -> str:
    lines = {row.fields[name]: row.line for row in reversed(rows) if name in row.fields}
    what = "its quantities are no numbers" if _kind_of(name) == "quantity" else "it is not the same"
    return f"{what} in {_shown_lines(lines.values())}, and one message can hold only one"


def _other_places(rows: Sequence[OrderRow]) -> str:
    lines = {row.marketplace: row.line for row in reversed(rows) if row.marketplace}
    codes = ", ".join(sorted(place.name for place in lines))
    return f"it is not the same in {_shown_lines(lines.values())} ({codes}): an order has one"


def _shown_lines(lines: Collection[int]) -> str:
    *others, last = sorted(lines)
    if not others:
        return f"line {last}"
    if len(lines) > _MAX_LINES:
        return f"lines {', '.join(map(str, others[:_MAX_LINES]))} and more"
    return f"lines {', '.join(map(str, others))} and {last}"


# Keys of names, without accents: what says which item of an order a row is of.
_ITEM_WORDS = """
productname product productid producttitle producttype item items itemname itemtitle itemnumber
itemdescription title article articlename articlenumber artikel artikelname artikelnummer artikelnr
artikelbezeichnung bezeichnung produkt produktname produkttitel produit nomduproduit articolo
nomearticolo prodotto nomeprodotto articulo nombredelarticulo producto nombredelproducto produto
nomedoproduto productnaam nazwaproduktu produktnamn urunadi 商品名 商品 製品名 品名
sku sellersku msku fnsku merchantsku itemsku asin asin1 parentasin ean gtin upc isbn jan
trackingnumber trackingid tracking trackingno trackingcode trackingurl trackingnummer
sendungsnummer sendungsverfolgungsnummer numerodesuivi 追跡番号 お問い合わせ伝票番号
carrier carriercode carriername versanddienstleister transporteur 配送業者
shipmentid shippingid packageid parcelid transactionid
invoicenumber invoiceno vatinvoicenumber rechnungsnummer numerodefacture
serialnumber seriennummer itemstatus itemcondition promotionids itempromotionid shippromotionid
"""
_QUANTITY_WORDS = """
quantity quantitypurchased quantityshipped quantitytoship quantityordered quantityrefunded
qty qtypurchased qtyshipped qtyordered itemquantity numberofitems units pieces menge anzahl
stuckzahl stuck quantite qte quantita qta cantidad cant quantidade aantal hoeveelheid ilosc
antal adet miktar 数量 個数
"""
_ITEM_IDS = frozenset({"orderitemid", "amazonorderitemid", "orderitemcode", "amazonorderitemcode"})

# Put into the same form as the names of columns are: Japanese, too, has marks that come off.
_ITEM, _QUANTITIES = (
    frozenset(map(bare_key, words.split())) for words in (_ITEM_WORDS, _QUANTITY_WORDS)
)


@lru_cache(maxsize=1024)
def _kind_of(name: str) -> str:
    key = bare_key(name)
    if key in _QUANTITIES:
        return "quantity"
    if is_marketplace_column(name):
        return "place"
    return "item" if key in _ITEM or key.endswith(("itemid", "itemcode")) else "order"
