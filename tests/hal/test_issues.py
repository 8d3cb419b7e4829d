"""What is malformed in a document: left out, and recorded with its place."""

import pytest
from helpers.hal_documents import faults, parse

from spapi_messaging.hal import Issue


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"_links": []}, [("/_links", "an array, not an object; left out")]),
        ({"_links": None}, [("/_links", "null, not an object; left out")]),
        ({"_embedded": 5}, [("/_embedded", "a number, not an object; left out")]),
        ({"_links": {"x": None}}, [("/_links/x", "null, not an object; left out")]),
        ({"_links": {"x": True}}, [("/_links/x", "a boolean, not an object; left out")]),
        ({"_links": {"x": {}}}, [("/_links/x", "it has no string as its href; left out")]),
        (
            {"_links": {"x": [{"href": 1}]}},
            [("/_links/x/0", "it has no string as its href; left out")],
        ),
        ({"_links": {"x": [[]]}}, [("/_links/x/0", "an array, not an object; left out")]),
        (
            {"_links": {"x": {"href": ["/a", "/b"]}}},
            [("/_links/x", "it has no string as its href; left out")],
        ),
        (
            {"_links": {"x": {"href": ["/a"]}}},
            [("/_links/x/href", "an array of one string; taken as that string")],
        ),
        ({"_links": {"x": "/a"}}, [("/_links/x", "a string, not an object; taken as the href")]),
        (
            {"_links": {"x": ["/a"]}},
            [("/_links/x/0", "a string, not an object; taken as the href")],
        ),
        (
            {"_links": {"x": {"href": "/a", "name": 5}}},
            [("/_links/x/name", "a number, not a string; left out")],
        ),
        ({"_links": {"x": {"href": "/a", "title": None}}}, []),
        (
            {"_links": {"x": {"href": "/a", "templated": "true"}}},
            [("/_links/x/templated", "a string, not a boolean; left out")],
        ),
        (
            {"_links": {"x": {"href": "/{a}"}}},
            [("/_links/x/href", "it has braces, but is not templated; used as it stands")],
        ),
        ({"_links": {"a/b~c": 1}}, [("/_links/a~1b~0c", "a number, not an object; left out")]),
        (
            {"_links": {"": 1, "__proto__": 1}},
            [
                ("/_links/", "a number, not an object; left out"),
                ("/_links/__proto__", "a number, not an object; left out"),
            ],
        ),
        ({"_embedded": {"x": "y"}}, [("/_embedded/x", "a string, not an object; left out")]),
        ({"_embedded": {"x": [{}, 1]}}, [("/_embedded/x/1", "a number, not an object; left out")]),
        (
            {"_embedded": {"x": [{"_links": 1}]}},
            [("/_embedded/x/0/_links", "a number, not an object; left out")],
        ),
    ],
)
def test_what_is_malformed_is_recorded_with_its_place(
    value: object, expected: list[tuple[str, str]]
) -> None:
    assert faults(value) == expected


def test_one_malformed_part_takes_nothing_else_with_it() -> None:
    document = parse(
        '{"_links": {"x": [1, {"href": "/a"}, {}], "y": 5}, "_embedded": {"z": [1, {}]}}'
    )
    assert document.rels == ("x",)
    assert document.link("x").href == "/a"
    assert len(document.embedded("z")) == 1
    assert len(document.issues) == 4


def test_an_issue_quotes_no_value() -> None:
    document = parse('{"_links": {"x": {"href": "/a", "name": ["secret"]}, "y": "sec ret"}}')
    assert "secret" not in str(document.issues)
    assert "sec ret" not in str(document.issues)
    assert document.issues[0] == Issue("/_links/x/name", "an array, not a string; left out")
