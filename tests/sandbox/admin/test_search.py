"""What the inbox's search finds: all words, in any order, and a few prefixes."""

import pytest
from helpers.sandbox_admin import OTHER, OWN, messages, say, texts
from helpers.sandbox_client import ORDER, Api


@pytest.fixture
async def inbox(api: Api) -> Api:
    api.sandbox.add_order(OTHER)
    await say(api, "The parcel is late", "A late INVOICE for the Parcel", "warranty")
    await say(api, "action:odd is:unread", order=OTHER)
    file = api.sandbox.backend.uploads
    file.signed_headers = False
    return api


LATE, INVOICE, WORD, ODD = (
    "The parcel is late",
    "A late INVOICE for the Parcel",
    "warranty",
    "action:odd is:unread",
)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("parcel late", [INVOICE, LATE]),
        ("late parcel", [INVOICE, LATE]),
        ("LATE the invoice", [INVOICE]),
        ('"parcel is"', [LATE]),
        ('"is parcel"', []),
        ('late "the parcel', [INVOICE, LATE]),
        ("unexpectedproblem warranty", [WORD]),
        ("action:unexpected parcel", [INVOICE, LATE]),
        ("ACTION:unexpectedProblem order:111-", [ODD]),
        ("action:createUnexpectedProblem", [ODD, WORD, INVOICE, LATE]),
        ("action:warranty", []),
        ("order:0812628 invoice", [INVOICE]),
        ('order:"111-1111111"', [ODD]),
        ("has:attachment", []),
        ("has:nothing", []),
        ("action:odd", []),
        ('"action:odd"', [ODD]),
        ("is:unread", [ODD]),
        ("odd:unread", []),
        ("action: action:odd", []),
        ("odd: parcel", []),
        ("order: action:", [ODD, WORD, INVOICE, LATE]),
        ("  ", [ODD, WORD, INVOICE, LATE]),
        ('""', [ODD, WORD, INVOICE, LATE]),
        (":", [ODD]),
    ],
)
async def test_words_are_found_in_any_order(inbox: Api, query: str, found: list[str]) -> None:
    answer = await inbox.get(f"{OWN}messages?query={query.replace(' ', '%20')}")
    assert (texts(answer.json), answer.json["total"]) == (found, len(found))


async def test_an_action_is_found_by_any_of_its_names(api: Api) -> None:
    assert (await api.post("updateFeedback", None)).status == 201
    (message,) = (await messages(api, "?query=action:negativeFeedbackRemoval"))["messages"]
    assert message["action"] == "negativeFeedbackRemoval"
    assert (await messages(api, "?query=action:updateFeedback"))["total"] == 1


async def test_a_request_id_is_found_by_enough_of_it(inbox: Api) -> None:
    number = inbox.sandbox.messages()[1].request_id
    assert texts(await messages(inbox, f"?query={number}")) == [INVOICE]
    assert texts(await messages(inbox, f"?query={number[-12:]}")) == [INVOICE]
    assert texts(await messages(inbox, f"?query={number[:7]}")) == []


async def test_a_search_has_a_bounded_number_of_words(inbox: Api) -> None:
    assert (await inbox.get(f"{OWN}messages?query={'a+' * 30}")).status == 200
    answer = await inbox.get(f"{OWN}messages?query={'a+' * 31}")
    assert (answer.status, answer.json) == (
        400,
        {"error": "query must have at most 30 words"},
    )


async def test_a_file_is_found_by_its_name_and_by_being_there(api: Api) -> None:
    await say(api, "x")
    item = {"uploadDestinationId": "1", "fileName": "Seriennummer.pdf"}
    order = api.sandbox.add_order(OTHER, actions=("odd",), custom={"odd": {}})
    assert order.adds("odd")
    static = "123-1234567-1234567"
    assert (await api.post("invoice", {"attachments": [item]}, order=static)).status == 201
    for query in ("has:attachment", "has:attachments seriennummer", 'nummer.pdf "seriennummer"'):
        (found,) = (await messages(api, f"?query={query.replace(' ', '%20')}"))["messages"]
        assert found["order_id"] == static
    assert (await messages(api, f"?query=has:attachment&order_id={ORDER}"))["total"] == 0
