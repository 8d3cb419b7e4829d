# ruff: noqa: E501 -- texts are easier to read in one line
"""What a text may say: counted on clean messages and on faults planted into them."""

import subprocess
import sys
from collections.abc import Iterator
from time import process_time

import pytest
from helpers.sentences import CLEAN, PHONES, SHOUTED
from hypothesis import given, strategies as st

from spapi_messaging import InvalidMessageError, check_text
from spapi_messaging.content import ContentWarning
from spapi_messaging.messages.message import MESSAGE_TYPES

HTML = ["<b>", "</p>", "<br/>", "<BR />", "&nbsp;", "&#8364;", "&eacute;", '<a href="order">']
EMAILS = ["kundenservice@beispiel-shop.de", "info@example.co.jp", "o.brien+1@mail.example.com"]
EMAILS += ["shop (at) example.com", "shop[at]example[dot]de"]
LINKS = [
    "https://www.example.com/orders/7?step=2",
    "www.example.com/manual.pdf",
    "HTTP://example.de/a",
]
LINKS += [
    "example.com/path",
    "shop.example.co.uk/t/9",
    "https://www.dhl.de",
    "xn--mnchen-3ya.example.fr/a",
]
UNRELATED = [
    "https://www.facebook.com/ourshop",
    "wa.me/491711234567",
    "https://bit.ly/3xYz",
    "t.me/shop",
]
UNRELATED += ["www.example.com", "example.com", "https://example.de/", "https://x.com/shop"]
UNRELATED += [
    "https://www.example.com/reviews/new",
    "example.fr/avis",
    "example.com/p?utm_source=amazon",
]
UNRELATED += [
    "https://www.amazon.com/review/create-review?asin=B00",
    "https://example.es/descuento/10",
]
INVISIBLE = [
    "\u200b",
    "\u202e",
    "\u00ad",
    "\x07",
    "\ufeff",
    "\U000e0041",
    "\ue000",
    "\u0378",
    "\u2066",
]
INVISIBLE += ["\x85", "\u200d", "\x00\x01"]
# A sentence or two of one may well be a sentence or two of the other.
CLOSE = [{"nl", "af"}, {"hi", "mr"}, {"da", "sv"}, {"es", "pt"}]
NO_BLANKS = ("ja", "zh")


def language_of(locale: str) -> str:
    return locale.partition("-")[0]


def found(text: str, *, operation: str = "unexpectedProblem") -> list[tuple[str, str]]:
    return [(each.code, text[each.start : each.end]) for each in check_text(text, operation)]


def hosts_of(plant: str, locale: str) -> Iterator[tuple[str, int]]:
    """Return clean texts of the locale with the plant before, behind and between, and where."""
    blank = "" if language_of(locale) in NO_BLANKS else " "
    for first, second in zip(CLEAN[locale], CLEAN[locale][1:], strict=False):
        yield f"{plant}\n{first}", 0
        yield f"{first}{blank}{plant}", len(first + blank)
        yield f"{first} {plant} {second}", len(first) + 1
        yield f"{first}\n({plant}).", len(first) + 2


def missed(code: str, plants: dict[str, list[str]]) -> tuple[int, list[str]]:
    """Plant each and count; found is a fault by exactly one warning that covers it."""
    count, failures = 0, []
    for locale, chosen in plants.items():
        for plant in chosen:
            core = plant.strip("()!¡. ") if code != "html" else plant
            if code == "phone":
                core = core[next(at for at, sign in enumerate(core) if sign.isdecimal()) :]
            for text, at in hosts_of(plant, locale):
                count += 1
                start = text.index(core, at)
                warnings = check_text(text, "unexpectedProblem")
                match warnings:
                    case [ContentWarning(code=seen, start=a, end=b)] if seen == code:
                        right = (
                            at - 1 <= a <= start and start + len(core) <= b <= at + len(plant) + 1
                        )
                    case _:
                        right = False
                if not right:
                    failures.append(f"{locale} {plant!r} in {text!r}: {found(text)}")
    return count, failures


def all_locales(plants: list[str]) -> dict[str, list[str]]:
    return dict.fromkeys(CLEAN, plants)


PLANTED = {
    "html": all_locales(HTML),
    "email": all_locales(EMAILS),
    "link": all_locales(LINKS),
    "unrelated-link": all_locales(UNRELATED),
    "invisible": all_locales(INVISIBLE),
    "phone": PHONES,
    "all-caps": {
        locale: [SHOUTED[language_of(locale)]] for locale in CLEAN if language_of(locale) in SHOUTED
    },
}


