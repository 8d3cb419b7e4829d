"""HAL documents and links: what is read, what is left out, what is refused."""

import copy
import json
import logging
import pickle

import pytest
import uritemplate

from spapi_messaging.errors import (
    AmbiguousLinkError,
    HalError,
    MissingRelError,
    TemplateError,
    UntrustedLinkError,
)
from spapi_messaging.hal import Document, Issue, Link

ORDER = "https://api.example/messaging/v1/orders/1?marketplaceIds=X"

# Shaped as Amazon's discovery answer: a list of named links, and the same embedded.
DISCOVERY = """
{
  "_links": {
    "actions": [
      {"href": "/messaging/v1/orders/1/messages/invoice?marketplaceIds=X", "name": "sendInvoice"},
      {"href": "/messaging/v1/orders/1/messages/warranty?marketplaceIds=X", "name": "warranty"},
      {"href": "/messaging/v1/orders/1/attributes?marketplaceIds=X", "name": "attributes"}
    ],
    "self": {"href": "/messaging/v1/orders/1?marketplaceIds=X"}
  },
  "_embedded": {
    "actions": [
      {
        "_links": {
          "schema": {"href": "/messaging/v1/orders/1/messages/warranty/schema"},
          "self": {"href": "/messaging/v1/orders/1/messages/warranty?marketplaceIds=X",
                   "name": "warranty"}
        },
        "_embedded": {"schema": {"type": "object", "required": []}},
        "name": "warranty",
        "title": "Warranty"
      }
    ]
  },
  "payload": {"unknown": [1, null]}
}
"""

CURIES = """
{
  "_links": {
    "curies": [
      {"name": "acme", "href": "https://docs.example/rels/{rel}", "templated": true},
      {"name": "near", "href": "/rels/{rel}", "templated": true},
      {"name": "acme", "href": "https://second.example/{rel}", "templated": true}
    ],
    "acme:widgets": {"href": "/widgets"},
    "https://docs.example/rels/gears": {"href": "/gears"}
  },
  "_embedded": {
    "acme:parts": [
      {"_links": {"acme:bolts": {"href": "/bolts"}},
       "_embedded": {"own": {
         "_links": {
           "curies": {"name": "acme", "href": "https://own.example/{rel}", "templated": true},
           "acme:nuts": {"href": "/nuts"}
         }
       }}}
    ]
  }
}
"""


def parse(text: str, url: str = ORDER) -> Document:
    return Document.parse(json.loads(text), url=url)


def link_of(raw: object, url: str = ORDER) -> Link:
    return Document.parse({"_links": {"x": raw}}, url=url).link("x")


def template(href: str, url: str = "https://h.example/") -> Link:
    return link_of({"href": href, "templated": True}, url)


def faults(value: object) -> list[tuple[str, str]]:
    issues = Document.parse(value, url=ORDER).issues
    return [(issue.path, issue.fault) for issue in issues]


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


def test_a_link_is_picked_by_name_or_position() -> None:
    document = parse(DISCOVERY)
    actions = document.links("actions")
    assert document.link("actions", name="warranty") is actions[1]
    assert document.link("actions", index=2) is actions[2]
    assert document.link("self").href == "/messaging/v1/orders/1?marketplaceIds=X"


def test_several_links_and_no_name_is_an_error_that_lists_them() -> None:
    with pytest.raises(AmbiguousLinkError) as caught:
        parse(DISCOVERY).link("actions")
    assert caught.value.choices == ("sendInvoice", "warranty", "attributes")
    assert caught.value.rel == "actions"


def test_links_without_a_name_are_listed_by_their_href() -> None:
    document = parse('{"_links": {"x": [{"href": "/a", "name": "n"}, {"href": "/b"}]}}')
    with pytest.raises(AmbiguousLinkError) as caught:
        document.link("x")
    assert caught.value.choices == ("n", "/b")


def test_links_that_share_a_name_are_told_apart_by_position() -> None:
    document = parse(
        '{"_links": {"x": [{"href": "/a", "name": "n"}, {"href": "/b", "name": "n"}]}}'
    )
    with pytest.raises(AmbiguousLinkError):
        document.link("x", name="n")
    assert document.link("x", name="n", index=1).href == "/b"


@pytest.mark.parametrize(
    ("choice", "rel"),
    [
        ({"name": "nosuch"}, "actions['nosuch']"),
        ({"index": 3}, "actions[3]"),
        ({"index": -1}, "actions[-1]"),
        ({"name": "warranty", "index": 1}, "actions['warranty'][1]"),
    ],
)
def test_a_missing_name_or_position_lists_the_names(choice: dict[str, object], rel: str) -> None:
    with pytest.raises(MissingRelError) as caught:
        parse(DISCOVERY).link("actions", **choice)
    assert caught.value.rel == rel
    assert caught.value.present == ("sendInvoice", "warranty", "attributes")


