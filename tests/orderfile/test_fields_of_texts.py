"""What looks like a field in a text for orders is filled, or a fault: no buyer reads it."""

import pytest

from spapi_messaging import LocalizedText, OrderFileError, UnexpectedProblem
from spapi_messaging.messages import LiteralText
from spapi_messaging.messages.text import Text
from spapi_messaging.orderfile import order_jobs, read_orders

TABLE = "order_id,First Name,名前,größe\n903-1671087-0812628,Zoë,ゾエ,M\n".encode()
TEXTS = ["Hello {}!", "{}", "Hello $first_name, {}", "$$5 for {}"]


@pytest.mark.parametrize(
    ("field", "filled"),
    [
        ("${First Name}", "Zoë"),
        ("$名前", "ゾエ"),
        ("${名前}", "ゾエ"),
        ("${first-name}", "Zoë"),
        ("$Größe", "M"),
        ("${ first_name }", "Zoë"),
    ],
)
@pytest.mark.parametrize("text", TEXTS)
def test_a_column_is_found_in_any_spelling(field: str, filled: str, text: str) -> None:
    written = text.replace("{}", field)
    read = text.replace("{}", filled).replace("$first_name", "Zoë").replace("$$", "$")
    with read_orders(TABLE) as file:
        (job,) = order_jobs(file, UnexpectedProblem(text=written))
        assert job.rendered.text_or_none == read
        texts = LocalizedText({"de": "Hallo", "ja": written})
        (job,) = order_jobs(file, UnexpectedProblem(text=texts))
    localized = job.rendered.text_or_none
    assert isinstance(localized, LocalizedText)
    assert localized.variants == {"de": "Hallo", "ja": read}


@pytest.mark.parametrize("field", ["${Last Name}", "$苗字", "$last_name", "${last-name}"])
@pytest.mark.parametrize("text", TEXTS)
def test_one_that_is_no_field_is_a_fault(field: str, text: str) -> None:
    written = text.replace("{}", field)
    for message in (
        UnexpectedProblem(text=written),
        UnexpectedProblem(text=LocalizedText({"de": "Hallo", "ja": written})),
    ):
        with read_orders(TABLE) as file:
            assert list(order_jobs(file, message, skip_invalid=True)) == []
            with pytest.raises(OrderFileError, match=r"line 2: .*\$"):
                order_jobs(file, message)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("It was $5, or 5 $.", "It was $5, or 5 $."),
        ("It was $$5, $first_name.", "It was $5, Zoë."),
        ("$FirstName: ${first_name}s", "Zoë: Zoës"),
        (LiteralText("${First Name} $x $$"), "${First Name} $x $$"),
    ],
)
def test_what_is_filled_and_what_is_a_price_goes_out(text: Text, read: str) -> None:
    with read_orders(TABLE) as file:
        (job,) = order_jobs(file, lambda _: UnexpectedProblem(text=text))
    assert job.rendered.text_or_none == read
