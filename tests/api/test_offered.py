"""However an action is looked up, the same one is found: by its name, else by an alias."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example, given, settings, strategies as st

from spapi_messaging.api.offered import OfferedActions, _all_offers, _quick_find
from spapi_messaging.api.operations import ACTION_NAMES, NAMES_OF, operation_of
from spapi_messaging.hal import Document

URL = "https://api.example/messaging/v1/orders/902-1845936-5435065?marketplaceIds=A1"
# Aliases of one another, so that they meet in one answer.
KNOWN = ["invoice", "sendInvoice", "warranty", "updateFeedback", "negativeFeedbackRemoval"]
WANTED = {*KNOWN, "CreateWarranty", "createNegativeFeedbackRemoval"}
NAMES = st.sampled_from(KNOWN) | st.sampled_from(["new", ""])
ODD = st.none() | st.integers() | st.just([]) | st.just({})
PATHS = st.sampled_from(["/m/warranty?x=1", "/m/invoice", "/m/new", ""])
LINKS = st.fixed_dictionaries({"href": PATHS | ODD}, optional={"name": NAMES | ODD})
KNOWN_LINKS = st.fixed_dictionaries({"href": PATHS, "name": st.sampled_from(KNOWN)})
SELF = st.fixed_dictionaries({"self": KNOWN_LINKS | LINKS}, optional={"schema": LINKS})
SCHEMAS = st.fixed_dictionaries(
    {"schema": st.just({"title": "Of the schema", "disabled": True}) | ODD}
)
# A copy is named by itself, by its payload, as in the model, or by its own link alone.
MORE = {"title": st.sampled_from(["A title", 3]), "_links": SELF, "_embedded": SCHEMAS}
KNOWN_COPIES = st.fixed_dictionaries({"name": st.sampled_from(KNOWN)}, optional=MORE)
COPIES = st.one_of(
    st.fixed_dictionaries({"name": NAMES | ODD}, optional=MORE),
    st.fixed_dictionaries({"payload": st.fixed_dictionaries({"name": NAMES})}, optional=MORE),
    st.fixed_dictionaries({"_links": SELF}),
)


def answers(
    links: st.SearchStrategy[Any], copies: st.SearchStrategy[Any]
) -> st.SearchStrategy[dict[str, Any]]:
    """Return answers with some of these under the relation of the actions."""
    return st.fixed_dictionaries(
        {
            "_links": st.fixed_dictionaries({"actions": st.lists(links, max_size=4)}),
            "_embedded": st.fixed_dictionaries({"actions": st.lists(copies, max_size=4)}),
        }
    )


ODD_MEMBERS = ODD | st.fixed_dictionaries({"actions": ODD | PATHS})
ANSWERS = st.one_of(
    answers(KNOWN_LINKS, KNOWN_COPIES),
    answers(KNOWN_LINKS, KNOWN_COPIES | COPIES),
    answers(KNOWN_LINKS | LINKS | ODD | PATHS, KNOWN_COPIES | COPIES | ODD),
    st.fixed_dictionaries({"_links": ODD_MEMBERS, "_embedded": ODD_MEMBERS}),
)


def linked_and_embedded(copy: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return an answer that links these names, and embeds one copy."""
    return links(*(("/m/x", name) for name in names), copies=[copy])


def links(*pairs: tuple[Any, str], copies: Sequence[Any] = ()) -> dict[str, Any]:
    """Return an answer with these links, href and name."""
    actions = [{"href": href, "name": name} for href, name in pairs]
    return {"_links": {"actions": actions}, "_embedded": {"actions": list(copies)}}


