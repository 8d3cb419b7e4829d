# ruff: noqa: E501 -- texts are easier to read in one line
"""What a text may say: what is a fault, where it stands, and what only looks like one."""

import pytest
from helpers.faults_in_texts import found

from spapi_messaging import InvalidMessageError, check_text
from spapi_messaging.messages.message import MESSAGE_TYPES


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


def test_messages_do_not_quote_the_text() -> None:
    text = "Geheim <i>Geheim</i> geheim@geheim.de geheim.com/geheim GEHEIM GEHEIM"
    warnings = check_text(text, "sendInvoice", language="fr")
    assert len(warnings) >= 6
    assert all("geheim" not in each.message.lower() for each in warnings)
