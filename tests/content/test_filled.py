"""A filled template is judged as its whole text would be, at the price of what fills it."""

from time import process_time

import pytest
from helpers.sentences import CLEAN
from helpers.slips_in_texts import RIGHT
from hypothesis import example, given, settings, strategies as st

from spapi_messaging import InvalidMessageError, Job, UnexpectedProblem, check_text
from spapi_messaging.bulk import found_in, is_serious

ORDER = "903-1671087-0812628"
LITERALS = [
    *(
        "Dear ",
        "Hallo ",
        ", ",
        " ",
        "\n",
        ". ",
        ": ",
        " (",
        ")",
        "!",
        "? ",
        "'",
        "l\u2019",
        "-",
        "/",
    ),
    *("Tel. ", "Tel: 0301", "order ", "Bestellung ", "030 ", "5 ", " 12", " 1234567 ", "12.", ",5"),
    *(
        " of the parts",
        "None ",
        " null ",
        "nan",
        "[",
        "]",
        "<",
        ">",
        "{{",
        "}}",
        "%",
        "$$",
        "#",
        "@",
    ),
    *(
        " example.com ",
        "www.",
        ".com",
        "https://",
        " at ",
        "(at) ",
        "IBAN DE89 ",
        "DE89 3704 ",
        "様",
    ),
    *("、", "ご注文", "عزيزي ", "नमस्ते ", "\u00a0", "\u00c3", "\u00e2\u20ac", "\\", "_", "*|", "|*"),
    *(
        "SOFORT ",
        " ANTWORTEN",
        "& ",
        "&",
        ";",
        "€",
        " EUR",
        "kg",
        "s ",
        "a",
        "\u200f",
        "«",
        "»",
        "…",
    ),
    # What a number, an order's id or a spreadsheet's number may go on or begin in.
    *(" - ", "\u2013", "(", ") ", " 1", "Call us, parcel ", "1,", ",5E+15", " 903-", "D01"),
    *("tel (", "Telefon! ", "903-1671087-0812629", "\u20131671087\u20130812629"),
    *(CLEAN["de-DE"][0], CLEAN["ja-JP"][1], CLEAN["en-US"][3], CLEAN["fr-FR"][4]),
]
VALUES = [
    *(
        "Anna",
        "Zoë O\u2019Connor-Müller",
        "Lamp (LED), 5 W",
        "Häkelnadel-Set 3,5 mm \u2013 rot",
        "株式会社",
    ),
    *("2026-11-01T10:00:00+00:00", "2026-12-24", "24.12.2026", "1/2/26", "99.99.9999", ORDER),
    *(
        "00340434161094042557",
        "1Z999AA10123456784",
        "030 1234567",
        "0301234567",
        "12345",
        "7",
        "INV-7",
    ),
    *("nan", "None", "null", "#N/A", "NaN", "N/A", "XXX", "########", "1.23457E+15", "Hernandez"),
    *("JJD000390007654321", "12345678", "004930123456", "00112345678", "123456", "(030)", "12 34"),
    *("1234567890123456", "AB 1234567", "7654-3210-9876", "12345E+15", "1234567E", "7E1234567"),
    *("903-1671087-0812629", "D01-1671087-0812628", "903", "NR 903-1671087-0812629", "call (030"),
    *(
        f"{ORDER}\u2013",
        "903-1671087\u20130812629",
        "903\u2013",
        "\u0663-1671087-0812629",
        "Ära",
        "a (at",
    ),
    *(
        "{{name}}",
        "[Name]",
        "Name",
        "first",
        "%FIRSTNAME%",
        "<b>",
        "b",
        "<a",
        "&amp;",
        "amp;",
        "<<x>>",
    ),
    *(
        "MÃ¼ller",
        "Ã",
        "Â",
        "¼",
        "â€",
        "Ähre",
        "\ufffd",
        "x@example.com",
        "@",
        "(at) example.de",
        "at",
    ),
    *(
        "example",
        "www.example.com/a",
        "www",
        ".de",
        "de",
        "Node.js",
        "3.5",
        "+49",
        "+",
        "-",
        "",
        " ",
    ),
    *(
        "[2er Pack]",
        "100% Baumwolle",
        "Müller & Söhne",
        "R&D;",
        "C#",
        "#REF",
        "NAME",
        "5 %",
        "$5",
        "_",
    ),
    *(
        "\\n",
        "a\\nb",
        "C:\\new",
        "\n",
        "Zeile\nZwei",
        "\u200b",
        "\u00a0",
        "\u0130",
        "ख़ाना",
        "مرحبا",
        "Tel",
    ),
    *(
        "lorem",
        "ipsum dolor",
        "E+15",
        "1.2",
        "\u3007\u3007",
        "«Name»",
        "«",
        "縺",
        "=C3",
        "=BC",
        "'s",
        "s",
        "EUR",
    ),
]


