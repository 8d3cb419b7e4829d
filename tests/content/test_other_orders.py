"""A text that names another order than its own is warned of, whatever dashes it has."""

import logging

import pytest

from spapi_messaging import Job, LocalizedText, UnexpectedProblem, check_text
from spapi_messaging.bulk import found_in, is_serious
from spapi_messaging.bulk.content_policy import ContentCheck

OWN, OTHER = "903-1671087-0812628", "903-1671087-0812629"


def codes(text: str, order_id: str | None = OWN) -> list[str]:
    return [found.code for found in check_text(text, "unexpectedProblem", order_id=order_id)]


@pytest.mark.parametrize(
    "text",
    [
        f"Your order {OTHER} is late.",
        f"({OTHER})",
        f"Order_{OTHER}_late",
        f"Orders {OWN} and {OTHER}",
        OTHER.replace("-", "\u2011"),
        OTHER.replace("-", "\u2013"),
        "903\uff0d1671087\uff0d0812629",
        "\uff19\uff10\uff13-1671087-0812629",
        "Order D01-1671087-0812628",
        f"{OTHER}-1",
    ],
)
def test_another_order_is_found_in_any_spelling(text: str) -> None:
    assert "order" in codes(text)


@pytest.mark.parametrize(
    "text",
    [
        f"Your order {OWN} is late.",
        OWN.replace("-", "\u2011"),
        "Call 0900-1671087-08126289 or see 1903-1671087-0812629.",
        "A903-1671087-0812629",
        "903-1671087-08126290",
        "",
    ],
)
def test_what_names_no_other_order_is_not_warned_of(text: str) -> None:
    assert "order" not in codes(text)


def test_an_order_of_digital_goods_is_an_order_and_no_phone_number() -> None:
    own = "D01-1671087-0812628"
    assert codes(f"Your order {own} is ready.", own) == []
    assert codes(f"Tel. or order: {own}", own) == []
    assert codes(f"Your order {own} is ready.", OWN) == ["order"]
    assert codes(f"Your order {OWN} is ready.", own) == ["order"]


def test_without_an_order_none_is_another() -> None:
    assert codes(f"Order {OTHER}", None) == []


def test_the_place_is_told_and_the_text_not_quoted() -> None:
    (found,) = check_text(f"Order {OTHER}.", "unexpectedProblem", order_id=OWN)
    assert (found.start, found.end) == (6, 25)
    assert OTHER not in found.message
    assert is_serious(found)


def test_a_job_is_looked_at_as_it_goes_out() -> None:
    """Also where only a field's value names the order, and in each language."""
    message = UnexpectedProblem(text="About $which.")
    for which, expected in ((OTHER, ["order"]), (OWN, [])):
        job = Job(OWN, message, fields={"which": which})
        assert [one.code for _, one in found_in(job.rendered, job)] == expected
    text = LocalizedText({"de": "Hallo Welt", "en": f"Hello {OTHER}"}, default="de")
    found = [one.code for _, one in found_in(UnexpectedProblem(text=text), order_id=OWN)]
    assert found.count("order") == 1


@pytest.mark.parametrize(
    ("template", "values", "expected"),
    [
        ("Your order $a.", [OWN], []),
        ("Your order $a.", [OTHER], ["order"]),
        ("Your orders $a and $b.", [OWN, OTHER], ["order"]),
        ("Your order $a.", [f"D{OTHER[1:]}"], ["order"]),
        ("Your order $a.", [f"{OTHER} (LED)"], ["order"]),
        ("Your order $a.", [f"No {OTHER}"], ["order"]),
        ("Your order $a.", [OTHER.replace("-", "\u2011")], ["order"]),
        (f"Not {OTHER}, $a", ["Anna"], ["order"]),
        # Neither the text nor a value has an id in it by itself.
        ("Your order D01\u2014$a\u2014$b.", ["1671087", "0812629"], ["order"]),
        ("Your order $a\u2014$b\u2014$c.", ["D01", "1671087", "0812629"], ["order"]),
        ("Your order $a, $b.", ["1671087", "0812629"], []),
    ],
)
def test_an_order_is_found_wherever_its_id_comes_from(
    template: str, values: list[str], expected: list[str]
) -> None:
    fields = dict(zip("abc", values, strict=False))
    job = Job(OWN, UnexpectedProblem(text=template), fields=fields)
    assert [one.code for _, one in found_in(job.rendered, job)] == expected


@pytest.mark.asyncio
async def test_a_run_warns_of_it_by_default_and_refuses_it_on_demand(
    caplog: pytest.LogCaptureFixture,
) -> None:
    job = Job(OWN, UnexpectedProblem(text=f"Order {OTHER} is late."))
    warning = ContentCheck("warn")
    with caplog.at_level(logging.WARNING, logger="spapi_messaging"):
        assert await warning.refusal(job) is None
    assert warning.counts == {"order": 1}
    assert "(order, characters 7 to 25)" in caplog.text
    error = await ContentCheck("refuse").refusal(job)
    assert error is not None
    assert error.order_id == OWN
    assert await ContentCheck("off").refusal(job) is None
