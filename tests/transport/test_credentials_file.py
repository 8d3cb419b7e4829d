"""A file of credentials is read, or refused before it takes the parser to Python's limit."""

import json
import tomllib

import pytest
from hypothesis import given, strategies as st

from spapi_messaging.transport.credentials_file import read_toml

OPEN = ["[", "{a=", "[[],", "[1,[2],", '["]",', "{a=[],b=", "[\n", "[ # ]\n", "[']',"]


@pytest.mark.parametrize("opening", OPEN)
@pytest.mark.parametrize("count", [33, 500, 20_000])
def test_what_is_nested_without_end_is_refused_before_it_is_parsed(
    monkeypatch: pytest.MonkeyPatch, opening: str, count: int
) -> None:
    monkeypatch.setattr(tomllib, "loads", lambda _: pytest.fail("it was parsed"))
    with pytest.raises(ValueError, match=r"^nested too deep$"):
        read_toml("a=" + opening * count)


@given(st.lists(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1), min_size=50))
def test_brackets_in_secrets_nest_nothing(secrets: list[str]) -> None:
    tables = [
        f"[sellers.s{n}] # [{{\na={json.dumps(one + '[{', ensure_ascii=False)}\nb='[[{{'\n"
        for n, one in enumerate(secrets)
    ]
    sellers = read_toml("".join(tables))["sellers"]
    assert [seller["a"] for seller in sellers.values()] == [f"{one}[{{" for one in secrets]


def test_a_few_brackets_are_taken() -> None:
    deepest = read_toml("a=" + "[" * 32 + "]" * 32)["a"]
    for _ in range(31):
        (deepest,) = deepest
    assert deepest == []