def test_the_data_cover_every_locale() -> None:
    assert len(CLEAN) == 37
    assert min(map(len, CLEAN.values())) >= 5
    assert set(PHONES) == set(CLEAN)
    assert len({text for texts in CLEAN.values() for text in texts}) == sum(
        map(len, CLEAN.values())
    )


def test_clean_texts_raise_no_alarm() -> None:
    pytest.importorskip("py3langid")
    texts = [(locale, text) for locale, texts in CLEAN.items() for text in texts]
    alarms = [
        (locale, text[each.start : each.end], each)
        for locale, text in texts
        for each in check_text(text, "unexpectedProblem", language=locale)
    ]
    assert alarms == [], f"false alarms: {len(alarms)} of {len(texts)}"


@pytest.mark.parametrize("code", PLANTED)
def test_planted_faults_are_found(code: str) -> None:
    count, failures = missed(code, PLANTED[code])
    assert count >= 100
    assert failures == [], f"{code}: found {count - len(failures)} of {count}"


def test_a_text_in_another_language_is_found() -> None:
    pytest.importorskip("py3langid")
    languages = sorted({language_of(locale) for locale in CLEAN})
    count, failures = 0, []
    for locale, texts in CLEAN.items():
        for wanted in languages:
            if wanted == language_of(locale) or {wanted, language_of(locale)} in CLOSE:
                continue
            text = " ".join(texts[:2])
            count += 1
            if [each.code for each in check_text(text, "unexpectedProblem", language=wanted)] != [
                "language"
            ]:
                failures.append((locale, wanted))
    assert count > 600
    assert failures == [], f"language: found {count - len(failures)} of {count}"


def test_parts_of_clean_texts_are_in_no_other_language() -> None:
    pytest.importorskip("py3langid")
    parts = [
        (locale, text[:length])
        for locale, texts in CLEAN.items()
        for text in texts
        for length in (25, 40, 60)
    ]
    alarms = [each for each in parts if check_text(each[1], "unexpectedProblem", language=each[0])]
    assert alarms == [], f"false alarms: {len(alarms)} of {len(parts)}"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (
            "Må vi levere sofaen torsdag mellom klokka to og fire, eller passer fredag bedre?",
            "nb-NO",
        ),
        (
            "Må vi levere sofaen torsdag mellem klokken to og fire, eller passer fredag bedre?",
            "nb-NO",
        ),
        (
            "Smijemo li dostaviti ormar u petak između dva i četiri sata poslije podne?",
            "sr-Latn-RS",
        ),
        ("Bolehkah kami mengirim lemari Anda pada hari Jumat antara jam dua dan empat?", "ms-MY"),
        ("El libro está disponible para entregar mañana, gracias por su compra.", "gl"),
        ("請問我們可以在星期五下午兩點到四點之間把冰箱送到您府上嗎?", "zh-Hans-CN"),
        ("nuqneH! Ihre Bestellung kommt am Freitag zwischen zwei und vier Uhr.", "tlh"),
        ("Ihre Bestellung kommt am Freitag zwischen zwei und vier Uhr.", ""),
        ("Ihre Bestellung kommt am Freitag zwischen zwei und vier Uhr.", "DE_at"),
        ("Samsung Galaxy Watch Ultra, Sony PlayStation Controller", "de-DE"),
        ("OK, danke!", "fr-FR"),
    ],
)
def test_close_relatives_unknown_tags_and_short_texts_are_not_judged(
    text: str, language: str
) -> None:
    assert check_text(text, "unexpectedProblem", language=language) == []


def test_the_whole_text_is_the_span_of_a_wrong_language() -> None:
    pytest.importorskip("py3langid")
    text = "Dürfen wir Ihnen den Schrank am Freitag zwischen zwei und vier Uhr liefern?"
    (warning,) = check_text(text, "unexpectedProblem", language="fr-FR")
    assert (warning.code, warning.start, warning.end) == ("language", 0, len(text))
    assert "'de'" in warning.message