def test_a_relation_whose_links_are_all_unusable_has_no_link() -> None:
    document = parse('{"_links": {"x": {"href": 5}}}')
    assert document.links("x") == ()
    with pytest.raises(MissingRelError):
        document.link("x")


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
    for twin in (pickle.loads(pickle.dumps(document)), copy.deepcopy(document)):  # noqa: S301
        assert twin.links("actions") == document.links("actions")


def test_what_is_embedded_is_taken_and_a_link_is_followed_for_what_is_not() -> None:
    document = parse(DISCOVERY)
    assert document.resolve("actions", name="warranty") is document.embedded("actions")[0]
    assert document.resolve("actions", name="sendInvoice") is document.links("actions")[0]
    assert document.resolve("actions", index=1) is document.embedded("actions")[0]
    assert document.resolve("self") is document.link("self")


def test_the_link_of_an_embedded_resource_is_still_there_for_a_fresh_copy() -> None:
    link = parse(DISCOVERY).link("actions", name="warranty")
    assert link.url() == (
        "https://api.example/messaging/v1/orders/1/messages/warranty?marketplaceIds=X"
    )


@pytest.mark.parametrize(
    ("text", "embedded"),
    [
        # the only ones of their relation, even without a self link
        ('{"_links": {"x": {"href": "/a"}}, "_embedded": {"x": {}}}', True),
        # by URL, since neither has a name
        (
            (
                '{"_links": {"x": {"href": "/a"}}, "_embedded": {"x": [{},'
                ' {"_links": {"self": {"href": "https://api.example/a"}}}]}}'
            ),
            True,
        ),
        # by the name of the self link
        (
            (
                '{"_links": {"x": {"href": "/a", "name": "n"}}, "_embedded": {"x": [{"name": 1},'
                ' {"_links": {"self": {"href": "/else", "name": "n"}}}]}}'
            ),
            True,
        ),
        # of another URL
        (
            (
                '{"_links": {"x": {"href": "/a"}}, "_embedded": {"x": [{},'
                ' {"_links": {"self": {"href": "/b"}}}]}}'
            ),
            False,
        ),
        # a template has no URL, and so is nobody's
        (
            '{"_links": {"x": {"href": "/{a}", "templated": true}}, "_embedded": {"x": [{}, {}]}}',
            False,
        ),
        # nothing is embedded
        ('{"_links": {"x": {"href": "/a"}}, "_embedded": {"x": []}}', False),
        # embedded without a link
        ('{"_embedded": {"x": {}}}', True),
        ('{"_links": {"x": []}, "_embedded": {"x": {}}}', True),
    ],
)
def test_an_embedded_resource_belongs_to_its_link(text: str, embedded: bool) -> None:
    document = parse(text)
    expected = document.embedded("x")[-1] if embedded else document.link("x")
    assert document.resolve("x") is expected


def test_resolving_chooses_no_arbitrary_first_either() -> None:
    with pytest.raises(AmbiguousLinkError):
        parse(DISCOVERY).resolve("actions")
    document = parse('{"_embedded": {"x": [{"name": "a"}, {"_links": {"self": {"href": "/b"}}}]}}')
    with pytest.raises(AmbiguousLinkError) as caught:
        document.resolve("x")
    assert caught.value.choices == ("a", "https://api.example/b")
    assert document.resolve("x", name="a") is document.embedded("x")[0]
    with pytest.raises(MissingRelError):
        document.resolve("y")


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


# The examples of https://datatracker.ietf.org/doc/html/rfc6570#section-3.2
EXAMPLES = {
    "count": ["one", "two", "three"],
    "dom": ["example", "com"],
    "dub": "me/too",
    "hello": "Hello World!",
    "half": "50%",
    "var": "value",
    "who": "fred",
    "base": "http://example.com/home/",
    "path": "/foo/bar",
    "list": ["red", "green", "blue"],
    "keys": {"semi": ";", "dot": ".", "comma": ","},
    "v": 6,
    "x": 1024,
    "y": 768,
    "empty": "",
    "empty_keys": [],
    "undef": None,
}


@pytest.mark.parametrize(
    ("href", "expanded"),
    [
        ("/{var}", "/value"),
        ("/{hello}", "/Hello%20World%21"),
        ("/{half}", "/50%25"),
        ("/O{empty}X", "/OX"),
        ("/O{undef}X", "/OX"),
        ("/{x,y}", "/1024,768"),
        ("/{x,hello,y}", "/1024,Hello%20World%21,768"),
        ("/{var:3}", "/val"),
        ("/{list}", "/red,green,blue"),
        ("{+path}/here", "/foo/bar/here"),
        ("/x{#path,x}", "/x#/foo/bar,1024"),
        ("/X{.var:3}", "/X.val"),
        ("/X{.empty_keys}", "/X"),
        ("{/who,who}", "/fred/fred"),
        ("{/who,dub}", "/fred/me%2Ftoo"),
        ("{/list*}", "/red/green/blue"),
        ("/a{;x,y,empty}", "/a;x=1024;y=768;empty"),
        ("/a{?x,y,undef}", "/a?x=1024&y=768"),
        ("/a{?list*}", "/a?list=red&list=green&list=blue"),
        ("/a?fixed=yes{&x}", "/a?fixed=yes&x=1024"),
        ("/a{&var:3}", "/a&var=val"),
        ("/a?q={empty}", "/a?q="),
    ],
)
def test_templates_expand_as_in_rfc_6570(href: str, expanded: str) -> None:
    link = template(href)
    given = {name: EXAMPLES[name] for name in link.variables}
    assert link.url(**given) == f"https://h.example{expanded}"


