"""Texts of a job file: templates, their fields, and several languages."""

import json
from pathlib import Path
from typing import Any

import pytest
from helpers.job_files import HEADER, ORDER, ROW, Read, line, reason, written

from spapi_messaging import (
    ConfirmCustomizationDetails,
    DigitalAccessKey,
    Invoice,
    Job,
    LocalizedText,
    UnexpectedProblem,
)
from spapi_messaging.cli.jobfile import JobFile
from spapi_messaging.errors import OrderFileError


@pytest.mark.parametrize(
    ("columns", "cells", "text"),
    [
        ("name,item", "Anna,Tisch", "Hallo Anna: Tisch $5"),
        ("name,item,other", "株,'a',b", "Hallo 株: 'a' $5"),
    ],
)
def test_the_text_template_is_filled(columns: str, cells: str, text: str, read: Read) -> None:
    rows = f"order_id,action,{columns}\n{ORDER},unexpectedProblem,{cells}\n"
    (job,) = read(rows, text_template="Hallo $name: ${item} $$5")
    assert isinstance(job, Job)
    assert job.rendered == UnexpectedProblem(text=text)


def test_the_text_template_is_for_messages_with_a_text(read: Read, folder: Path) -> None:
    rows = [
        {"action": "invoice", "attachments": ["a.pdf"]},
        {"action": "confirmCustomizationDetails", "fields": {"n": 7}},
        {"action": "digitalAccessKey", "attachments": ["a.pdf"], "fields": {"n": ""}},
    ]
    content = "\n".join(json.dumps({"order_id": ORDER} | row) for row in rows)
    jobs = read(content, "jsonl", text_template="$order_id $n")
    assert [job.rendered for job in jobs if isinstance(job, Job)] == [
        Invoice(attachments=[folder / "a.pdf"]),
        ConfirmCustomizationDetails(text=f"{ORDER} 7"),
        DigitalAccessKey(text=f"{ORDER} ", attachments=[folder / "a.pdf"]),
    ]


@pytest.mark.parametrize(
    ("fields", "reported"),
    [
        ({}, "the field $n of the text has no value"),
        ({"n": None}, "the field $n of the text has no value"),
        ({"m": "x"}, "the field $n of the text has no value"),
        ({"n": 19.90}, "the field $n must be a string or a whole number"),
        ({"n": True}, "the field $n must be a string or a whole number"),
        ({"n": "x", "name": "y"}, "the text has no field $name"),
        ({"n": "x", "Liebe Frau SECRET": "y"}, "the text has no field (no name)"),
        ({"n": "\ud800"}, "lone surrogate"),
        ({"n": "x" * 2000}, "text has 2001 characters"),
    ],
)
def test_a_template_that_cannot_be_filled_is_the_lines_fault(
    fields: dict[str, Any], reported: str, read: Read
) -> None:
    content = json.dumps({"order_id": ORDER, "action": "unexpectedProblem", "fields": fields})
    assert reported in reason(read(content, "jsonl", text_template="-$n"))


def test_an_empty_cell_fills_no_template(read: Read) -> None:
    rows = f"order_id,action,n\n{ORDER},unexpectedProblem, \n"
    assert reason(read(rows, text_template="$n")).startswith(
        "the field $n of the text has no value"
    )


def test_a_text_and_a_template_contradict_each_other(read: Read) -> None:
    for content, ending in ((line(), "jsonl"), (HEADER + ROW, "csv")):
        assert "text is given, and a text template" in reason(
            read(content, ending, text_template="x")
        )


def test_a_malformed_template_fails_when_it_is_given() -> None:
    with pytest.raises(OrderFileError, match=r"line 2, col 7; write \$\$ for a dollar sign"):
        JobFile(Path("jobs.csv"), text_template="a\nprice 5 $ off".replace("5 ", ""))


LANGUAGES = {"de": "Hallo $name", "en": "Hello $name"}


def test_a_text_in_several_languages_is_an_object(read: Read) -> None:
    content = line(text=LANGUAGES, default_language="en", fields={"name": "Zoë"})
    (job,) = read(content, "jsonl")
    assert isinstance(job, Job)
    assert job.rendered == UnexpectedProblem(
        text=LocalizedText({"de": "Hallo Zoë", "en": "Hello Zoë"}, default="en")
    )


@pytest.mark.parametrize(
    ("values", "reported"),
    [
        ({"text": {}}, "text: it needs a text in at least one language"),
        ({"text": {"deutsch": "x"}}, "text: 'deutsch' is no language tag"),
        ({"text": {"de": 7}}, "the text in each language must be a string, not a number"),
        ({"text": {"de": ""}}, "text in 'de' has 0 characters; 1 to 2000 are allowed"),
        ({"text": LANGUAGES, "default_language": "fr"}, "the default 'fr' is none"),
        ({"default_language": "fr"}, "default_language is for a text in several languages"),
        ({"text": LANGUAGES}, "the field $name of the text has no value"),
    ],
)
def test_what_is_wrong_with_a_text_in_several_languages(
    values: dict[str, Any], reported: str, read: Read
) -> None:
    assert reported in reason(read(line(**values), "jsonl"))


def test_a_text_cell_is_filled_by_other_columns(read: Read, folder: Path) -> None:
    """And a dollar that begins no field stays what it is where there is none."""
    rows = f"order_id,action,text,name\n{ORDER},unexpectedProblem,%s,Zoë\n"
    for cell, text in (("Hi $name $$5", "Hi Zoë $5"), ("It costs $5 or $$", "It costs $5 or $$")):
        (job,) = read(rows % cell)
        assert isinstance(job, Job)
        assert job.rendered == UnexpectedProblem(text=text)
    source = written(folder, rows % "Hi $name", "csv")
    source.check()
    assert source.unused_columns == ()
