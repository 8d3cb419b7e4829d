"""URI templates against the RFC's own examples, and what it calls undefined.

https://datatracker.ietf.org/doc/html/rfc6570#section-3.2
"""

from typing import Any

import pytest
from hypothesis import assume, given, settings, strategies as st

from spapi_messaging.errors import TemplateError
from spapi_messaging.hal.uris import expand, variables

VALUES: dict[str, Any] = {
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
    "v": "6",
    "x": "1024",
    "y": "768",
    "empty": "",
    "empty_keys": {},
    "undef": None,
}
EXAMPLES = """
{count} one,two,three
{/count} /one,two,three
{/count*} /one/two/three
{;count} ;count=one,two,three
{;count*} ;count=one;count=two;count=three
{?count} ?count=one,two,three
{?count*} ?count=one&count=two&count=three
{&count*} &count=one&count=two&count=three
{hello} Hello%20World%21
{half} 50%25
O{empty}X OX
O{undef}X OX
{x,y} 1024,768
{x,hello,y} 1024,Hello%20World%21,768
?{x,empty} ?1024,
?{x,undef} ?1024
?{undef,y} ?768
{var:3} val
{var:30} value
{list*} red,green,blue
{keys} semi,%3B,dot,.,comma,%2C
{keys*} semi=%3B,dot=.,comma=%2C
{+var} value
{+hello} Hello%20World!
{+half} 50%25
{base}index http%3A%2F%2Fexample.com%2Fhome%2Findex
{+base}index http://example.com/home/index
O{+empty}X OX
O{+undef}X OX
{+path}/here /foo/bar/here
here?ref={+path} here?ref=/foo/bar
up{+path}{var}/here up/foo/barvalue/here
{+x,hello,y} 1024,Hello%20World!,768
{+path,x}/here /foo/bar,1024/here
{+path:6}/here /foo/b/here
{+list*} red,green,blue
{+keys} semi,;,dot,.,comma,,
{+keys*} semi=;,dot=.,comma=,
{#var} #value
{#hello} #Hello%20World!
{#half} #50%25
foo{#empty} foo#
foo{#undef} foo
{#x,hello,y} #1024,Hello%20World!,768
{#path,x}/here #/foo/bar,1024/here
{#path:6}/here #/foo/b/here
{#list*} #red,green,blue
{#keys} #semi,;,dot,.,comma,,
{.who} .fred
{.who,who} .fred.fred
{.half,who} .50%25.fred
www{.dom*} www.example.com
X{.var} X.value
X{.empty} X.
X{.undef} X
X{.var:3} X.val
X{.list} X.red,green,blue
X{.list*} X.red.green.blue
X{.keys} X.semi,%3B,dot,.,comma,%2C
X{.keys*} X.semi=%3B.dot=..comma=%2C
X{.empty_keys} X
X{.empty_keys*} X
{/who} /fred
{/who,who} /fred/fred
{/half,who} /50%25/fred
{/who,dub} /fred/me%2Ftoo
{/var} /value
{/var,empty} /value/
{/var,undef} /value
{/var,x}/here /value/1024/here
{/var:1,var} /v/value
{/list*,path:4} /red/green/blue/%2Ffoo
{/keys*} /semi=%3B/dot=./comma=%2C
{;who} ;who=fred
{;half} ;half=50%25
{;empty} ;empty
{;v,empty,who} ;v=6;empty;who=fred
{;v,undef,who} ;v=6;who=fred
{;x,y} ;x=1024;y=768
{;hello:5} ;hello=Hello
{;list} ;list=red,green,blue
{;keys*} ;semi=%3B;dot=.;comma=%2C
a{;empty_keys} a
{?who} ?who=fred
{?half} ?half=50%25
{?x,y} ?x=1024&y=768
{?x,y,empty} ?x=1024&y=768&empty=
{?x,y,undef} ?x=1024&y=768
{?var:3} ?var=val
{?list} ?list=red,green,blue
{?list*} ?list=red&list=green&list=blue
{?keys} ?keys=semi,%3B,dot,.,comma,%2C
{?keys*} ?semi=%3B&dot=.&comma=%2C
{?empty_keys,x} ?x=1024
{&who} &who=fred
?fixed=yes{&x} ?fixed=yes&x=1024
{&x,y,empty} &x=1024&y=768&empty=
{&x,y,undef} &x=1024&y=768
{&var:3} &var=val
{&keys*} &semi=%3B&dot=.&comma=%2C
"""


@pytest.mark.parametrize("example", EXAMPLES.strip().splitlines())
def test_the_rfcs_own_examples(example: str) -> None:
    template, _, expanded = example.partition(" ")
    assert expand(template, {name: VALUES[name] for name in variables(template)}) == expanded


