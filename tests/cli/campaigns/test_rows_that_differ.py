"""Rows of one order that say different things are a fault that names the column."""

from pathlib import Path

import pytest
from helpers.command_line import invoke, order

from spapi_messaging.sandbox import Sandbox


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("marketplace", ("DE", "FR")),
        ("key", ("a", "b")),
        ("text", ("Hallo", "Guten Tag")),
        ("attachments", ("a.pdf", "b.pdf")),
        ("seller", ("one", "two")),
    ],
)
def test_the_column_is_named(
    column: str, cells: tuple[str, str], sandbox: Sandbox, tmp_path: Path
) -> None:
    table = tmp_path / "orders.csv"
    rows = "".join(f"{order(0)},{cell}\n" for cell in cells)
    table.write_text(f"order_id,{column}\n{rows}")
    done = invoke("bulk", table, "--action", "unexpectedProblem", sandbox=sandbox)
    assert done.returncode == 2
    assert f"line 2: {column}: " in done.stderr.replace("column ", "")
    assert "lines 2 and 3" in done.stderr
