"""JSON files: an array, objects over several lines, or one object a line; never held as a whole."""

import io
import json
import tracemalloc
from typing import Any

import pytest

from spapi_messaging import OrderFileError
from spapi_messaging.orderfile import HiddenRows, JsonText, read_orders

MIB = 1_048_576
ROWS = [{"order_id": f"903-1671087-{n:07}", "text": 'x"\\{}[],\n' * (n % 9)} for n in range(400)]


def records(content: str | bytes, **options: Any) -> list[tuple[int, Any]]:
    raw = content.encode() if isinstance(content, str) else content
    return list(JsonText.of(io.BytesIO(raw), "f.json", **options).records())


def fault(content: str | bytes, **options: Any) -> str:
    with pytest.raises(OrderFileError) as caught:
        records(content, **options)
    return str(caught.value)


@pytest.mark.parametrize("indent", [None, 0, 2])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_an_array_is_read_however_it_is_written(indent: int | None, encoding: str) -> None:
    found = records(json.dumps(ROWS, indent=indent, ensure_ascii=False).encode(encoding))
    assert [values for _, values in found] == ROWS


@pytest.mark.parametrize(
    "content", ["[{}]", " \n[\n {} ]\n", '[{"a": 1},\n {"b": 2}]', "{}\n{}", "{\n}\n{}"]
)
def test_objects_are_told_by_the_lines_where_they_start(content: str) -> None:
    lines = [line for line, _ in records(content)]
    assert lines == [content[:at].count("\n") + 1 for at, c in enumerate(content) if c == "{"]


def test_objects_on_one_line_are_told_by_their_number() -> None:
    assert [number for number, _ in records('[{"a": 1}, {"b": 2}, 7]')] == [1, 2, 3]
    assert JsonText.of(io.BytesIO(b"[{}, {}]"), "f").unit == "item"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('[{"a": NaN}, {}]', "NaN and Infinity are not JSON"),
        ('[{"a": 1, "a": 2}, {}]', "'a' is given twice"),
        ("[7, {}]", "it is not a JSON object"),
        ('["[", {}]', "it is not a JSON object"),
        ('[{"a": }, {}]', "it is not JSON (column 7: Expecting value)"),
    ],
)
def test_what_is_wrong_with_one_object_does_not_end_the_file(content: str, said: str) -> None:
    first, *rest = records(content)
    assert said in first[1]
    assert rest == ([(2, {})] if content.startswith("[") else [])


def test_an_object_that_is_no_json_may_hide_others() -> None:
    """Where a quote is not closed, its neighbours are in it: so it cannot be skipped."""
    (_, broken), _ = records('[{"a": x}, {}]')
    assert isinstance(broken, HiddenRows)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('[{"a": 1} {"b": 2}]', "line 1 on: neither a comma nor the end of the array"),
        ('[{"a": 1},\n]', "line 2 on: the array is not closed, or has a comma before its end"),
        ('[{"a": 1}', "neither a comma nor the end"),
        ('[{"a": 1},\n{"b": "', "line 2 on: the file ends in the middle of it"),
        ("[{}]\nx", "line 2 on: something follows the array"),
        ("[}]", "expected are an array of objects"),
        (b'[{"a": "\xe9"}]', "not utf-8 (line 1, byte 9 of it)"),
        ('[{"a": "\0"}]', "NUL byte"),
        ("[" + '{"a": "' + "x" * 2 * MIB + '"}]', "longer than 1 MiB, as no job is"),
    ],
)
def test_a_file_that_is_no_json_is_one_clear_line(content: str | bytes, said: str) -> None:
    assert said in fault(content)


def test_only_the_object_at_hand_is_held() -> None:
    raw = io.BytesIO(json.dumps([{"n": n, "text": "x" * 1000} for n in range(8000)]).encode())
    text = JsonText.of(raw, "f.json")
    tracemalloc.start()
    assert sum(1 for _ in text.records()) == 8000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < MIB


def test_an_array_is_a_file_of_orders() -> None:
    rows = [{"orderId": "903-1671087-0812628", "Product Name": name} for name in ("Lamp", "Chair")]
    with read_orders(json.dumps(rows).encode()) as file:
        (order,) = file.orders()
    assert order.fields["product_name"] == "Lamp, Chair"
