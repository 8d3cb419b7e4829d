"""URI templates: expanded as in RFC 6570, and looked at before and after."""

import pytest
import uritemplate
from helpers.hal_documents import faults, template

from spapi_messaging.errors import TemplateError, UntrustedLinkError

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
        ({}, "missing id, part"),
        ({"id": 1}, "missing part"),
        ({"id": 1, "part": 1, "page": 2, "pgae": 3, "self": 4}, "unknown pgae, self"),
        ({"id": 1, "size": 3}, "missing part; unknown size"),
    ],
)
def test_missing_and_unknown_variables_are_named(given: dict[str, object], fault: str) -> None:
    with pytest.raises(TemplateError) as caught:
        template("/orders/{id}{/part}{?page}").url(**given)
    assert (caught.value.href, caught.value.fault) == ("/orders/{id}{/part}{?page}", fault)


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
