"""Of a file of orders only the columns that are used are read, and nothing is lost by it."""

import json
from pathlib import Path
from typing import Any

import pytest
from helpers.job_files import ORDER, written

from spapi_messaging import Job
from spapi_messaging.cli.jobfile import JobFile, Selection

OTHER = "903-1671087-0812629"
HEADER = "order-id,order-item-id,quantity,product-name,colour,order-status"


def checked(
    folder: Path, rows: list[str], text: str, *, ending: str = "csv", **options: Any
) -> JobFile:
    content = "\n".join([HEADER, *rows]) + "\n"
    if ending == "jsonl":
        names = HEADER.split(",")
        objects = [dict(zip(names, row.split(","), strict=True)) for row in rows if row != HEADER]
        content = "".join(json.dumps(one) + "\n" for one in objects)
    selection = Selection(action="unexpectedProblem", **options)
    file = written(folder, content, ending, text_template=text, selection=selection)
    assert not file.check().fault_count
    return file


def texts(file: JobFile) -> dict[str, Any]:
    jobs = [job for job in file.read() if isinstance(job, Job)]
    return {job.order_id: job.rendered.text_or_none for job in jobs}


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
@pytest.mark.parametrize(
    ("colours", "pieces"), [(("red", "red"), "2"), (("red", " red "), "2"), (("red", "blue"), "4")]
)
def test_a_row_is_known_from_its_copy_by_cells_that_no_text_uses(
    ending: str, colours: tuple[str, str], pieces: str, tmp_path: Path
) -> None:
    """A quantity is added once for rows that are equal in all of their cells, used or not."""
    rows = [f"{ORDER},77,2,Lamp,{colour},Shipped" for colour in colours]
    with checked(tmp_path, rows, "$quantity, $product_name", ending=ending) as file:
        assert texts(file) == {ORDER: f"{pieces}, Lamp"}


def test_items_are_counted_by_their_numbers_which_no_text_uses(tmp_path: Path) -> None:
    """The items of an order are counted by Amazon's numbers of them."""
    rows = [f"{ORDER},{number},1,Lamp,red,Shipped" for number in (1, 2, 2)]
    with checked(tmp_path, rows, "$items") as file:
        assert texts(file) == {ORDER: "2"}


@pytest.mark.parametrize(("colour", "pieces"), [("red", "2"), ("blue", "4")])
def test_a_row_below_a_second_header_is_known_by_all_of_its_cells(
    colour: str, pieces: str, tmp_path: Path
) -> None:
    """Files that overlap and were put together have their common rows once."""
    rows = [f"{ORDER},,2,Lamp,red,Shipped", HEADER, f"{ORDER},,2,Lamp,{colour},Shipped"]
    with checked(tmp_path, rows, "$quantity") as file:
        assert texts(file) == {ORDER: pieces}


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_a_condition_is_on_a_column_that_no_text_uses(ending: str, tmp_path: Path) -> None:
    """Rows are left out by cells that are in no text."""
    rows = [f"{ORDER},1,1,Lamp,red,Shipped", f"{OTHER},2,1,Cup,blue,Shipped"]
    with checked(tmp_path, rows, "$product_name", ending=ending, where=("colour=blue",)) as file:
        assert texts(file) == {OTHER: "Cup"}
        assert dict(file.left_out) == {"left out by a condition": 1}


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_cancelled_rows_are_said_by_a_column_that_no_text_uses(ending: str, tmp_path: Path) -> None:
    """A person is told of rows of cancelled orders, whatever the text uses."""
    rows = [f"{ORDER},1,1,Lamp,red,Cancelled"]
    with checked(tmp_path, rows, "$product_name", ending=ending) as file:
        assert any("--where 'order-status!=Cancelled'" in said for said in file.said)


@pytest.mark.parametrize("limit", [None, 700, 1])
def test_rows_of_one_order_come_together_from_far_apart(limit: int | None, tmp_path: Path) -> None:
    """An order gets one message with all of its rows, however many others stand between them."""
    others = [f"903-{number:07d}-0812628,{number},1,Cup,red,Shipped" for number in range(650)]
    rows = [f"{ORDER},a,1,Lamp,red,Shipped", *others, f"{ORDER},b,1,Vase,red,Shipped"]
    with checked(tmp_path, rows, "$product_name, $quantity", limit=limit) as file:
        found = texts(file)
        assert found[ORDER] == "Lamp, Vase, 2"
        assert next(iter(found)) == ORDER
        assert len(found) == (limit if limit == 1 else 651)


@pytest.mark.parametrize("text", ["$product_name", "To $order_id: $product_name", "All the same"])
def test_what_is_wrong_with_a_filled_text_is_said_of_its_order(text: str, tmp_path: Path) -> None:
    """Among plain orders, one whose values break a text is at fault, and says why."""
    values = {
        "ok": None,
        "4.05E+15": "a spreadsheet",
        f"for {OTHER}": "names the order",
        "": "empty",
    }
    for value, said in values.items():
        rows = f"{HEADER}\n{OTHER},1,1,Cup,,\n{ORDER},1,1,{value},,\n"
        selection = Selection(action="unexpectedProblem")
        with written(tmp_path, rows, "csv", text_template=text, selection=selection) as file:
            checked = file.check()
        is_used = "$product_name" in text
        assert checked.fault_count == (1 if said and is_used else 0)
        assert not is_used or not said or said in checked.fault_lines[0]
