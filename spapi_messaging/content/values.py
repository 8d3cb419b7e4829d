"""Where a value stood: the places in a text where ``None`` or ``null`` is no word of a language.

In English "None of the parts is missing" and in German "null Uhr" are right, and a nan is a
grandmother. Behind a salutation, a label, a sign of money, or alone in a line they are not.
"""

from spapi_messaging.content.words import LATIN, compiled

_NO_WORD_BEFORE = rf"(?<![{LATIN}_.@/#'\u2019-])"
_NO_WORD_BEHIND = rf"(?![{LATIN}_@/'\u2019-]|\.[A-Za-z0-9])"
_EMPTY = "nan|NaN|NAN|NaT|None|null|NULL|undefined"
WORDS = rf"{_NO_WORD_BEFORE}(?:{_EMPTY}|[nN]/[aA]|[xX]{{3,8}}){_NO_WORD_BEHIND}"
"""What may stand in the place of a value."""
_VALUE = (
    rf"(?:{_EMPTY})(?: (?:{_EMPTY}))*|[nN]/[aA]|#{{3,99}}|<(?:NA|{_EMPTY})>|\((?:{_EMPTY}|blank)\)"
    r"|\\N"
)
"""What is no value by itself, when it fills a field."""
MAX_CONTEXT = 60  # characters on either side that are looked at

# What is said before a name; Arabic, Japanese, Chinese and India's languages need none, since
# there a word in Latin letters stands out by itself.
_GREETINGS = (
    "dear|hello|hi|hey|greetings|good (?:morning|afternoon|evening|day)|hiya|howdy"
    "|hallo|liebe[rs]?|liebe/r|liebe\\(r\\)|guten (?:tag|morgen|abend)|moin|servus|grüezi"
    "|sehr geehrte[rs]?|sehr geehrte/r|geehrte[rs]?|werte[rs]?"
    "|bonjour|bonsoir|salut|coucou|ch(?:er|ère|er/ère|er\\(e\\)|ère/cher)"
    "|hola|buen[oa]s (?:días|tardes|noches)|estimad[oa](?:/a|\\(a\\))?|querid[oa](?:/a)?"
    "|apreciad[oa]|olá|oi|bom dia|boa (?:tarde|noite)|prezad[oa](?:\\(a\\)|/a)?"
    "|car[oa](?:\\(a\\)|/a)?"
    "|ciao|buongiorno|buonasera|salve|gentile|egregio|spettabile"
    "|beste|geachte|dag|goede(?:morgen|middag|navond|ndag)|goeden? (?:dag|morgen)|lieve|geagte"
    "|goeie (?:dag|môre)|hej|hejsan|god (?:dag|morgon|kväll|aften)|kär[ae]|bästa|kære|hei|kjære"
    "|dzień dobry|cześć|witaj|witam|szanown[yai]|drog[ia]|dobrý den|ahoj|vážen[ýá]|mil[ýá]"
    "|merhaba|selam|say\u0131n|sevgili|değerli|iyi günler|dia duit|a chara"
    "|namaste|vanakkam|namaskar"
)
_TITLES = (
    r"mr\.?|mrs\.?|ms\.?|mx\.?|miss|dr\.?|prof\.?|herrn?|frau|monsieur|madame|mme\.?|mlle\.?"
    r"|se[nñ]or[ai]?t?a?|senhora?|sr\.?|sra\.?|srta\.?|signora?|sig\.?(?:ra)?|dott\.?|meneer"
    r"|customer|client|kunden?|kundin|cliente|klient|käufer|buyer|mevrouw|dhr\.?|mevr\.?|mw\.?|fru|pan|pani|pana|panie|bay|bayan|paní|heer"
)
_NAMES = "(?:[ \u00a0]+[A-Z\u00c0-\u00de][\\w.\u2019'-]{0,30}){0,2}"
GREETED = (
    rf"(?:^|[^\w])(?:(?i:{_GREETINGS})(?:[ \u00a0]+(?i:{_TITLES}))?|(?i:{_TITLES}))"
    rf"(?P<names>{_NAMES})[ \u00a0]+$"
)
_ENDS_A_GREETING = rf"^{_NAMES}\s*(?:[,!:;.?\u2026\u2013-]|\n|$)"
_HONORIFIC = (
    "^[ \u3000]?(?:\u69d8|\u3055\u307e|\u3055\u3093|\u6bbf|\u5148\u751f|\u5973\u58eb|\u5c0f\u59d0)"
)

