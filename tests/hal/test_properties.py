"""HAL over any JSON: nothing raises, and nothing gets lost silently."""

import contextlib
from collections import Counter
from typing import Any
from urllib.parse import urljoin

import pytest
from hypothesis import given, settings, strategies as st

from spapi_messaging.errors import HalError, MessagingError, UntrustedLinkError
from spapi_messaging.hal import Document
from spapi_messaging.hal.uris import _join, _quick_join, join

BASE = "https://api.example/messaging/v1/orders/1?x=y"
KEYS = st.sampled_from(["_links", "_embedded", "self", "curies", "x", "a:b", "href", "name", ""])
TEXTS = st.text(max_size=12)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=4) | st.dictionaries(KEYS | TEXTS, inner, max_size=4)


JSON = st.recursive(SCALARS, nested, max_leaves=5)
LINKS = st.fixed_dictionaries(
    {"href": TEXTS | JSON},
    optional={
        "name": st.sampled_from(["a", "n"]) | JSON,
        "templated": st.booleans() | JSON,
        "deprecation": JSON,
        "more": JSON,
    },
)
LINK_VALUES = LINKS | st.lists(LINKS | JSON, max_size=4) | JSON
RELS = st.sampled_from(["self", "curies", "x", "a:b", "https://d.example/b"]) | TEXTS
LINK_MAPS = st.dictionaries(RELS, LINK_VALUES, max_size=4)


