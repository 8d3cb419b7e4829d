"""Links: their properties, and the URL that each leads to."""

import logging

import pytest
from helpers.hal_documents import ORDER, link_of, parse

from spapi_messaging.errors import TemplateError, UntrustedLinkError
from spapi_messaging.hal import Document


def test_a_link_has_the_properties_of_the_draft_and_carries_the_others() -> None:
    raw = {
        "href": "/a",
        "name": "n",
        "title": "T",
        "type": "text/plain",
        "deprecation": "https://d.example",
        "profile": "https://p.example",
        "hreflang": "de",
        "templated": False,
        "x-more": [1],
    }
    link = link_of(raw)
    known = {"href", "name", "title", "type", "deprecation", "profile", "hreflang", "templated"}
    assert {key: getattr(link, key) for key in known} == {key: raw[key] for key in known}
    assert link.extra == {"x-more": [1]}
    assert link.variables == ()


def test_properties_that_are_absent_null_or_of_another_type_are_none() -> None:
    link = link_of({"href": "/a", "name": 1, "title": None, "deprecation": False})
    assert (link.name, link.title, link.deprecation, link.type) == (None, None, None, None)


@pytest.mark.parametrize("templated", [None, False, 1, "true", "True", [True], {}])
def test_only_true_makes_a_template(templated: object) -> None:
    link = link_of({"href": "/a{?x}", "templated": templated}, "https://h.example/")
    assert link.templated is False
    assert link.variables == ()
    assert link.url() == "https://h.example/a{?x}"


def test_an_href_that_is_no_template_takes_no_variables() -> None:
    with pytest.raises(TemplateError, match="it is no template; unknown x, y"):
        link_of({"href": "/a{?x}"}).url(x=1, y=2)


def test_a_deprecated_link_is_warned_about_once_when_it_is_followed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING, "spapi_messaging")
    document = parse(
        '{"_links": {"x": {"href": "/a\\n", "deprecation": "https://d.example/"},'
        '"y": {"href": "/y", "deprecation": true}, "z": {"href": "/z"}}}'
    )
    deprecated = document.link("x")
    with pytest.raises(UntrustedLinkError):
        deprecated.url()
    assert (document.self_url, document.issues[0].path, caplog.records) == (
        None,
        "/_links/x/href",
        [],
    )
    for _ in range(2):
        document.link("y").url()
        document.link("z").url()
    (record,) = caplog.records
    assert record.name.startswith("spapi_messaging")
    assert record.getMessage() == "The link '/y' is deprecated: ''"


# https://datatracker.ietf.org/doc/html/rfc3986#section-5.4
NORMAL = {
    "g:h": "g:h",
    "g": "http://a/b/c/g",
    "./g": "http://a/b/c/g",
    "g/": "http://a/b/c/g/",
    "/g": "http://a/g",
    "//g": "http://g",
    "?y": "http://a/b/c/d;p?y",
    "g?y": "http://a/b/c/g?y",
    "#s": "http://a/b/c/d;p?q#s",
    "g#s": "http://a/b/c/g#s",
    "g?y#s": "http://a/b/c/g?y#s",
    ";x": "http://a/b/c/;x",
    "g;x": "http://a/b/c/g;x",
    "g;x?y#s": "http://a/b/c/g;x?y#s",
    "": "http://a/b/c/d;p?q",
    ".": "http://a/b/c/",
    "./": "http://a/b/c/",
    "..": "http://a/b/",
    "../": "http://a/b/",
    "../g": "http://a/b/g",
    "../..": "http://a/",
    "../../": "http://a/",
    "../../g": "http://a/g",
}
ABNORMAL = {
    "../../../g": "http://a/g",
    "../../../../g": "http://a/g",
    "/./g": "http://a/g",
    "/../g": "http://a/g",
    "g.": "http://a/b/c/g.",
    ".g": "http://a/b/c/.g",
    "g..": "http://a/b/c/g..",
    "..g": "http://a/b/c/..g",
    "./../g": "http://a/b/g",
    "./g/.": "http://a/b/c/g/",
    "g/./h": "http://a/b/c/g/h",
    "g/../h": "http://a/b/c/h",
    "g;x=1/./y": "http://a/b/c/g;x=1/y",
    "g;x=1/../y": "http://a/b/c/y",
    "g?y/./x": "http://a/b/c/g?y/./x",
    "g?y/../x": "http://a/b/c/g?y/../x",
    "g#s/./x": "http://a/b/c/g#s/./x",
    "g#s/../x": "http://a/b/c/g#s/../x",
    "http:g": "http:g",
}


@pytest.mark.parametrize(("href", "absolute"), [*NORMAL.items(), *ABNORMAL.items()])
def test_references_resolve_as_in_rfc_3986(href: str, absolute: str) -> None:
    # The backward-compatible reading of the last case is the one urljoin has; §5.4.2 allows it.
    allowed = {absolute} | ({"http://a/b/c/g"} if href == "http:g" else set())
    assert link_of({"href": href}, "http://a/b/c/d;p?q").url() in allowed


@pytest.mark.parametrize(
    "href",
    [
        "/a\tb",
        "/a\nb",
        "/a\rb",
        "/a b",
        " /a",
        "/a\\b",
        "\\\\evil.example/a",
        "/a\x00",
        "/a\x7f",
        "/ä",
        "https://evil\u3002example/",
        "/\ud800",
        "http://[",
        "//[x/",
    ],
)
def test_references_that_parsers_disagree_about_are_refused_and_recorded(href: str) -> None:
    document = Document.parse({"_links": {"x": {"href": href}}}, url=ORDER)
    with pytest.raises(UntrustedLinkError):
        document.link("x").url()
    assert [issue.path for issue in document.issues] == ["/_links/x/href"]


def test_an_endless_reference_is_cut_in_the_error() -> None:
    with pytest.raises(UntrustedLinkError) as caught:
        link_of({"href": " " * 10_000}).url()
    assert len(caught.value.url) == 200
