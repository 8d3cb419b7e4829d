"""What people get wrong on the way from a report to a message, and what they are told to do."""

from pathlib import Path

import pytest
from helpers.command_line import FAST, invoke, order, run

from spapi_messaging.sandbox import Sandbox

REPORT = "Order ID;Product;Order Status;Item Status;Order Date\n" + "".join(
    f"{order(n)};Lamp;Shipped;Shipped;2026-11-0{n}\n" for n in (1, 2, 3)
)
QUESTION = ("--action", "unexpectedProblem", "--text-file", "text.txt")
INVOICES = ("--action", "invoice", "--attach", "*{order_id}.pdf")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a table of three orders, a text and two of three invoices."""
    monkeypatch.chdir(tmp_path)
    Path("orders.csv").write_text(REPORT)
    Path("text.txt").write_text("Hello, your $product is late.")
    Path("plain.txt").write_text("Hello.")
    Path("tool.txt").write_text("Hello {{first_name}}.")
    Path("word.txt").write_bytes("Grüße".encode("cp1252"))
    for number in (1, 2):
        Path(f"RE-{order(number)}.pdf").write_bytes(b"%PDF-1.4\n%%EOF\n")
    return tmp_path


def said(sandbox: Sandbox, *words: object, code: int = 2) -> str:
    """Run a command by which nothing may be sent, and return what is said."""
    done = invoke("bulk", *words, "--marketplace", "DE", *FAST, sandbox=sandbox)
    assert done.returncode == code, done.stderr
    assert not sandbox.messages()
    return done.stderr


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            ["orders.csv", *QUESTION, "--where", "order-date"],
            "in quotes, as 'order-date>=2026-11-01': a shell takes > and < for files",
        ),
        (
            ["orders.csv", *QUESTION, "--where", "status!=Shipped"],
            "no column is called 'status'; did you mean order_status or item_status?",
        ),
        (
            ["orders.csv", *QUESTION, "--where", "order-status=Shiped"],
            "no order is left: --where left out 3 rows",
        ),
        (
            ["orders.csv", *QUESTION, "--where", "order-status=Shiped"],
            "no row is as --where asks; order_status is 'Shipped'",
        ),
        (
            ["orders.csv", "--action", "unexpectedProblem"],
            "text is missing; give it by --text-file",
        ),
        (
            ["orders.csv", "--action", "invoice"],
            "attachments is missing; give each order its file by --attach",
        ),
        (["orders.csv", *INVOICES], "1 of 3 jobs are invalid; --skip-invalid sends the others"),
        (
            ["orders.csv", *INVOICES, "--text-file", "plain.txt"],
            "--text-file: invoice takes no text",
        ),
        ([".", *QUESTION], "--action: unexpectedProblem takes no attachments, and a folder"),
        (
            ["orders.csv", "--action", "unexpectedProblem", "--text-file", "word.txt"],
            "word.txt is not UTF-8; save it as UTF-8, which editors offer as its encoding",
        ),
        (["order.csv", *QUESTION], "order.csv: No such file or directory; did you mean orders.csv"),
        (
            ["orders.csv", "--action", "unexpectedProblem", "--text-file", "txet.txt"],
            "txet.txt: No such file or directory; did you mean text.txt?",
        ),
    ],
)
def test_a_slip_is_told_with_what_to_do(words: list[str], expected: str, sandbox: Sandbox) -> None:
    """Each slip ends with exit code 2 and a sentence that says what to type instead."""
    assert expected in said(sandbox, *words)


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("lock", ["~$orders.xlsx", ".~lock.orders.xlsx#"])
def test_the_lock_file_of_an_open_workbook_is_told(lock: str, sandbox: Sandbox) -> None:
    """The file that Excel or LibreOffice puts beside an open workbook is none of orders."""
    Path(lock).write_bytes(b"\x03Ann" + bytes(161))
    assert "orders.xlsx is open: give orders.xlsx itself" in said(sandbox, lock, *QUESTION)


@pytest.mark.usefixtures("desk")
def test_how_a_file_was_read_is_said_before_what_is_wrong_with_texts(sandbox: Sandbox) -> None:
    """The lines come in the order of the work: the file, its texts, and what to do about them."""
    Path("orders.csv").write_bytes(REPORT.replace("Lamp", "Höhe").encode("cp1252"))
    tool = ("--action", "unexpectedProblem", "--text-file", "tool.txt")
    lines = said(sandbox, "orders.csv", *tool, "--dry-run", code=0)
    places = [
        lines.index(one)
        for one in ("read as cp1252", "{{first_name}}", "placeholder in 3", "write fields as $")
    ]
    assert places == sorted(places)


@pytest.mark.usefixtures("desk")
def test_files_of_orders_beyond_a_limit_are_not_called_those_of_none(sandbox: Sandbox) -> None:
    """With --limit nobody knows whose the other files are, so nothing is said of them."""
    trial = said(sandbox, "orders.csv", *INVOICES, "--limit", 1, "--dry-run", code=0)
    assert "no order" not in trial


@pytest.mark.usefixtures("desk")
def test_a_pattern_that_the_shell_took_is_told(sandbox: Sandbox) -> None:
    """A shell puts all files in the place of a pattern without quotes: that is said shortly."""
    files = [f"invoices/RE-{order(number)}.pdf" for number in range(50)]
    words = ("orders.csv", "--action", "invoice", "--attach", *files)
    done = run("bulk", *words, sandbox=sandbox)
    assert done.returncode == 2
    assert "put what has a * into quotes, such as 'invoices/*{order_id}*.pdf'" in done.stderr
    assert "in its place (invoices/RE-" in done.stderr
    assert len(done.stderr) < 400


@pytest.mark.usefixtures("desk")
def test_a_second_run_says_that_all_was_sent_before(sandbox: Sandbox) -> None:
    """A run that sends nothing says why, and no speed."""
    words = ("orders.csv", *QUESTION, *FAST)
    assert invoke("bulk", *words, sandbox=sandbox).returncode == 0
    again = invoke("bulk", *words, sandbox=sandbox)
    assert again.returncode == 0
    assert again.stdout == (
        "3/3 · 100 % · 3 sent before\nunexpectedProblem: 3 skipped\n"
        "All 3 sent before; the journal is orders.csv.journal\n"
    )


def test_words_too_many_for_a_command_without_patterns_have_no_advice_on_them() -> None:
    done = run("status", "a.journal", "b.journal")
    assert (done.returncode, done.stderr) == (
        2,
        "spapi-messaging: words too many (b.journal); see: spapi-messaging status --help\n",
    )
