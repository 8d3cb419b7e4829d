"""The short way through a plain answer finds what the long way finds."""

from collections.abc import Sequence
from typing import Any

from hypothesis import example, given, settings, strategies as st

from spapi_messaging.api import offered as module
from spapi_messaging.api.offered import OfferedActions
from spapi_messaging.hal import Document

URL = "https://api.example/messaging/v1/orders/902-1845936-5435065?marketplaceIds=A1"
NAMES = st.sampled_from(
    ["warranty", "CreateWarranty", "sendInvoice", "invoice", "new", "", "updateFeedback"]
)
ODD = st.none() | st.integers() | st.just([]) | st.just({})
PATHS = st.sampled_from(["/m/warranty?x=1", "/m/invoice", "/m/new", ""])
LINKS = st.fixed_dictionaries({"href": PATHS | ODD}, optional={"name": NAMES | ODD})
GOOD_LINKS = st.fixed_dictionaries({"href": PATHS, "name": NAMES})
COPIES = st.fixed_dictionaries(
    {"name": NAMES},
    optional={
        "title": st.sampled_from(["A title", 3]),
        "_links": st.fixed_dictionaries({"self": LINKS}, optional={"schema": LINKS}),
        "_embedded": st.fixed_dictionaries(
            {"schema": st.just({"title": "Of the schema", "disabled": True}) | ODD}
        ),
    },
)
ODD_COPIES = st.fixed_dictionaries(
    {}, optional={"payload": st.fixed_dictionaries({"name": NAMES}), "name": ODD}
)
ANSWERS = st.fixed_dictionaries(
    {
        "_links": st.fixed_dictionaries(
            {}, optional={"actions": st.lists(GOOD_LINKS | LINKS | ODD | PATHS, max_size=4)}
        )
        | ODD,
        "_embedded": st.fixed_dictionaries(
            {}, optional={"actions": st.lists(COPIES | ODD_COPIES | ODD, max_size=4)}
        ),
    }
)


def links(*pairs: tuple[Any, str], copies: Sequence[Any] = ()) -> dict[str, Any]:
    """Return an answer with these links, href and name."""
    actions = [{"href": href, "name": name} for href, name in pairs]
    return {"_links": {"actions": actions}, "_embedded": {"actions": list(copies)}}


@settings(deadline=None, max_examples=400)  # no clock decides
@given(ANSWERS, NAMES)
@example(links(("/m/invoice", "a")), "sendInvoice")
@example(links(("/m/warranty", "new"), ("/m/x", "warranty")), "CreateWarranty")
@example(links(("/m/x", "sendInvoice"), ("/m/y", "invoice")), "invoice")
@example(links(("/a", "warranty"), ("/b", "warranty")), "warranty")
@example(links((3, "warranty"), ("/b", "warranty")), "warranty")
@example(links(("/m/warranty", "")), "warranty")
@example(
    links(("/m/x", "warranty"), copies=[{"payload": {"name": "warranty"}, "title": "A"}]),
    "warranty",
)
@example(
    links(
        ("/m/x", "warranty"),
        copies=[{"name": "", "payload": {"name": "warranty"}}, {"name": "warranty", "title": "A"}],
    ),
    "warranty",
)
@example(links(copies=[{"name": "warranty", "_links": {"self": "/m/x"}}]), "warranty")
def test_both_ways_find_the_same_offers(answer: dict[str, Any], wanted: str) -> None:
    document = Document.parse(answer, url=URL)
    found, slow = OfferedActions(document), OfferedActions(document)
    slow._all = module._found_of(document)
    assert found.find(wanted) == slow.find(wanted)
    assert list(found) == list(slow)
    assert [OfferedActions(document).find(name) for name in found] == [
        slow.find(name) for name in slow
    ]


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
