"""HAL documents: their links, what they embed, and their state."""

import copy

import pytest
from helpers.hal_documents import DISCOVERY, ORDER, parse
from helpers.pickling import pickled

from spapi_messaging.errors import HalError, MissingRelError
from spapi_messaging.hal import Document, Issue


def test_a_document_shows_its_links_its_embedded_resources_and_its_state() -> None:
    document = parse(DISCOVERY)
    assert document.url == ORDER
    assert document.self_url == ORDER
    assert document.rels == ("actions", "self")
    assert document.embedded_rels == ("actions",)
    assert document.state == {"payload": {"unknown": [1, None]}}
    assert document.issues == ()
    assert [link.name for link in document.links("actions")] == [
        "sendInvoice",
        "warranty",
        "attributes",
    ]
    (action,) = document.embedded("actions")
    assert action.parent is document
    assert action.state == {"name": "warranty", "title": "Warranty"}
    assert action.embedded("schema")[0].state == {"type": "object", "required": []}


def test_embedded_resources_resolve_against_the_url_of_the_answer() -> None:
    document = parse('{"_embedded": {"x": {"_embedded": {"y": {"_links": {"z": {"href": "w"}}}}}}}')
    (inner,) = document.embedded("x")[0].embedded("y")
    assert inner.link("z").url() == "https://api.example/messaging/v1/orders/w"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("[]", "an array"),
        ('"x"', "a string"),
        ("null", "null"),
        ("true", "a boolean"),
        ("1", "a number"),
        ("1.5", "a number"),
    ],
)
def test_only_a_root_that_is_no_object_is_an_error(text: str, kind: str) -> None:
    with pytest.raises(HalError) as caught:
        parse(text)
    assert str(caught.value) == f"{ORDER} answered {kind}, which is no HAL document"


def test_an_object_and_an_array_of_it_give_the_same_view() -> None:
    one = parse('{"_links": {"x": {"href": "/a"}}, "_embedded": {"x": {"n": 1}}}')
    many = parse('{"_links": {"x": [{"href": "/a"}]}, "_embedded": {"x": [{"n": 1}]}}')
    assert one.links("x") == many.links("x") != ()
    assert [d.state for d in one.embedded("x")] == [d.state for d in many.embedded("x")]


def test_an_empty_array_is_a_relation_without_links() -> None:
    document = parse('{"_links": {"actions": []}, "_embedded": {"actions": []}}')
    assert document.rels == document.embedded_rels == ("actions",)
    assert document.links("actions") == document.embedded("actions") == ()


def test_a_missing_relation_is_an_error_that_lists_those_there_are() -> None:
    document = parse(DISCOVERY)
    for ask, present in ((document.links, ("actions", "self")), (document.embedded, ("actions",))):
        with pytest.raises(MissingRelError) as caught:
            ask("next")
        error = caught.value
        assert (error.url, error.rel, error.present) == (ORDER, "next", present)


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ('{"self": {"href": "b"}}', "https://h.example/b"),
        ('{"self": {"href": ["b"]}}', "https://h.example/b"),
        ('{"self": "b"}', "https://h.example/b"),
        ('{"self": ["b"]}', "https://h.example/b"),
        ('{"self": [{"href": "b"}, {"href": "c"}]}', None),
        ('{"self": []}', None),
        ("{}", None),
        ('{"self": {"href": "{b}", "templated": true}}', None),
        ('{"self": {"href": "a b"}}', None),
    ],
)
def test_the_own_url_is_that_of_the_one_usable_self_link(links: str, expected: str | None) -> None:
    assert parse(f'{{"_links": {links}}}', "https://h.example/a").self_url == expected


def test_what_was_read_once_is_not_read_again() -> None:
    document = parse(DISCOVERY)
    assert document.links("actions") is document.links("actions")
    assert document.embedded("actions") is document.embedded("actions")
    assert document.issues is document.issues


def test_documents_compare_by_identity_and_links_by_what_they_say() -> None:
    one, two = parse(DISCOVERY), parse(DISCOVERY)
    assert one != two
    assert one.link("self") == two.link("self")
    assert repr(one) == f"Document(url={ORDER!r})"
    assert "extra" not in repr(one.link("self"))


def test_documents_survive_pickling_and_copying() -> None:
    document = parse(DISCOVERY)
    for twin in (pickled(document), copy.deepcopy(document)):
        assert twin.links("actions") == document.links("actions")


@pytest.mark.parametrize(
    "rel", ["", "__class__", "__proto__", "constructor", ":", "::", "a:", "/", "~"]
)
def test_odd_relations_are_relations_like_others(rel: str) -> None:
    document = Document.parse({"_links": {rel: {"href": "/a"}}, "_embedded": {rel: {}}}, url=ORDER)
    assert document.link(rel).href == "/a"
    assert len(document.embedded(rel)) == 1
    assert document.issues == ()


def test_depth_has_no_end_for_the_views_and_an_end_for_the_issues() -> None:
    value: dict[str, object] = {"_links": {"curies": {"name": "c", "href": "/{rel}"}}}
    for _ in range(5_000):
        value = {"_embedded": {"x": value}}
    curie = {"name": "acme", "href": "/{rel}", "templated": True}
    document = Document.parse({**value, "_links": {"curies": [curie]}}, url=ORDER)
    assert document.issues == (Issue("/_embedded/x" * 100, "nested too deeply; not looked at"),)
    for _ in range(5_000):
        (document,) = document.embedded("x")
    assert document.expand("acme:y") == "https://api.example/y"
