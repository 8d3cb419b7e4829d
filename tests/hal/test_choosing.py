"""One link, or one embedded resource, out of several: chosen by what it is, never silently."""

import pytest
from helpers.hal_documents import DISCOVERY, parse

from spapi_messaging.errors import AmbiguousLinkError, MissingRelError


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
