"""Orders from any file to their buyers: one action for all, filters, files, and a folder."""

from pathlib import Path

import pytest
from helpers.command_line import FAST, invoke, order

from spapi_messaging.sandbox import Sandbox

ACTION = "unexpectedProblem"
HEADER = "Order ID;First Name;Product;Quantity;Order Date;Status\n"
ROWS = (
    f"{order(1)};Zoë;Lamp;1;2026-11-01T10:00:00+00:00;Shipped\n"
    f"{order(1)};Zoë;Chair;2;2026-11-01T10:00:00+00:00;Cancelled\n"
    f"{order(2)};Ann;Pipe;1;2026-11-05T10:00:00+00:00;Shipped\n"
    f"{order(3)};Bo;Sofa;1;2026-11-09T10:00:00+00:00;Shipped\n"
)
TEXT = "Hello ${First Name}: $product, $quantity in $items"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "text.txt").write_text(TEXT)
    (tmp_path / "orders.csv").write_text(HEADER + ROWS)
    return tmp_path / "orders.csv"


def texts(sandbox: Sandbox) -> dict[str, str]:
    return {one.order_id: (one.body or {}).get("text", "") for one in sandbox.messages()}


def send(table: Path, *more: object, sandbox: Sandbox, code: int = 0) -> str:
    text = table.with_name("text.txt")
    options = ("--action", ACTION, "--text-file", text, *FAST)
    done = invoke("bulk", table, *options, *more, sandbox=sandbox)
    assert done.returncode == code, done.stderr
    return done.stderr


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_rows_of_one_order_are_one_message(encoding: str, table: Path, sandbox: Sandbox) -> None:
    table.write_bytes((HEADER + ROWS).encode(encoding))
    said = send(table, sandbox=sandbox)
    assert ("read as cp1252" in said) == (encoding == "cp1252")
    expected = {
        order(1): "Hello Zoë: Lamp, Chair, 3 in 2",
        order(2): "Hello Ann: Pipe, 1 in 1",
        order(3): "Hello Bo: Sofa, 1 in 1",
    }
    assert texts(sandbox) == expected
    send(table, sandbox=sandbox)
    assert len(sandbox.messages()) == 3


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        (["--where", "status!=cancelled", "--limit", 2], [1, 2]),
        (["--where", "Order-Date>=2026-11-05"], [2, 3]),
        (["--where", "order_date>=05.11.2026", "--where", "firstname=bo"], [3]),
    ],
)
def test_only_what_is_asked_for_is_sent(
    options: list[object], numbers: list[int], table: Path, sandbox: Sandbox
) -> None:
    send(table, *options, "--time-zone", "UTC", sandbox=sandbox)
    assert sorted(texts(sandbox)) == [order(number) for number in numbers]


def test_a_job_file_is_filtered_by_its_columns_too(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = tmp_path / "jobs.csv"
    rows = [f"{order(n)},{ACTION},Hello,{'yes' if n % 2 else 'no'}" for n in range(8)]
    jobs.write_text(
        "\n".join(["order_id,action,text,wanted", *rows, "S01-1234567-1234567,x,x,yes"])
    )
    done = invoke("bulk", jobs, "--where", "Wanted=YES", "--limit", 3, *FAST, sandbox=sandbox)
    assert done.returncode == 0, done.stderr
    assert sorted(texts(sandbox)) == [order(n) for n in (1, 3, 5)]
    assert "left out: 3 rows, by --where" in done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--action", "confirmDelivery"], "did you mean confirmDeliveryDetails?"),
        ([], "the header has no column action"),
        (["--where", "statuss=x", "--action", ACTION], "'statuss'"),
        (["--time-zone", "Berlin", "--where", "status=x", "--action", ACTION], "Berlin"),
        (["--encoding", "latin-0", "--action", ACTION], "latin-0"),
        (["--attach", "x/{order_id}.pdf", "--action", "confirmOrderDetails"], "takes no attach"),
    ],
)
def test_what_cannot_be_meant_is_one_line(
    options: list[str], said: str, table: Path, sandbox: Sandbox
) -> None:
    done = invoke("bulk", table, *options, sandbox=sandbox)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_report_without_an_action_says_what_it_is(sandbox: Sandbox, tmp_path: Path) -> None:
    report = tmp_path / "orders.txt"
    names = "amazon-order-id\tmerchant-order-id\torder-status\tsales-channel\n"
    report.write_text(f"{names}{order(1)}\t\tShipped\tAmazon.de\n")
    done = invoke("bulk", report, sandbox=sandbox)
    assert done.returncode == 2
    assert "this is Amazon's all-orders report; say what to send, as in --action" in done.stderr