def judged(template: str, fields: dict[str, str]) -> tuple[set[str], set[str], list[str]]:
    """Return the codes for a template with its fields, and those of its whole text.

    Capitals are left out: in a name they are nobody's shouting.
    """
    job = Job(ORDER, UnexpectedProblem(text=template), fields=fields)
    text = job.rendered.text_or_none
    assert isinstance(text, str)
    found = [(place, one) for place, one in found_in(job.rendered, job)]
    assert all(0 <= one.start < one.end <= len(place) for place, one in found)
    whole = check_text(text, "unexpectedProblem", order_id=ORDER)
    shown = [place[one.start : one.end] for place, one in found]
    return {one.code for _, one in found}, {one.code for one in whole}, shown


NO_VALUES = ("nan", "None", "null", "NaN", "N/A", "########", "XXX", "NULL", "undefined")


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(LITERALS), min_size=2, max_size=7),
    st.lists(st.sampled_from(VALUES) | st.text(max_size=6), min_size=3, max_size=3),
)
@example(["Dear ", ", ", " "], ["nan", "x", "y"])
def test_the_answer_is_that_of_the_whole_text(literals: list[str], values: list[str]) -> None:
    names = ["a", "b", "c"][: len(literals) - 1]
    slots = [*(f"${{{name}}}" for name in names), *[""] * len(literals)]
    template = "".join(literal + slot for literal, slot in zip(literals, slots, strict=False))
    fields = dict(zip(names, values, strict=False))
    try:
        told, whole, _ = judged(template, fields)
    except InvalidMessageError:
        return
    if any(value.strip() in NO_VALUES or set(value) == {"#"} for value in fields.values()):
        told, whole = told - {"leftover"}, whole - {"leftover"}
    assert told - {"all-caps"} == whole - {"all-caps"}


@pytest.mark.parametrize(
    ("template", "values", "codes"),
    [
        ("Tel. $a $b, Anna", ["0301", "234567"], {"phone"}),
        ("Tel. $a - $b", ["030", "1234567"], {"phone"}),
        ("Tel. ($a) $b", ["030", "123456"], {"phone"}),
        ("Tel. $a $b $c.", ["030", "12", "3456"], {"phone"}),
        ("Tel. 030 $a", ["123456"], {"phone"}),
        ("Tel. $a 456", ["030 123"], {"phone"}),
        ("Tel. ($a)", ["0301234567"], {"phone"}),
        ("Please call $a, $b", ["Anna", "12345678901"], {"phone"}),
        ("Please call $a, $b", ["Anna", "JJD12345678901"], set()),
        ("Please call $a, $b", ["Anna", "1234567890123456"], set()),
        ("About $a, $b", ["Anna", "004930123456"], {"phone"}),
        ("About $a, $b", ["phone", "12345678901"], {"phone"}),
        ("Tel. $a, $b", ["0301", "234567"], set()),
        ("Lamp $a ($b) by $c", ["17", "2", "DHL"], set()),
        ("It is $a,5E+15", ["1"], {"leftover"}),
        ("It is 1,$a", ["12345E+15"], {"leftover"}),
    ],
)
def test_values_are_a_number_with_what_they_are_joined_to(
    template: str, values: list[str], codes: set[str]
) -> None:
    told, whole, _ = judged(template, dict(zip("abc", values, strict=False)))
    assert told - {"all-caps"} == whole - {"all-caps"} == codes