@pytest.mark.parametrize(
    "text",
    [
        "5 < 6, <3, A & B, R&D; Q&A; x<y and y>z, <- here ->, < br >, &, &; &c., AT&T",
        "Dear <first name>, see <Seite 3>",
        "Call the carrier about parcel 12345678901 or order 903-1671087-0812628.",
        "phone case, EAN 4006381333931, ISBN 978-3-16-148410-0 or 0-306-40615-2, UPC 012345678905",
        "UPS 1Z999AA10123456784, 1Z 999 AA1 01 2345 6784, DHL 00340434161094042557, DPD 01234567890123",
        "USPS 9400 1000 0000 0000 0000 00, ヤマト 1234-5678-9012, 0123-4567-8901",
        "IBAN DE89 3704 0044 0532 0130 00, FR14 2004 1010 0505 0001 3M02 606, GB29NWBK60161331926819",
        "24.12.2026 / 2026-11-25 / 24/12/2026, 14:00-16:00, 01.12.2026 14:00, 01.12.2026-03.12.2026",
        "le 26/11/2026 10h00-12h00, 09.00-13.00, 1.234,56 €, 1 234 567,89 €, 1,234,567.89, 12.345.678 €",
        "Steuernummer 12/345/67890, BTW BE 0123.456.789, NIP 525-234-56-78, CNPJ 12.345.678/0001-95",
        "8000 9000 lm, 6000-8000 Lumen, 3000-4000 K, 1920 x 1080, 60 x 120 x 200 cm, 12345-6789, 500 600 700",
        "S/N 0123-456-789, serial 020 7946 0958, Kundennr. 9123 4567, ref. 555-234-0123",
        "version 10.0.19045.3803, 192.168.100.200, v2026.11.25",
        "ABCDE-FGHIJ-KLMNO PQRST-UVWXY-ZABCD, A1B2C 3D4E5 F6G7H",
        "DHL, UPS, DPD, GLS und FEDEX; USB-C, HDMI, IBAN, BIC, SWIFT, DHL EXPRESS, LED TV",
        "z.B. usw.Bitte e.g. i.e. invoice.pdf photo.jpg setup.exe Node.js v1.2.3 3.14 S.A.de C.V.",
        "Ihre Bestellung bei Amazon.de, amazon.co.uk und Amazon.com. Danke.Morgen kommt sie.",
        "5 @ 3.50, @home, a@b, me@, foo@bar",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645, कार्\u200dय, ക\u0d4d\u200d 👩\u200d👩\u200d👧 ❤\ufe0f\u200d🔥 1\ufe0f\u20e3",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f 👍🏽 👩🏽\u200d🔧 \U0001fae9",
        "مرحبا \u200fAmazon\u200e شكرا, 12\u00a0€\u202f!, a\r\nb\tc",
        "葛\U000e0100飾区",
        "",
    ],
)
def test_what_only_looks_like_a_fault_raises_no_alarm(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "code", "span"),
    [
        ("See https://example.com/a(b).", "link", "https://example.com/a(b"),
        ("„www.example.de/hilfe“ hilft", "link", "www.example.de/hilfe"),
        ("詳細はexample.co.jp/helpをご覧ください", "link", "example.co.jp/help"),
        ("DRINGEND! ANTWORTEN", "all-caps", "DRINGEND! ANTWORTEN"),
        ("URGENTISSIMO", "all-caps", "URGENTISSIMO"),
        ("Tel.0301234567", "phone", "0301234567"),
        ("お電話は0312345678まで", "phone", "0312345678"),
        ("a\u200b\u200c\u200bb", "invisible", "\u200b\u200c\u200b"),
        ("a\rb", "invisible", "\r"),
        ("a\u200fb", "invisible", "\u200f"),
        ("\u200d👩", "invisible", "\u200d"),
        ("a\ud800b", "invisible", "\ud800"),
    ],
)
def test_the_span_is_the_fault(text: str, code: str, span: str) -> None:
    assert found(text) == [(code, span)]


@pytest.mark.parametrize(
    ("link", "operation", "code"),
    [
        ("https://download.example.com", "digitalAccessKey", "link"),
        ("https://example.com/activate?key=7", "createDigitalAccessKey", "link"),
        ("https://termin.example.de", "confirmServiceDetails", "link"),
        ("https://tracking.example.com", "confirmDeliveryDetails", "link"),
        ("https://tracking.example.com", "digitalAccessKey", "unrelated-link"),
        ("https://proof.example.com/review/7", "confirmCustomizationDetails", "link"),
        ("https://proof.example.com/review/7", "confirmOrderDetails", "unrelated-link"),
        ("https://example.com/activate?coupon=7", "digitalAccessKey", "unrelated-link"),
        ("https://www.ups.com", "confirmOrderDetails", "link"),
        ("https://user@m.facebook.com:443/activate", "digitalAccessKey", "unrelated-link"),
    ],
)
def test_a_link_is_judged_by_the_operations_purpose(link: str, operation: str, code: str) -> None:
    assert found(f"See {link} please", operation=operation) == [(code, link)]


