"""A file of several marketplaces, sent with one of them for all."""

from pathlib import Path

from helpers.command_line import FAST, invoke, order

from spapi_messaging.sandbox import Sandbox


def test_orders_of_another_marketplace_than_was_given_are_said(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """The file counts, and who gave the other one should know before the buyers do."""
    jobs = tmp_path / "jobs.csv"
    places = ("DE", "FR", "FR", "")
    rows = (f"{order(n)},unexpectedProblem,Hello,{place}" for n, place in enumerate(places))
    jobs.write_text("\n".join(("order_id,action,text,marketplace", *rows)))
    note = "note: by the file, which counts, these are not of DE: 2 of FR\n"
    done = invoke("bulk", jobs, "--marketplace", "DE", *FAST, "--dry-run", sandbox=sandbox)
    assert note in done.stderr
    done = invoke("bulk", jobs, "--marketplace", "DE", *FAST, sandbox=sandbox)
    assert done.returncode == 0
    assert note in done.stderr


def test_a_file_of_one_marketplace_is_no_news(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = tmp_path / "jobs.csv"
    row = f"{order(1)},unexpectedProblem,Hello,DE"
    jobs.write_text(f"order_id,action,text,marketplace\n{row}\n")
    done = invoke("bulk", jobs, "--marketplace", "Amazon.de", *FAST, sandbox=sandbox)
    assert (done.returncode, done.stderr) == (0, "")