@pytest.mark.parametrize(
    "template", ["Es geht um: $value.", "$value", "注文$value様", "A ($value)!"]
)
def test_ordinary_values_raise_no_alarm(template: str) -> None:
    values = [text.replace("$", "") for text in RIGHT if text.isascii()]
    values += [text for texts in CLEAN.values() for text in texts]
    values += VALUES[:7]
    for value in values:
        told, whole, _ = judged(template, {"value": value})
        assert told - {"all-caps"} == whole - {"all-caps"}


@pytest.mark.parametrize(
    ("value", "code"),
    [
        *((value, "leftover") for value in ("nan", "None", "NaN", "null", "NULL", "undefined")),
        *((value, "leftover") for value in ("#N/A", "#BEZUG!", "N/A", "NaT", "<NA>", "nan nan")),
        *((value, "leftover") for value in (" nan ", "########", "1.23457E+15", "\\N", "(blank)")),
        *((value, "placeholder") for value in ("[Name]", "{{x}}", "%FIRSTNAME%", "${first name}")),
        *((value, "mojibake") for value in ("MÃ¼ller", "M\ufffdller", "Zoâ€™s", "JosÃ©")),
    ],
)
@pytest.mark.parametrize(
    "template",
    [
        "Dear $value, your parcel is late.",
        "Wir liefern die Lampe $value morgen zu Ihnen.",
        "Votre $value arrive demain",
        "お客様の$valueは明日届きます。".replace("$value", "${value}"),
        "It is about “$value”, is it not?",
        "$value",
        "Alles zu $value: $$5",
    ],
)
def test_a_value_that_is_none_is_found_wherever_it_stands(
    template: str, value: str, code: str
) -> None:
    told, _, shown = judged(template, {"value": value})
    assert code in told
    assert any(place.strip() in value for place in shown)
    job = Job(ORDER, UnexpectedProblem(text=template), fields={"value": value})
    assert all(is_serious(one) for _, one in found_in(job.rendered, job))


@pytest.mark.parametrize(
    "pattern",
    [
        "Stehlampe Modell {}",
        "Lamp (LED), {} W",
        "Häkelnadel-Set 3,5 mm \u2013 rot {}",
        "2026-11-01T10:0{0:.1}:00+00:00",
        "[2er Pack] 100% Baumwolle & Seide",
        "00340434161{:09}",
        "0301234{:04}",
        "JJD0003900{:09}",
    ],
)
@pytest.mark.parametrize("sentence", ["Ihre Bestellung: $value. ", "Lampe 17 ($name), $value. "])
def test_values_cost_a_fraction_of_the_whole_text(pattern: str, sentence: str) -> None:
    """Of a letter of the length that sellers write; twenty values of each kind."""
    template = "Guten Tag $name,\n" + sentence + "Viele Grüße! " * 99
    jobs = [
        Job(
            ORDER,
            UnexpectedProblem(text=template),
            fields={
                "name": "Anna 7",
                "value": pattern.format(str(number) if "0:" in pattern else number),
            },
        )
        for number in range(20)
    ]

    def cost(judge: object) -> float:
        assert callable(judge)
        start = process_time()
        for job in jobs:
            judge(job)
        return process_time() - start

    def by_value(job: Job) -> None:
        assert list(found_in(job.rendered, job)) == []

    def as_a_whole(job: Job) -> None:
        assert check_text(str(job.rendered.text_or_none), "unexpectedProblem") == []

    by_value(jobs[0])
    assert any(3 * cost(by_value) < cost(as_a_whole) for _ in range(5))