@pytest.mark.parametrize("kind", MESSAGE_TYPES, ids=lambda kind: kind.segment)
def test_too_long_is_what_the_message_type_would_refuse(kind: type) -> None:
    limits = {
        "confirmCustomizationDetails": 800,
        "confirmDeliveryDetails": 2000,
        "confirmOrderDetails": 2000,
        "confirmServiceDetails": 2000,
        "digitalAccessKey": 400,
        "unexpectedProblem": 2000,
    }
    limit = limits.get(kind.segment, 0)
    for name in (kind.operation, kind.segment, *kind.aliases):
        assert check_text("é" * limit, name) == []
        (warning,) = check_text("é" * (limit + 3), name)
        assert (warning.code, warning.start, warning.end) == ("too-long", limit, limit + 3)


@pytest.mark.parametrize("operation", ["", "getMessagingActionsForOrder", "sendCoupon"])
def test_an_unknown_operation_is_an_error(operation: str) -> None:
    with pytest.raises(InvalidMessageError, match="operation is invalid"):
        check_text("Hello", operation)


def test_warnings_are_sorted_by_where_they_start() -> None:
    text = "<b>CALL US NOW PLEASE</b> 555-234-0123, me@example.com or wa.me/1\u200b"
    warnings = check_text(text, "unexpectedProblem")
    assert [each.code for each in warnings] == [
        "html",
        "all-caps",
        "html",
        "phone",
        "email",
        "unrelated-link",
        "invisible",
    ]
    assert [each.start for each in warnings] == sorted(each.start for each in warnings)


PIECES = [
    "<",
    "<a ",
    "</",
    "&",
    "&#",
    "@",
    "a@",
    "a.",
    "a@a.",
    "(at)",
    "www.",
    "http://",
    "+",
    "0 ",
]
PIECES += [
    "0",
    "12-",
    "A ",
    "AB! ",
    "a-",
    "'",
    "1:",
    "00 ",
    "(",
    ") ",
    "\u200d",
    "👩\u200d",
    "TEL ",
    "\u0661",
]
PIECES += [
    "call ",
    "ABCDE-",
    "DE00 ",
    ".com",
    "a.com/",
    "\n",
    "\r",
    " ",
    "é",
    "ह",
    "電話",
    "DE89 3704 ",
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=60).map("".join))
def test_no_text_raises_and_every_span_lies_within(text: str) -> None:
    warnings = check_text(text, "digitalAccessKey", language="de-DE")
    assert all(0 <= each.start < each.end <= len(text) for each in warnings)
    assert [each.start for each in warnings] == sorted(each.start for each in warnings)
    whole = [(each.start, each.end) for each in warnings if "link" in each.code]
    assert len(whole) == len(set(whole))


def test_messages_do_not_quote_the_text() -> None:
    text = "Geheim <i>Geheim</i> geheim@geheim.de geheim.com/geheim GEHEIM GEHEIM"
    warnings = check_text(text, "sendInvoice", language="fr")
    assert len(warnings) >= 6
    assert all("geheim" not in each.message.lower() for each in warnings)


def cost(text: str) -> float:
    """Return the seconds that one check takes, the best of three."""
    spent = []
    for _ in range(3):
        start = process_time()
        check_text(text, "unexpectedProblem", language="de")
        spent.append(process_time() - start)
    return min(spent)


@pytest.mark.parametrize(
    "piece",
    [
        *PIECES,
        "a.com/ ",
        "a@b.de ",
        "\u200f",
        "<b>",
        "<a b='",
        "a_b=",
        "1/1/",
        "1.1.20",
        "x@y.z(",
        "(0) ",
    ],
)
def test_the_cost_grows_with_the_length_and_not_with_its_square(piece: str) -> None:
    small, large = (cost((piece * size)[:size]) for size in (12_500, 100_000))
    # Eight times the length: linear is 8, quadratic 64. Below 4 ms a clock says little.
    assert large / max(small, 0.004) < 32, (small, large)


@pytest.mark.parametrize(
    "code",
    [
        "assert 'py3langid' not in sys.modules and 'numpy' not in sys.modules",
        "spapi_messaging.check_text('Guten Tag', 'unexpectedProblem'); assert 'numpy' not in sys.modules",
    ],
)
def test_the_detector_is_loaded_when_a_language_is_judged(code: str) -> None:
    run = f"import sys, spapi_messaging; {code}"
    subprocess.run([sys.executable, "-W", "error", "-c", run], check=True)


def test_without_the_extra_the_language_is_not_judged() -> None:
    text = "Dürfen wir Ihnen den Schrank am Freitag zwischen zwei und vier Uhr liefern?"
    run = (
        "import sys; sys.modules['py3langid'] = None; import spapi_messaging\n"
        f"assert spapi_messaging.check_text({text!r}, 'unexpectedProblem', language='fr') == []"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", run], check=True)