@pytest.mark.parametrize(
    ("answer", "wanted", "found"),
    [
        (links(("/a", "sendInvoice"), ("/b", "invoice")), "invoice", ("invoice", "/b")),
        (links(("/a", "sendInvoice"), ("/b", "invoice")), "sendInvoice", ("sendInvoice", "/a")),
        (links(("/a", "warranty"), ("/b", "warranty")), "warranty", ("warranty", "/a")),
        (links((3, "warranty"), ("/b", "warranty")), "warranty", ("warranty", "/b")),
        (links(("/a", "warranty"), ("/b", "warranty")), "CreateWarranty", ("warranty", "/a")),
        (links(("/m/warranty", "new")), "CreateWarranty", ("new", "/m/warranty")),
        # a name says more than a path: the segment and the operation's name mean one action
        *(
            (links(("/m/warranty", "new"), ("/m/x", "warranty")), name, ("warranty", "/m/x"))
            for name in ("warranty", "CreateWarranty")
        ),
        *(
            (links(("/x/attributes", "attributes")), name, ("attributes", "/x/attributes"))
            for name in ("attributes", "GetAttributes")
        ),
        *(
            (linked_and_embedded(copy, "sendInvoice"), "invoice", ("invoice", "/own"))
            for copy in (
                {"name": "invoice", "_links": {"self": "/own"}},
                {"payload": {"name": "invoice"}, "_links": {"self": "/own"}},
                {"_links": {"self": {"href": "/own", "name": "invoice"}}},
            )
        ),
        # what is embedded without a link, or under an alias that is linked, is no offer of its own
        (
            linked_and_embedded({"name": "invoice"}, "sendInvoice"),
            "invoice",
            ("sendInvoice", "/m/x"),
        ),
        (
            linked_and_embedded({"name": "invoice", "_links": {"self": "/own"}}, "sendInvoice"),
            "sendInvoice",
            ("sendInvoice", "/m/x"),
        ),
    ],
)
def test_a_name_that_is_offered_wins_over_an_alias(
    answer: dict[str, Any], wanted: str, found: tuple[str, str]
) -> None:
    offer = OfferedActions(Document.parse(answer, url=URL)).find(wanted)
    assert offer is not None
    assert (offer.name, offer.link.href) == found


def test_the_quick_offer_equals_the_slow_one() -> None:
    ways: Counter[bool] = Counter()

    @settings(deadline=None, max_examples=400)  # no clock decides
    @given(ANSWERS)
    @example(links(("/m/invoice", "a")))
    @example(links(("/m/warranty", "new"), ("/m/x", "warranty")))
    @example(links(("/m/x", "sendInvoice"), ("/m/y", "invoice")))
    @example(links(("/a", "warranty"), ("/b", "warranty")))
    @example(links((3, "warranty"), ("/b", "warranty")))
    @example(links(("/m/warranty", "")))
    @example(
        links(("/m/x", "warranty"), copies=[{"payload": {"name": "warranty"}, "title": "A"}]),
    )
    @example(
        links(
            ("/m/x", "warranty"),
            copies=[
                {"name": "", "payload": {"name": "warranty"}},
                {"name": "warranty", "title": "A"},
            ],
        ),
    )
    @example(links(copies=[{"name": "warranty", "_links": {"self": "/m/x"}}]))
    @example(
        links(
            ("/m/warranty?x=1", "sendInvoice"),
            copies=[{"name": "invoice", "_links": {"self": "/m/warranty?x=1"}}],
        ),
    )
    def compare(answer: dict[str, Any]) -> None:
        document = Document.parse(answer, url=URL)
        slow = OfferedActions(document)
        slow._all = _all_offers(document)
        assert list(OfferedActions(document)) == list(slow)
        for wanted in {*WANTED, *slow}:
            operation = operation_of(wanted)
            aliases = NAMES_OF[operation.name] if operation else ACTION_NAMES
            ways[_quick_find(document, wanted, aliases) is not None] += 1
            assert OfferedActions(document).find(wanted) == slow.find(wanted)

    compare()
    assert min(ways[True], ways[False]) > 100


def test_all_known_names_are_told_apart_without_their_links() -> None:
    links = [{"href": "/m/x", "name": name} for name in ("warranty", "updateFeedback", "invoice")]
    document = Document.parse({"_links": {"actions": links}}, url=URL)
    for name, offered in {
        "CreateWarranty": "warranty",
        "negativeFeedbackRemoval": "updateFeedback",
        "sendInvoice": "invoice",
        "digitalAccessKey": None,
        "unheard": None,
    }.items():
        offer = OfferedActions(document).find(name)
        assert (offer and offer.name) == offered
