"""Text files as editors save them: what is no text of the kind is told, and never sent."""

from pathlib import Path

import pytest
from helpers.command_line import invoke, order

from spapi_messaging.sandbox import Sandbox

TEXT = "Grüße, Ihre Lieferung kommt am 3. Dezember 😀"
ACTION = "unexpectedProblem"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_text_is_read_as_it_was_saved(encoding: str, sandbox: Sandbox, tmp_path: Path) -> None:
    text, jobs = tmp_path / "text.txt", tmp_path / "jobs.csv"
    text.write_bytes(TEXT.encode(encoding))
    jobs.write_text(f"order_id\n{order(1)}\n")
    given = ["--text-file", text]
    assert invoke("send", order(0), ACTION, *given, sandbox=sandbox).returncode == 0
    assert invoke("bulk", jobs, "--action", ACTION, *given, sandbox=sandbox).returncode == 0
    assert [(message.body or {}).get("text") for message in sandbox.messages()] == [TEXT] * 2


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (TEXT.encode("cp1252", "ignore"), "is not UTF-8; save it as UTF-8"),
        (TEXT.encode("utf-16"), "is not UTF-8 but UTF-16; save it as UTF-8"),
        (TEXT.encode("utf-16-le"), "is not UTF-8; save it as UTF-8"),
        ("Hallo".encode("utf-16-be"), "is not UTF-8 but UTF-16; save it as UTF-8"),
        (b"PK\x03\x04\x14\x00\x06\x00", "is a document, and no plain text"),
        (b"{\\rtf1\\ansi Hallo}", "is a document, and no plain text; save it as text"),
        (b"%PDF-1.4 Hallo", "is a document, and no plain text; save it as text"),
    ],
)
def test_what_is_no_such_text_is_told_and_not_sent(
    content: bytes, why: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    text = tmp_path / "text.txt"
    text.write_bytes(content)
    done = invoke("send", order(0), ACTION, "--text-file", text, sandbox=sandbox)
    assert done.returncode == 2
    assert f"{text} {why}" in done.stderr
    assert sandbox.messages() == []


@pytest.mark.parametrize("field", ["$gift", "${First Name}", "$product_name", "$名前"])
@pytest.mark.parametrize("option", ["--text", "--text-file"])
def test_a_field_of_a_text_is_filled_by_a_file_of_orders_only(
    option: str, field: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    """The text of a campaign that is sent to one order has nothing to fill it; a price is none."""
    text, priced = f"Hello, {field} is here.", "It was $5, or 5 $."
    for written, code in ((text, 2), (priced, 0)):
        (tmp_path / "text.txt").write_text(written, "utf-8")
        value = written if option == "--text" else tmp_path / "text.txt"
        done = invoke("send", order(0), ACTION, option, value, sandbox=sandbox)
        assert done.returncode == code, done.stderr
        assert code == 0 or "has no value" in done.stderr
    given = [option, text, "--content", "off"] if option == "--text" else []
    if given:
        assert invoke("send", order(0), ACTION, *given, sandbox=sandbox).returncode == 0
    sent = [(message.body or {}).get("text") for message in sandbox.messages()]
    assert sent == [priced, *([text] if given else [])]