def test_the_variables_stand_in_their_order_and_once() -> None:
    link = template("/{a}{?b*,c:3,a}{#d.e,f%41}")
    assert link.variables == ("a", "b", "c", "d.e", "f%41")


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({}, "missing id, page"),
        ({"id": 1}, "missing page"),
        ({"id": 1, "page": 2, "pgae": 3, "self": 4}, "unknown pgae, self"),
        ({"id": 1, "size": 3}, "missing page; unknown size"),
    ],
)
def test_missing_and_unknown_variables_are_named(given: dict[str, object], fault: str) -> None:
    with pytest.raises(TemplateError) as caught:
        template("/orders/{id}{?page}").url(**given)
    assert (caught.value.href, caught.value.fault) == ("/orders/{id}{?page}", fault)


def test_a_variable_may_be_called_self() -> None:
    assert template("/{self}").url(self="x") == "https://h.example/x"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (False, "false"),
        (True, "true"),
        (1.5, "1.5"),
        ("", ""),
        ([0, None, False], "0,false"),
    ],
)
def test_values_are_written_as_json_does_and_zero_is_no_nothing(
    value: object, written: str
) -> None:
    assert template("/a{?q}").url(q=value) == f"https://h.example/a?q={written}"


@pytest.mark.parametrize("href", ["/a{x}", "/a.{x}/b", "/a?q=/{x}", "/a#/{x}", "/a{/x}"])
def test_a_value_that_is_no_whole_segment_of_the_path_may_be_empty(href: str) -> None:
    slash = "/" if href == "/a{/x}" else ""
    expected = href.replace("{x}", "").replace("{/x}", slash)
    assert template(href).url(x="") == f"https://h.example{expected}".removesuffix("#")


def test_none_leaves_a_variable_out() -> None:
    assert template("/a{?q,r}{/s}").url(q=None, r=1, s=None) == "https://h.example/a?r=1"
    assert template("/a{?q*}").url(q={"x": 0, "y": None}) == "https://h.example/a?x=0"


@pytest.mark.parametrize("value", [None, "", [], {}, [None], ".", ".."])
@pytest.mark.parametrize(
    "href",
    ["/orders/{id}", "/orders/{id}/messages", "/orders/{id}{?q}", "/orders/{+id}#x", "{id}?a"],
)
def test_a_value_never_leaves_a_segment_of_the_path_empty(href: str, value: object) -> None:
    link = template(href)
    with pytest.raises(TemplateError, match="would be no segment of the path"):
        link.url(**dict.fromkeys(link.variables, value))


@pytest.mark.parametrize(
    "href",
    [
        "/{",
        "/}",
        "/{}",
        "/{a",
        "/a}",
        "/{a}}",
        "/{{a}}",
        "/{a b}",
        "/{!a}",
        "/{=a}",
        "/{a,,b}",
        "/{a:0}",
        "/{a:10000}",
        "/{a:x}",
        "/{a*:3}",
        "/{é}",
        "/{a٣}",
        "/{a.}",
        "/{%}",
        "/{$a}",
        "/{a=b}",
    ],
)
def test_a_malformed_template_is_refused_and_recorded(href: str) -> None:
    link = template(href)
    with pytest.raises(TemplateError, match="it is malformed"):
        link.url()
    with pytest.raises(TemplateError):
        _ = link.variables
    assert faults({"_links": {"x": {"href": href, "templated": True}}}) == [
        ("/_links/x/href", "it is malformed")
    ]


@pytest.mark.parametrize("value", [b"x", object(), {1}, [[1]], [("a", "b")], {"a": {}}, "\ud800"])
def test_values_that_cannot_be_expanded_are_refused(value: object) -> None:
    with pytest.raises(TemplateError):
        template("/{x}").url(x=value)


def test_an_expansion_is_looked_at_before_it_is_joined() -> None:
    with pytest.raises(UntrustedLinkError):
        template("/{+x}").url(x="%41 b")
    assert template("{+x}").url(x="//evil.example/a") == "https://evil.example/a"


def test_the_traps_of_uritemplate_are_still_there() -> None:
    """They are why templates are checked; if this fails, uritemplate has become stricter."""
    assert uritemplate.expand("/orders/{id", {"id": 1}) == "/orders/{id"
    assert uritemplate.expand("/orders/{id}", {}) == "/orders/"
    assert uritemplate.expand("/a{?q}", {"q": 0}) == "/a?q="


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
