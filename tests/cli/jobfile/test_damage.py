"""What a lost quote and a spreadsheet do to a file is a fault of it, before anything is sent."""

import json
from pathlib import Path
from typing import Any

import pytest
from helpers.command_line import invoke, order
from helpers.job_files import HEADER, ORDER, Read, line, reason, written

from spapi_messaging import Job, LocalizedText
from spapi_messaging.cli.jobfile import JobFile, LineFault
from spapi_messaging.errors import OrderFileError
from spapi_messaging.sandbox import Sandbox

OTHER = "903-1671087-0812629"
ACTION = "unexpectedProblem"
SWALLOWED = "goes on over 2 lines, and one of them looks like another row; is a quote not closed?"


@pytest.mark.parametrize(
    "content",
    [
        f'order_id,action,text\n{ORDER},{ACTION},"Hello,\n{OTHER},{ACTION},Bye"\n',
        f'order_id;action;text\n{ORDER};{ACTION};"Hello\n{OTHER};{ACTION};Bye"\n',
        f'order_id,action,text\n{ORDER},{ACTION},"Hello\n"{OTHER}",{ACTION},Bye"\n'.replace(
            f'"{OTHER}"', f'""{OTHER}""'
        ),
        f'order_id,action,note,text\n{ORDER},{ACTION},"Hello\n{OTHER},{ACTION},x",Bye\n',
        f'order_id,action,key,text\n{ORDER},{ACTION},"k\n{OTHER},{ACTION},x",Bye\n',
        f'text,order_id,action\n"Hello,{OTHER},{ACTION}\nBye",{ORDER},{ACTION}\n',
        f'action,order_id,text\n{ACTION},{ORDER},"Hello\n{ACTION},{OTHER},Bye"\n',
        f'order_id,action,text\n{ORDER},{ACTION},"Hello\n{ORDER},confirmOrderDetails,Bye"\n',
        f'order_id,action,text\n{ORDER},{ACTION},"Hello\r\n{OTHER} and more"\r\n',
    ],
    ids=[
        *("comma", "semicolon", "quoted id", "unused column", "key", "first line"),
        *("action first", "same order", "id at the start"),
    ],
)
def test_a_cell_that_has_taken_in_another_row_is_a_fault(content: str, read: Read) -> None:
    assert SWALLOWED in reason(read(content))


@pytest.mark.parametrize(
    "text",
    [
        "Hello,\n\nyour parcel is late.\n",
        f"Your order:\n{ORDER}, with us since Monday",
        "invoice, warranty\nand more",
        'He said ""hello"",\nand left',
    ],
)
def test_a_text_of_several_lines_is_a_text(text: str, read: Read) -> None:
    (job,) = read(f'{HEADER}{ORDER},{ACTION},"{text}"\n')
    assert isinstance(job, Job)


@pytest.mark.parametrize(
    ("values", "options"),
    [
        ({"text": f"Your order {OTHER} is late"}, {}),
        ({"text": f"Your order {OTHER.replace('-', chr(0x2011))} is late"}, {}),
        ({"text": {"de": "Hallo", "en": f"Hello {OTHER}"}, "default_language": "de"}, {}),
        ({"text": "About $which", "fields": {"which": OTHER}}, {}),
        ({"text": None, "fields": {"which": OTHER}}, {"text_template": "About $which"}),
    ],
    ids=["text", "dashes", "languages", "field", "template"],
)
def test_a_text_that_names_another_order_is_a_fault(
    values: dict[str, Any], options: dict[str, Any], read: Read
) -> None:
    assert "its text names the order 903" in reason(read(line(**values), "jsonl", **options))


def test_a_csv_text_on_one_line_is_looked_at_as_well(read: Read) -> None:
    found = reason(read(f"{HEADER}{ORDER},{ACTION},Order {OTHER} is late\n"))
    assert found == f"its text names the order {OTHER}, which is not this one"


def test_a_file_that_is_named_after_another_order_is_a_fault(folder: Path, read: Read) -> None:
    """The buyer would get the invoice of somebody else."""
    (folder / f"invoice-{OTHER}.pdf").write_bytes(b"%PDF-1.4")
    (folder / f"invoice-{ORDER}.pdf").write_bytes(b"%PDF-1.4")
    content = f"order_id,action,attachments\n{ORDER},invoice,invoice-{{}}.pdf\n"
    assert reason(read(content.format(OTHER))) == (
        f"attachment 1 is named after the order {OTHER}, which is not this one"
    )
    assert isinstance(read(content.format(ORDER))[0], Job)


def test_who_turns_the_look_at_texts_off_may_name_other_orders(read: Read) -> None:
    (job,) = read(line(text=f"With {OTHER}"), "jsonl", may_name_orders=True)
    assert isinstance(job, Job)


@pytest.mark.parametrize(
    "text", [f"Order {OTHER} is late", LocalizedText({"de": "Hallo", "en": OTHER}, default="de")]
)
def test_a_template_with_one_order_for_all_buyers_is_of_no_use(text: Any, tmp_path: Path) -> None:
    with pytest.raises(
        OrderFileError, match=rf"names the order {OTHER} for all .* write \$order_id"
    ):
        JobFile(tmp_path / "jobs.csv", text_template=text)
    assert JobFile(tmp_path / "jobs.csv", text_template="Order $order_id")