@pytest.mark.parametrize(
    ("template", "given", "expanded"),
    [
        ("/orders{?id}", {}, "/orders"),
        ("/orders?a=b{&locale}", {}, "/orders?a=b"),
        ("/orders{?id,page*}", {"page": []}, "/orders"),
        ("/orders{?id,page}", {"page": [1, None, 0]}, "/orders?page=1,0"),
        ("/orders{?id,page*}", {"id": 0, "page": {}}, "/orders?id=0"),
        ("/orders{?keys*}", {"keys": {"a": 0, "b": None, "c": False}}, "/orders?a=0&c=false"),
        ("/orders{?open}", {"open": False}, "/orders?open=false"),
        ("/orders{?open}", {"open": ""}, "/orders?open="),
        ("/orders{#part}", {}, "/orders"),
        ("/orders?q={words}", {}, "/orders?q="),
        ("/orders/{id}{?id}", {"id": 7}, "/orders/7?id=7"),
        ("/orders{/id}", {"id": None}, "/orders"),
    ],
)
def test_what_is_not_given_of_a_query_expands_to_nothing(
    template: str, given: dict[str, Any], expanded: str
) -> None:
    assert expand(template, given) == expanded


@pytest.mark.parametrize(
    ("template", "given", "fault"),
    [
        ("/orders/{id}{?page}", {}, "missing id"),
        ("/orders/{id}{?page}", {"page": 1}, "missing id"),
        ("/orders/{id}{?id}", {}, "missing id"),
        ("/orders{/id}", {}, "missing id"),
        ("/orders/a{.kind}", {}, "missing kind"),
        ("/orders/a{;kind}", {}, "missing kind"),
        ("{+base}/a", {}, "missing base"),
        ("/orders{?id}", {"di": 1}, "unknown di"),
        ("/orders{?id}", {"id": 1, "page": None}, "unknown page"),
        ("/orders/{id}", {"id": None}, "{id} would be no segment of the path"),
        ("/orders/{id}{page}", {"id": "", "page": []}, "{id}{page} would be no segment"),
        ("/orders/{id}", {"id": {"a": None}}, "{id} would be no segment of the path"),
        ("/orders/.{id}", {"id": "."}, ".{id} would be no segment of the path"),
        ("/orders{/id}", {"id": ".."}, "{/id} would be no segment of the path"),
        ("/orders/a{/id*}/b", {"id": ["x", "."]}, "{/id*} would be no segment of the path"),
    ],
)
def test_what_a_path_misses_and_what_nobody_knows_is_named(
    template: str, given: dict[str, Any], fault: str
) -> None:
    with pytest.raises(TemplateError) as caught:
        expand(template, given)
    assert fault in caught.value.fault


NAMES = st.sampled_from(["id", "page", "q", "locale"])
SPECS = st.builds("{}{}".format, NAMES, st.sampled_from(["", "*", ":3"]))
EXPRESSIONS = st.builds(
    "{{{}{}}}".format, st.sampled_from("?&"), st.lists(SPECS, min_size=1, max_size=3).map(",".join)
)
SCALARS = st.none() | st.booleans() | st.integers(-2, 2) | st.text("aä&=/ ", max_size=3)
GIVEN = st.dictionaries(
    NAMES,
    SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.text("ab"), SCALARS, max_size=2),
)


@settings(deadline=None)  # no clock decides
@given(st.lists(EXPRESSIONS, min_size=1, max_size=3).map("".join), GIVEN)
def test_a_query_takes_any_part_of_its_variables(query: str, given: dict[str, Any]) -> None:
    """None, [] and {} are the same as nothing given; all else is written, 0 and False too."""
    names = variables(query)
    assume(names)
    known = {name: value for name, value in given.items() if name in names}
    written = expand(f"/orders{query}", known)
    told = {
        name: value
        for name, value in known.items()
        if value is not None
        and value not in ([], {})
        and (not isinstance(value, list) or any(one is not None for one in value))
        and (not isinstance(value, dict) or any(one is not None for one in value.values()))
    }
    assert written == expand(f"/orders{query}", dict.fromkeys(names) | known)
    assert written == expand(f"/orders{query}", told)
    assert (written == "/orders") == (not told)
    assert written.startswith("/orders")


@settings(deadline=None)  # no clock decides
@given(
    st.sampled_from(["/a/{id}/b", "/a{/id}/b", "/a/{id}{page}/b", "/a/x{.id}/b"]),
    st.lists(st.sampled_from(["", ".", "..", None, "x", [], [".", "."], "%2e"]), max_size=2),
)
def test_no_value_leads_out_of_its_place_in_the_path(template: str, values: list[Any]) -> None:
    assume(len(values) == len(variables(template)))
    try:
        written = expand(template, dict(zip(variables(template), values, strict=True)))
    except TemplateError:
        return
    assert written.startswith("/a")
    assert written.endswith("/b")
    assert {".", ".."}.isdisjoint(written.split("/"))
