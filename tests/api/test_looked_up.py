"""An order's action is the same one, whatever was looked up before, and by whatever name."""

from typing import Any, cast

from hypothesis import given, settings, strategies as st

from spapi_messaging.api.offered import OfferedActions
from spapi_messaging.api.operations import operation_of
from spapi_messaging.hal import Document
from spapi_messaging.order import Actions

URL = "https://api.example/messaging/v1/orders/902-1845936-5435065?marketplaceIds=A1"
NAMES = [
    *("invoice", "sendInvoice", "warranty", "CreateWarranty", "updateFeedback", "attributes"),
    *("negativeFeedbackRemoval", "createNegativeFeedbackRemoval", "GetAttributes", "new"),
    *("", "a\n", "a\N{REPLACEMENT CHARACTER}", "warranty\x00"),
]
PATHS = ["/m/warranty?x=1", "/m/invoice", "/m/attributes", "/m/new", ""]
LINKS = st.fixed_dictionaries(
    {"href": st.sampled_from(PATHS)}, optional={"name": st.sampled_from(NAMES)}
)
COPIES = st.fixed_dictionaries(
    {"name": st.sampled_from(NAMES)}, optional={"_links": st.fixed_dictionaries({"self": LINKS})}
)
ANSWERS = st.fixed_dictionaries(
    {
        "_links": st.fixed_dictionaries({"actions": st.lists(LINKS, max_size=4)}),
        "_embedded": st.fixed_dictionaries({"actions": st.lists(COPIES, max_size=3)}),
    }
)
LOOK_UPS = st.lists(st.sampled_from([*NAMES, "all"]), max_size=6)


def actions_of(answer: dict[str, Any]) -> Actions:
    offered = OfferedActions(Document.parse(answer, url=URL))
    return Actions("902-1845936-5435065", offered, sender=cast("Any", None), follow="operation")


def found(actions: Actions, name: str) -> tuple[str, str] | None:
    action = actions.find(name)
    return None if action is None else (action.name, action.href)


@settings(deadline=None, max_examples=300)  # no clock decides
@given(ANSWERS, LOOK_UPS)
def test_what_was_looked_up_before_changes_nothing(
    answer: dict[str, Any], before: list[str]
) -> None:
    asked = actions_of(answer)
    for name in before:
        _ = list(asked.values()) if name == "all" else asked.find(name)
    for name in NAMES:
        assert found(asked, name) == found(actions_of(answer), name)


@settings(deadline=None, max_examples=300)  # no clock decides
@given(ANSWERS, LOOK_UPS)
def test_one_action_is_one_object_by_all_its_names(
    answer: dict[str, Any], before: list[str]
) -> None:
    """Names that are not offered themselves all find the one action of their operation."""
    actions = actions_of(answer)
    for name in before:
        _ = list(actions) if name == "all" else actions.get(name)
    for name, action in actions.items():
        assert action.name == name
        assert action is actions.find(name) is actions.get(name) is action
        assert name in actions
    by_operation: dict[str, set[int]] = {}
    for name in NAMES:
        operation, action = operation_of(name), actions.find(name)
        assert (name in actions) == (action is not None)
        assert actions.get(name) is action
        if operation is not None and name not in list(actions):
            by_operation.setdefault(operation.name, set()).add(id(action))
            named = [each for each in actions if operation_of(each) is operation]
            if named:
                assert action is actions[named[0]]
    assert all(len(those) == 1 for those in by_operation.values())