def resource(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    values = inner | st.lists(inner | JSON, max_size=2) | JSON
    return st.fixed_dictionaries(
        {},
        optional={
            "_links": LINK_MAPS | JSON,
            "_embedded": st.dictionaries(RELS, values, max_size=2) | JSON,
        },
    )


RESOURCES = resource(resource(resource(st.just({}))))


def visit(document: Document) -> None:
    """Ask a document everything; only errors of this package may come."""
    assert isinstance(document.self_url, str | None)
    assert set(document.state).isdisjoint({"_links", "_embedded"})
    for rel in document.rels:
        assert isinstance(document.expand(rel), str)
        for link in document.links(rel):
            with contextlib.suppress(MessagingError):
                assert isinstance(link.url(**dict.fromkeys(link.variables, "v")), str)
    for rel in {*document.rels, *document.embedded_rels, "a:b", "nosuch"}:
        with contextlib.suppress(HalError):
            document.resolve(rel)
        with contextlib.suppress(HalError):
            document.resolve(rel, name="a")
    for rel in document.embedded_rels:
        for embedded in document.embedded(rel):
            visit(embedded)


@settings(deadline=None)  # no clock decides
@given(JSON | RESOURCES)
def test_any_json_is_a_document_or_a_hal_error(value: Any) -> None:
    if not isinstance(value, dict):
        with pytest.raises(HalError):
            Document.parse(value, url=BASE)
        return
    document = Document.parse(value, url=BASE)
    assert isinstance(document.issues, tuple)
    visit(document)


@settings(deadline=None)  # no clock decides
@given(st.dictionaries(RELS, LINKS | st.dictionaries(KEYS, JSON, max_size=4), max_size=3))
def test_object_and_array_give_the_same_links(members: dict[str, Any]) -> None:
    one = Document.parse({"_links": members}, url=BASE)
    many = Document.parse({"_links": {rel: [value] for rel, value in members.items()}}, url=BASE)
    assert one.rels == many.rels
    for rel in one.rels:
        assert one.links(rel) == many.links(rel)
        assert [link.extra for link in one.links(rel)] == [link.extra for link in many.links(rel)]


@settings(deadline=None)  # no clock decides
@given(st.dictionaries(RELS, st.dictionaries(KEYS, JSON, max_size=4), max_size=3))
def test_object_and_array_give_the_same_embedded_resources(members: dict[str, Any]) -> None:
    one = Document.parse({"_embedded": members}, url=BASE)
    many = Document.parse({"_embedded": {rel: [v] for rel, v in members.items()}}, url=BASE)
    for rel in one.embedded_rels:
        views = [[(d.state, d.rels) for d in doc.embedded(rel)] for doc in (one, many)]
        assert views[0] == views[1]


@settings(deadline=None)  # no clock decides
@given(LINK_MAPS)
def test_every_link_appears_or_is_recorded(members: dict[str, Any]) -> None:
    document = Document.parse({"_links": members}, url=BASE)
    left_out = {i.path for i in document.issues if i.fault.endswith("left out")}
    for rel, value in members.items():
        place = "/_links/" + rel.replace("~", "~0").replace("/", "~1")
        items = value if isinstance(value, list) else [value]
        places = [f"{place}/{i}" for i in range(len(items))] if isinstance(value, list) else [place]
        shown = len(document.links(rel)) if rel in document.rels else 0
        assert shown + len(left_out.intersection(places)) == len(items)


SEGMENT = st.text("abz019-._~!$&'()*+,;=:@", max_size=5)
PATHS = st.lists(SEGMENT | st.sampled_from([".", "..", "%2F"]), max_size=5).map("/".join)


@settings(deadline=None)  # no clock decides
@given(PATHS, st.none() | SEGMENT, st.none() | SEGMENT)
def test_a_legal_reference_resolves_as_urljoin_does(
    path: str, query: str | None, fragment: str | None
) -> None:
    href = (
        path + ("" if query is None else f"?{query}") + ("" if fragment is None else f"#{fragment}")
    )
    document = Document.parse({"_links": {"x": {"href": href}}}, url=BASE)
    assert document.issues == ()
    assert document.link("x").url() == urljoin(BASE, href)


@settings(deadline=None)  # no clock decides
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_value_stays_in_its_segment(value: str) -> None:
    """Whatever a simple variable holds, it neither leaves its segment nor the path."""
    link = {"href": "/a/{x}/b", "templated": True}
    document = Document.parse({"_links": {"x": link}}, url=BASE)
    if value in {".", ".."}:
        return
    prefix, rest = "https://api.example/a/", "/b"
    url = document.link("x").url(x=value)
    assert url.startswith(prefix)
    assert url.endswith(rest)
    assert not set(url[len(prefix) : -len(rest)]) & set("/?#\\ @")


PLAIN = st.text("aZ09-", min_size=1, max_size=4)
ORIGINS = st.sampled_from(["https://h.example", "http://h-1.example:8443", "https://H"])
PLAIN_BASES = st.builds("{}{}".format, ORIGINS, st.sampled_from(["/", "/a/b?c", "/x/../y#z"]))
PLAIN_PATHS = st.builds(
    "/{}{}".format,
    st.lists(PLAIN, min_size=1, max_size=3).map("/".join),
    st.sampled_from(["", "?a=b&c"]),
)
ODD_ORIGINS = st.sampled_from(["HTTPS://h", "https:", "ftp://h", "https://u@h", "//h", "[", ""])
ODD_BASES = st.builds("{}{}".format, ORIGINS | ODD_ORIGINS, st.sampled_from(["/a", "", "?a", "#"]))
ODD_SEGMENTS = PLAIN | st.sampled_from(["", ".", "..", "%2F", "a b", "ä", ";", ":"])
ODD_PATHS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["/", "", "//", "?"]),
    st.lists(ODD_SEGMENTS, max_size=3).map("/".join),
    st.sampled_from(["", "?", "?a=b+c", "#x", "\n"]),
)
PAIRS = st.one_of(
    st.tuples(PLAIN_BASES, PLAIN_PATHS),
    st.tuples(PLAIN_BASES, ODD_PATHS),
    st.tuples(ODD_BASES, PLAIN_PATHS | ODD_PATHS),
)


def test_the_quick_join_equals_the_slow_one() -> None:
    ways: Counter[bool] = Counter()

    @settings(deadline=None, max_examples=400)  # no clock decides
    @given(PAIRS)
    def compare(pair: tuple[str, str]) -> None:
        base, reference = pair
        quick = _quick_join(base, reference)
        ways[quick is not None] += 1
        try:
            slow = _join(base, reference)
        except UntrustedLinkError:
            assert quick is None
            with pytest.raises(UntrustedLinkError):
                join(base, reference)
        else:
            assert quick in {None, slow}
            assert join(base, reference) == slow

    compare()
    assert min(ways[True], ways[False]) > 30
