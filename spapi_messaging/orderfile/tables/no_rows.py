"""What stands among the rows of a table and is none: its header again, totals, ruled lines.

Reports are put together with ``cat``, spreadsheets add up what is above, and SQL clients draw
frames. None of that is an order, and none of it is a fault. But below the header of another table
cells mean something else, and a row read by the wrong names has another's data in it.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from spapi_messaging.orderfile.names import plain_name
from spapi_messaging.orderfile.report_kinds import bare_key, order_id_columns

_OTHER_CHANNEL = re.compile(
    r"non[\W_]*amazon\b.*|si\b.*\bmarketplace|mcf\b.*|multi[\W_]*channel.*", re.IGNORECASE
)
_NULLS = frozenset({"null", "(null)", "[null]", "\\n", "nan", "none", "<na>", "nat"})
"""What databases and programs write where a cell has no value."""
_REMEMBERED = 256
_LONGEST_CHANNEL = 100

_RULED = re.compile(r"(?=.*(?:-{3}|={3}|[\u2500-\u257f]{3}))[-+=:|\u2500-\u257f \t]*")
_RULES = frozenset("-+=:|\u2500\u2501\u2550\u250c\u251c\u2514\u2554\u2560\u255a\u255e")
_COUNT = re.compile(
    r"\(\d{1,9} [^\W\d_]{1,12}(?: affected)?\)|\d{1,9} rows? (?:in set|selected)\b.{0,30}"
)
_FIGURE = re.compile(r"[-+]?[\d.,' \u00a0\u202f%]{1,30}|#\S{1,12}|\W{0,4}\d[\d.,]{0,20}\W{0,4}")
_TOTAL_WORDS = (
    "total, totals, sum, grand total, subtotal, sub total, result, grand result, total "
    "result, total sum, count, Summe, Summen, Gesamt, Gesamtsumme, Gesamtergebnis, Ergebnis, "
    "Zwischensumme, Insgesamt, Teilergebnis, Anzahl, Gesamtanzahl, Total général, sous-total, "
    "somme, résultat, totaux, totale, totali, subtotale, somma, totale complessivo, "
    "risultato, suma, total general, resultado, totaal, eindtotaal, subtotaal, som, razem, "
    "suma częściowa, suma końcowa, summa, totalt, toplam, genel toplam, ara toplam, soma, "
    "total geral, 合計, 総計, 小計, 計, 总计, 合计, 小计, المجموع, الإجمالي"
)
_TOTALS = frozenset(map(bare_key, _TOTAL_WORDS.split(", ")))
_LONGEST = 60
_ORDER_S = re.compile(r"[0-9D][0-9]{2}-[0-9]{7}-[0-9]{7}\s+")


def is_ruled(cells: Sequence[str]) -> bool:
    """Say whether a row is a line that a program drew, or its count of the rows."""
    first = cells[0].strip() if cells else ""
    if not first:
        first = next((cell.strip() for cell in cells if not cell.isspace() and cell), "")
    if first[:1] in _RULES:
        return _RULED.fullmatch(" ".join(cells)) is not None
    is_alone = len(cells) == 1 or not any(map(str.strip, cells[1:]))
    return is_alone and first[:1] in "(0123456789" and _COUNT.fullmatch(first) is not None


def is_header(cells: Sequence[str]) -> bool:
    """Say whether a row has the names of columns, that of the order's id among them."""
    if any(cell[:1].isdigit() for cell in cells):  # as some cell of nearly every row does
        return False
    return bool(order_id_columns([cell for cell in cells if 0 < len(cell) < _LONGEST]))


def is_same_header(cells: Sequence[str], columns: Sequence[str]) -> bool:
    """Say whether a row has the plain names that the columns have."""
    if any(len(cell) >= _LONGEST or cell[:1].isdigit() for cell in cells):
        return False
    given = [plain_name(cell.strip()) for cell in cells]
    return [*filter(None, given)] == [*filter(None, columns)]


def is_total(cells: Iterable[str]) -> bool:
    """Say whether a row adds up others: a word for that, of all or of one order, and figures."""
    found = 0
    for cell in filter(None, map(str.strip, cells)):
        if len(cell) < _LONGEST and _is_total_word(cell):
            found += 1
        elif not _FIGURE.fullmatch(cell):
            return False
    return found > 0


def _is_total_word(cell: str) -> bool:
    return bare_key(_ORDER_S.sub("", cell)) in _TOTALS


def is_null(cell: str) -> bool:
    """Say whether a cell only says that it has no value."""
    return len(cell) <= len("(null)") and cell.lower() in _NULLS


def is_elsewhere(channel: str) -> bool:
    """Say whether an order was placed in another shop than Amazon's."""
    return len(channel) < _LONGEST_CHANNEL and _names_another_channel(channel)


@lru_cache(maxsize=_REMEMBERED)
def _names_another_channel(channel: str) -> bool:
    return bool(_OTHER_CHANNEL.fullmatch(channel))
