"""The ``$fields`` of texts in files: found in any spelling, and never read by a buyer."""

import json
from pathlib import Path

import pytest
from helpers.job_files import ORDER, Read, reason, written

from spapi_messaging import Job, LocalizedText
from spapi_messaging.cli.jobfile import LineFault
from spapi_messaging.errors import OrderFileError

ACTION = "unexpectedProblem"
COLUMNS = "order_id,action,First Name,größe,day,x-1"
CELLS = f"{ORDER},{ACTION},Zoë,XL,Monday,7"


def table(header: str = COLUMNS, *rows: str) -> str:
    return "\n".join([header, *(rows or (CELLS,))]) + "\n"


def text_of(items: list[Job | LineFault]) -> object:
    (job,) = items
    assert isinstance(job, Job), job
    return job.rendered.text_or_none


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("$first_name", "Zoë"),
        ("$FirstName!", "Zoë!"),
        ("$firstname.", "Zoë."),
        ("$first-name", "Zoë"),
        ("${First Name}s", "Zoës"),
        ("${first_name}_x", "Zoë_x"),
        ("$größe", "XL"),
        ("$day-shift", "Monday-shift"),
        ("${x-1} $$5 $Order_ID", f"7 $5 {ORDER}"),
    ],
)
def test_a_field_is_found_in_any_spelling_of_its_column(text: str, filled: str, read: Read) -> None:
    assert text_of(read(table(), text_template=text)) == filled
    own = table(f"{COLUMNS},text", f"{CELLS},{text}")
    assert text_of(read(own)) == filled


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("$fist_name", "the field $fist_name of the text has no value: no column is called so; "),
        ("$fist_name", "did you mean ${First Name}?"),
        ("${Last Nam}", "no column is called so"),
        ("$straße", "the field $straße of the text has no value: no column is called so"),
        ("Hi $ day", "the text has a blank in '$ day': write $day, or $$ for a dollar sign"),
        ("$name", "no column is called so"),
    ],
)
@pytest.mark.parametrize("is_template", [True, False])
def test_what_looks_like_a_field_and_is_none_is_a_fault(
    text: str, said: str, is_template: bool, read: Read
) -> None:
    if is_template and "$ " in text:
        with pytest.raises(OrderFileError, match="begins no field"):
            read(table(), text_template=text)
        return
    items = (
        read(table(), text_template=text)
        if is_template
        else read(table(f"{COLUMNS},text", f"{CELLS},{text}"))
    )
    assert said in reason(items)


@pytest.mark.parametrize("text", ["It costs $5", "US$ 20 or $20", "5 $ a day", "$$", "$, $. and $"])
def test_a_price_is_no_field(text: str, read: Read) -> None:
    assert text_of(read(table(f"{COLUMNS},text", f'{CELLS},"{text}"'))) == text


def test_a_field_that_may_be_two_columns_is_a_fault(read: Read) -> None:
    content = table("order_id,action,day,day_shift", f"{ORDER},{ACTION},Monday,late")
    said = reason(read(content, text_template="$day-shift"))
    assert said == "the field '$day-shift' of the text may be ${day} or ${day-shift}"


def test_an_empty_cell_is_told_with_its_column(read: Read) -> None:
    said = reason(
        read(table(COLUMNS, f"{ORDER},{ACTION},,XL,Monday,7"), text_template="$firstname")
    )
    assert said == "the field $first_name of the text has no value: 'First Name' is empty"


def test_each_language_has_its_fields(read: Read) -> None:
    text = LocalizedText({"de": "Hallo ${First Name}", "en": "Hello $firstname"}, default="en")
    filled = text_of(read(table(), text_template=text))
    assert filled == LocalizedText({"de": "Hallo Zoë", "en": "Hello Zoë"}, default="en")
    odd = LocalizedText({"de": "Hallo ${First Name}", "en": "Hello $firstnme"}, default="en")
    assert "$firstnme" in reason(read(table(), text_template=odd))


def test_the_fields_of_json_are_found_in_any_spelling(read: Read) -> None:
    job = {"order_id": ORDER, "action": ACTION, "text": "Hi ${First Name}"}
    assert text_of(read(json.dumps(job | {"fields": {"firstName": "Zoë"}}), "jsonl")) == "Hi Zoë"
    said = reason(read(json.dumps(job | {"fields": {"first": "Zoë"}}), "jsonl"))
    assert "the field '${First Name}' of the text has no value; give it in the job's fields" in said


def test_two_columns_of_one_name_are_a_fault_of_the_header(folder: Path) -> None:
    content = table("order_id,action,First Name,first_name", f"{ORDER},{ACTION},a,b")
    with pytest.raises(OrderFileError, match="'First Name' and 'first_name', which are one name"):
        written(folder, content, "csv").check()