_ORDERED = (
    "order|bestellung|auftrag|lieferung|sendung|paket|rechnung|artikel|kunden|commande|colis|suivi"
    "|facture|article|pedido|paquete|factura|artículo|pacote|fatura|encomenda|ordine|pacco|fattura"
    "|articolo|spedizione|bestelling|pakket|factuur|zending|beställning|paket|faktura|försändelse"
    "|zamówieni[ea]|przesyłk[aię]|faktur[ay]|sipariş\\w{0,6}|kargo|fatura|objednávk[ay]|zásilk[ay]"
    "|ordre|forsendelse|parcel|shipment|package|tracking|invoice|ordú"
)
_NUMBERED = (
    "(?:number|num|no|nr|id|code|link|url|key|#|nummer|numéro|número|numero|n[°º]|numer|numaras\u0131"
    "|číslo|numara|uimhir|nommer)"
)
_OTHER_LABELS = (
    "name|vorname|nachname|kunde|customer|recipient|address|adresse|date|datum|fecha|data|dato"
    "|amount|betrag|total|price|preis|prix|precio|preço|prezzo|quantity|menge|carrier|phone|sku|asin"
    "|email|nom|prénom|nombre|nome|naam|namn|nazwa|imię|ad|soyad|liefertermin|lieferdatum|termin"
    "|delivery|model|modell|modèle|modelo|modello|serial|seriennummer|colou?r|size|farbe|größe"
)
_LABEL = (
    rf"(?<![^\W_])(?i:(?P<ordered>{_ORDERED})[ -]{{0,2}}(?:{_NUMBERED})?|{_NUMBERED}"
    rf"|{_OTHER_LABELS})\.?"
)
_LABELLED = rf"{_LABEL}[ \u00a0]{{0,2}}[:\uff1a=][ \u00a0]{{0,2}}$"
_NUMBERED_BEFORE = (
    rf"(?<![^\W_])(?i:(?:{_ORDERED})[ -]{{0,2}}(?:{_NUMBERED})?|{_NUMBERED})\.?[ \u00a0]#?$"
)
_COLON = "[:\uff1a=][ \u00a0]{0,2}$"
_VALUE_ENDS = r"^\s*(?:[.,;)!?\u3002\u3001]|\n|$)"
_MONEY_BEFORE = "[$\u20ac\u00a3\u00a5\u20b9][ \u00a0]?$"
_MONEY_BEHIND = (
    "^[ \u00a0\u202f]?(?:[$\u20ac\u00a3\u00a5\u20b9%\u00b0]"
    "|(?:EUR|USD|GBP|CAD|AUD|PLN|SEK|JPY|INR|kr|zł|TL|kg|mm|cm|ml|pcs|kWh)(?![A-Za-z]))"
)
_OPENED, _CLOSED = r"[(\[{\uff08]$", r"^[)\]}\uff09]"
_DIGIT_BEFORE_BRACKET = r"\d[ \u00a0]?\($"
_WORD_BEFORE = r"(?<![^\W_])([^\W\d_]{1,30})[ \u00a0]$"
_SMALL_WORD_BEHIND = r"^[ \u00a0][a-z\u00df-\u00ff]"
# "A None" is in Piedmont, and a None is a ninth in German music.
_BEFORE_A_REAL_NONE = frozenset(
    (
        *("a", "ad", "di", "da", "presso", "verso", "comune", "die", "eine", "der", "einer"),
        *("große", "than", "bar", "were"),
    )
)
_SAYING = r"(?i)\b(?:second|close|next|town|village|city|slim) (?:of|to) $"
_NO_NONE = r"^[ \u00a0]+(?:of|the|other|whatsoever|too|but)\b"
_COUNTED_NULL = r"^[ \u00a0]+(?:[A-Z\u00c0-\u00de]|(?:and|und|et|e|en|i|y|och|og)\b)"
_DAYS = frozenset(
    ("on", "am", "le", "el", "il", "op", "den", "dnia", "em", "på", "between", "until", "bis")
)
# In English they would be of a grandmother.
_BEFORE_A_NAN = frozenset(
    (
        *("von", "mit", "für", "avec", "pour", "por", "para", "con", "per", "met", "voor", "med"),
        *("för", "od", "dla", "della", "del", "du", "av"),
    )
)
_DAYS_OF_NULL = frozenset(("on", "am", "dnia", "em"))
_LETTER = r"[^\W\d_]"
_LATIN_LETTER = "[A-Za-z\u00c0-\u024f\u1e00-\u1eff]"


