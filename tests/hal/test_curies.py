"""Curies: relations by their short names and by their full URLs."""

import pytest
from helpers.hal_documents import CURIES, ORDER, parse

from spapi_messaging.errors import MissingRelError
from spapi_messaging.hal import Document


@pytest.mark.parametrize(
    ("rel", "expanded"),
    [
        ("acme:widgets", "https://docs.example/rels/widgets"),
        ("near:things", "https://api.example/rels/things"),
        ("acme:a/b c", "https://docs.example/rels/a%2Fb%20c"),
        ("acme:", "acme:"),
        ("acme://x", "acme://x"),
        ("other:widgets", "other:widgets"),
        ("self", "self"),
        ("", ""),
        ("https://docs.example/rels/gears", "https://docs.example/rels/gears"),
        ("acme:\ud800", "acme:\ud800"),
    ],
)
def test_a_curie_expands_to_its_documentation(rel: str, expanded: str) -> None:
    assert parse(CURIES).expand(rel) == expanded


def test_a_relation_is_found_by_its_curie_and_by_its_url() -> None:
    document = parse(CURIES)
    for rel in ("acme:widgets", "https://docs.example/rels/widgets"):
        assert document.link(rel).href == "/widgets"
    for rel in ("acme:gears", "https://docs.example/rels/gears"):
        assert document.link(rel).href == "/gears"
    for rel in ("acme:parts", "https://docs.example/rels/parts"):
        assert len(document.embedded(rel)) == 1
    with pytest.raises(MissingRelError):
        document.link("https://docs.example/rels/nosuch")


def test_an_embedded_resource_inherits_curies_and_its_own_win() -> None:
    (part,) = parse(CURIES).embedded("acme:parts")
    (own,) = part.embedded("own")
    assert part.link("https://docs.example/rels/bolts").href == "/bolts"
    assert own.expand("acme:nuts") == "https://own.example/nuts"
    assert own.expand("near:x") == "https://api.example/rels/x"
    assert own.link("https://own.example/nuts").href == "/nuts"


@pytest.mark.parametrize(
    "curie",
    [
        {"href": "/{rel}", "templated": True},
        {"href": "/{rel}", "name": "acme"},
        {"href": "/{other}", "name": "acme", "templated": True},
        {"href": "/{rel", "name": "acme", "templated": True},
        {"href": "/rels", "name": "acme", "templated": True},
        {"href": 5, "name": "acme", "templated": True},
    ],
)
def test_an_unusable_curie_is_recorded_and_expands_nothing(curie: dict[str, object]) -> None:
    document = Document.parse({"_links": {"curies": [curie]}}, url=ORDER)
    assert document.expand("acme:x") == "acme:x"
    assert document.issues[-1].path == "/_links/curies/0"