def test_a_field_that_cannot_be_joined_is_told_with_its_lines(
    table: Path, sandbox: Sandbox
) -> None:
    table.with_name("text.txt").write_text("Hello $status")
    said = send(table, sandbox=sandbox, code=2)
    assert (
        "line 2: the field $status of the text cannot be joined: it is not the same in lines"
        in (said.replace("$Status", "$status"))
    )
    assert "lines 2 and 3" in said
    assert sandbox.messages() == []


def test_orders_of_no_known_marketplace_are_a_fault(table: Path, sandbox: Sandbox) -> None:
    options = ("--action", ACTION, "--text-file", table.with_name("text.txt"))
    done = invoke("bulk", table, *options, sandbox=sandbox, SPAPI_MESSAGING_MARKETPLACE=None)
    assert done.returncode == 2
    assert "marketplace is missing; give it, or --marketplace for all" in done.stderr


def invoices(folder: Path, *names: str) -> Path:
    folder.mkdir()
    for name in names:
        (folder / name).write_bytes(b"%PDF-1.4")
    return folder


def test_each_order_gets_its_one_file(sandbox: Sandbox, tmp_path: Path) -> None:
    folder = invoices(tmp_path / "inv", *(f"R-{order(n)}.pdf" for n in (1, 2)), "odd.pdf")
    table = tmp_path / "orders.csv"
    table.write_text(f"order_id\n{order(1)}\n")
    pattern = f"{folder}/*{{order_id}}*.pdf"
    sandbox.add_order(order(1), actions=["sendInvoice"])
    done = invoke("bulk", table, "--action", "invoice", "--attach", pattern, *FAST, sandbox=sandbox)
    assert done.returncode == 0, done.stderr
    assert "2 files belong to no order" in done.stderr
    (message,) = sandbox.messages()
    assert message.body is not None
    assert message.body["attachments"][0]["fileName"] == f"R-{order(1)}.pdf"


def test_no_file_and_two_files_are_named_and_nothing_is_sent(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    folder = invoices(tmp_path / "inv", f"a-{order(1)}.pdf", f"b-{order(1)}.pdf")
    table = tmp_path / "orders.csv"
    table.write_text(f"order_id\n{order(1)}\n{order(2)}\n")
    pattern = f"{folder}/*{{order_id}}*.pdf"
    done = invoke("bulk", table, "--action", "invoice", "--attach", pattern, sandbox=sandbox)
    assert done.returncode == 2
    assert "line 2: 2 files match" in done.stderr
    assert "line 3: no file matches" in done.stderr
    assert "missing" not in done.stderr


def test_a_folder_of_files_is_sent_once(sandbox: Sandbox, tmp_path: Path) -> None:
    folder = invoices(tmp_path / "inv", *(f"R-{order(n)}.pdf" for n in (1, 2)), "odd.pdf")
    for n in (1, 2):
        sandbox.add_order(order(n), actions=["sendInvoice"])
    for _ in range(2):
        done = invoke("bulk", folder, "--action", "invoice", "-m", "DE", *FAST, sandbox=sandbox)
        assert done.returncode == 0, done.stderr
    assert "1 file without an order id in the name: 'odd.pdf'" in done.stderr
    assert sorted(texts(sandbox)) == [order(1), order(2)]
    assert (tmp_path / "inv.journal").is_file()
    done = invoke("bulk", folder, sandbox=sandbox)
    assert "it is a folder; say what to send with its files" in done.stderr


@pytest.mark.parametrize("content", [f"order_id,action\n{order(1)},{ACTION}\n"])
def test_two_actions_for_one_row_are_refused(
    content: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    jobs = tmp_path / "jobs.csv"
    jobs.write_text(content)
    done = invoke("bulk", jobs, "--action", ACTION, sandbox=sandbox)
    assert done.returncode == 2
    assert "drop --action, or take it out" in done.stderr


def test_days_of_a_cover_are_whole_in_their_zone(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "w.pdf").write_bytes(b"%PDF-1.4")
    sandbox.add_order(order(1), actions=["warranty"])
    jobs = tmp_path / "jobs.csv"
    names = "order_id,action,attachments,coverage_start_date,coverage_end_date"
    jobs.write_text(f"{names}\n{order(1)},warranty,w.pdf,01.12.2026,2027-12-01\n")
    done = invoke("bulk", jobs, sandbox=sandbox)
    assert done.returncode == 2
    assert "coverage_start_date has no time zone: '01.12.2026'; say which, as in" in done.stderr
    cover = ("--coverage-start", "1.12.2026", "--coverage-end", "2027-12-01")
    alone = ("send", order(1), "warranty", "--attach", tmp_path / "w.pdf", *cover)
    for command in (("bulk", jobs, *FAST), alone):
        done = invoke(*command, "--time-zone", "Europe/Berlin", sandbox=sandbox)
        assert done.returncode == 0, done.stderr
        body = sandbox.messages()[-1].body or {}
        assert body["coverageStartDate"] == "2026-12-01T00:00:00+01:00"
        assert body["coverageEndDate"] == "2027-12-01T23:59:59+01:00"