def is_no_value(value: str) -> bool:
    """Tell whether what fills a field is what a program had instead of a value."""
    return compiled(_VALUE).fullmatch(value.strip()) is not None


def stands_for_a_value(text: str, start: int, end: int) -> bool:
    """Tell whether a word of ``WORDS`` stands where a value should."""
    word = text[start:end]
    before = text[max(0, start - MAX_CONTEXT) : start].rpartition("\n")[2]
    after = text[end : end + MAX_CONTEXT]
    if word == "None" and compiled(_NO_NONE).match(after):
        return False
    if word in {"NaN", "NaT"} or _is_greeted(before, after):
        return True
    is_word_of_a_program = word[0] not in "xX" and "/" not in word
    return is_word_of_a_program and _has_a_values_place(word, text, start, before, after)


def _has_a_values_place(word: str, text: str, start: int, before: str, after: str) -> bool:
    return (
        _is_alone(text, start, before, after)
        or _stands_out(before, after.partition("\n")[0])
        or _is_labelled(word, before, after)
        or _is_measured(word, before, after)
        or _is_in_a_sentence(word, before, after)
    )


def _is_greeted(before: str, after: str) -> bool:
    greeted = compiled(GREETED).search(before)
    if greeted is None:
        return bool(compiled(_HONORIFIC).match(after))
    return not greeted["names"] or bool(compiled(_ENDS_A_GREETING).match(after))


def _is_alone(text: str, start: int, before: str, after: str) -> bool:
    """Whether it is a line by itself, or the name that a text begins with."""
    begin = start - len(before)
    if before.strip(" \u00a0\t*-\u2022") or text[max(0, begin - 1) : begin] not in {"", "\n"}:
        return False
    line = after.partition("\n")[0]
    is_whole = not line.strip(" \u00a0.,;:!?") and len(line) < MAX_CONTEXT
    return is_whole or (begin == 0 and line[:1] in {",", "\uff0c", "\u3001"})


def _stands_out(before: str, after: str) -> bool:
    """Whether the letters around it are of other scripts."""
    nearest = (compiled(_LETTER).search(before[::-1]), compiled(_LETTER).search(after))
    return any(one and not compiled(_LATIN_LETTER).match(one[0]) for one in nearest)


def _is_labelled(word: str, before: str, after: str) -> bool:
    if compiled(_LABELLED).search(before):
        return True
    if compiled(_NUMBERED_BEFORE).search(before):
        return word != "null" or not compiled(_COUNTED_NULL).match(after)
    is_sure = word not in {"None", "null"}
    return bool(is_sure and compiled(_COLON).search(before) and compiled(_VALUE_ENDS).match(after))


def _is_measured(word: str, before: str, after: str) -> bool:
    if compiled(_MONEY_BEFORE).search(before):
        return True
    if word != "null" and compiled(_MONEY_BEHIND).match(after):
        return True
    if not (compiled(_OPENED).search(before) and compiled(_CLOSED).match(after)):
        return False
    if word == "None":
        return before[-1] != "("
    return word != "null" or not compiled(_DIGIT_BEFORE_BRACKET).search(before)


def _is_in_a_sentence(word: str, before: str, after: str) -> bool:
    if word != "null" and (after[1:].startswith(word) or before[:-1].endswith(word)):
        return True
    found = compiled(_WORD_BEFORE).search(before)
    if found is None:
        return False
    earlier = found[1]
    if word == "None":
        return not _is_a_real_none(earlier, before, after)
    days = _DAYS_OF_NULL if word == "null" else _DAYS
    is_day = earlier in days and compiled(_VALUE_ENDS).match(after)
    return bool(is_day) or (word != "null" and earlier in _BEFORE_A_NAN)


def _is_a_real_none(earlier: str, before: str, after: str) -> bool:
    if earlier.lower() in _BEFORE_A_REAL_NONE or compiled(_SAYING).search(before):
        return True
    # Behind a noun of German it is none; in English, a title: "And Then There Were None".
    return earlier[0].isupper() and not compiled(_SMALL_WORD_BEHIND).match(after)