@pytest.mark.parametrize(
    ("order_id", "reported"),
    [
        ("4.05E+15", "order_id '4.05E+15' is not 3-7-7 digits: a spreadsheet has turned it into a"),
        ("9,03167E+16", "number; format the column as text"),
        ("9E+16", "into a number"),
        ("12.03.2026", "into a date; format the column as text"),
        ("2026-03-12", "into a date"),
        ("3/12/2026", "into a date"),
        ("90316710870812600", "it has lost its hyphens"),
        ("#NAME?", "'#NAME?' is not 3-7-7 digits: it is a spreadsheet's error, not a value"),
        ("#BEZUG!", "spreadsheet's error"),
        ("########", "spreadsheet's error"),
        ("Dear Zoë, hello", "order_id <15 characters> is not 3-7-7 digits"),
    ],
)
def test_what_a_spreadsheet_makes_of_an_order_id_is_told(
    order_id: str, reported: str, read: Read
) -> None:
    for content, ending in (
        (f'{HEADER}"{order_id}",{ACTION},Hello\n', "csv"),
        (line(order_id=order_id), "jsonl"),
    ):
        assert reported in reason(read(content, ending))


@pytest.mark.parametrize("key", ["4.05E+15", "4,05E+15", "4E+15", "#N/A"])
def test_a_key_that_a_spreadsheet_has_spoilt_is_a_fault(key: str, read: Read) -> None:
    """Even one of them: the next file has another order under it."""
    assert f"key '{key}': " in reason(read(line(key=key), "jsonl"))
    assert reason(read(f'order_id,action,text,key\n{ORDER},{ACTION},Hi,"{key}"\n'))


@pytest.mark.parametrize("key", ["12E5", "1e7", "4711", "4.05", "E+15", "2026-03-12"])
def test_other_keys_stay_possible(key: str, read: Read) -> None:
    assert isinstance(read(line(key=key), "jsonl")[0], Job)


def test_a_spoilt_value_is_not_told_to_a_buyer(read: Read) -> None:
    content = "order_id,action,tracking,phone\n{},{},{},4.9E+11\n"
    used = {"text_template": "Track it: $tracking"}
    for spoilt in ("3.00E+11", "#N/A"):
        row = content.format(ORDER, ACTION, spoilt)
        assert reason(read(row, **used)).startswith("'tracking': ")
    assert isinstance(read(content.format(ORDER, ACTION, "3001"), **used)[0], Job)
    assert "text: it is a spreadsheet's error" in reason(read(f"{HEADER}{ORDER},{ACTION},#NAME?\n"))


def test_what_may_hide_other_rows_cannot_be_skipped(sandbox: Sandbox, tmp_path: Path) -> None:
    """With the rows that a quote has swallowed, their orders would be lost in silence."""
    rows = [f"{order(n)},{ACTION},Hello\n" for n in range(6)]
    quotes = {
        "open": [*rows[:2], f'{order(2)},{ACTION},"Hello\n', *rows[3:]],
        "swallowed": [*rows[:2], f'{order(2)},{ACTION},"Hello\n', rows[3][:-1] + '"\n', *rows[4:]],
    }
    for name, lines in quotes.items():
        jobs = tmp_path / f"{name}.csv"
        jobs.write_text(HEADER + "".join(lines))
        for options in ((), ("--skip-invalid",)):
            done = invoke("bulk", jobs, *options, sandbox=sandbox)
            assert done.returncode == 2
            assert "line 4: " in done.stderr
        assert "what begins on line 4 may hold other rows, which would be lost" in done.stderr
    assert sandbox.messages() == []


def test_other_faults_can_be_skipped(sandbox: Sandbox, tmp_path: Path) -> None:
    rows = [f"{order(0)},{ACTION},Order {OTHER}\n", f"{order(1)},{ACTION},Hello\n"]
    jobs = tmp_path / "jobs.csv"
    jobs.write_text(HEADER + "".join(rows))
    assert invoke("bulk", jobs, sandbox=sandbox).returncode == 2
    assert invoke("bulk", jobs, "--skip-invalid", sandbox=sandbox).returncode == 0
    assert [message.order_id for message in sandbox.messages()] == [order(1)]
    assert invoke("bulk", jobs, "--content", "off", sandbox=sandbox).returncode == 0
    assert len(sandbox.messages()) == 2


def test_a_text_for_one_order_names_no_other_at_the_other_doors(sandbox: Sandbox) -> None:
    """A single message is warned of, and refused where that is asked for, as in the library."""
    arguments = ["send", order(1), ACTION, "--text", f"Order {OTHER} is late"]
    refused = invoke(*arguments, "--content", "refuse", sandbox=sandbox)
    assert refused.returncode == 2
    assert "(order)" in refused.stderr
    assert sandbox.messages() == []
    assert invoke(*arguments, sandbox=sandbox).returncode == 0


def test_lines_below_a_broken_record_are_read_as_before(folder: Path) -> None:
    rows = f'{ORDER},{ACTION},"a"b\n{OTHER},{ACTION},Hello\n'
    items = list(written(folder, HEADER + rows, "csv").read())
    assert [type(item) for item in items] == [LineFault, Job]


def test_what_only_files_of_orders_have_is_no_field_of_a_job(tmp_path: Path) -> None:
    """An object that brings it along is at fault for it, and no word of it is believed."""
    job = {"order_id": "903-1671087-0812628", "action": "unexpectedProblem", "text": "Hi"}
    path = tmp_path / "jobs.json"
    path.write_text(json.dumps([job | {"differing": {"a": "b"}}, job | {"Differing": 5}]))
    with JobFile(path) as jobs:
        checked = jobs.check()
    assert checked.fault_count == 2
    assert all("is not one of its fields" in line for line in checked.fault_lines)
