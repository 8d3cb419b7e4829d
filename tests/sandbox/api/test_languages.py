"""Buyers read the language of the marketplace where they bought, unless it is said otherwise."""

import langcodes
import pytest

from spapi_messaging import (
    Credentials,
    LocalizedText,
    Marketplace,
    MessagingSession,
    UnexpectedProblem,
)
from spapi_messaging.sandbox import Sandbox, Scenario
from spapi_messaging.sandbox.api.languages import LOCALES

ORDER = "903-1671087-0812628"
SPOKEN = {
    "de": ["DE"],
    "en": ["AU", "CA", "IE", "IN", "SG", "UK", "US", "ZA"],
    "fr": ["FR"],
    "ja": ["JP"],
    "ar": ["AE", "EG", "SA"],
    "nl": ["BE", "NL"],
    "es": ["ES", "MX"],
    "pt": ["BR"],
    "it": ["IT"],
    "sv": ["SE"],
    "pl": ["PL"],
    "tr": ["TR"],
}


def session(sandbox: Sandbox, marketplace: Marketplace) -> MessagingSession:
    return MessagingSession(
        Credentials.from_env(sandbox.environment),
        marketplace=marketplace,
        endpoint=sandbox.url,
        token_url=sandbox.token_url,
    )


@pytest.mark.parametrize("marketplace", Marketplace)
async def test_a_buyer_reads_the_marketplaces_language(marketplace: Marketplace) -> None:
    sandbox = Sandbox(any_order=("unexpectedProblem",))
    async with sandbox, session(sandbox, marketplace) as api:
        locale = (await api.attributes(ORDER)).buyer.locale
    assert locale is not None
    language, country = locale.split("-")
    assert marketplace.name in SPOKEN[language]
    assert country == {"UK": "GB"}.get(marketplace.name, marketplace.name)
    assert langcodes.tag_is_valid(locale)


def test_every_marketplace_has_a_language() -> None:
    assert list(LOCALES) == list(Marketplace)


async def test_a_text_in_several_languages_arrives_in_the_marketplaces() -> None:
    text = LocalizedText({"de": "Hallo", "ja": "Konnichiwa", "en": "Hello"})
    async with Sandbox(any_order=("unexpectedProblem",)) as sandbox:
        async with session(sandbox, Marketplace.JP) as api:
            receipt = await api.send(ORDER, UnexpectedProblem(text=text))
        (message,) = sandbox.messages(ORDER)
    assert (receipt.language, message.body, message.locale) == (
        "ja",
        {"text": "Konnichiwa"},
        "ja-JP",
    )


async def test_what_is_said_of_an_order_or_of_all_comes_first() -> None:
    sandbox = Sandbox(any_order=("unexpectedProblem",))
    sandbox.apply(Scenario(locale="it-IT"))
    sandbox.add_order("903-0000000-0000001", locale="sv-SE")
    sandbox.add_order("903-0000000-0000002")
    found = {}
    async with sandbox, session(sandbox, Marketplace.DE) as api:
        for order in ("903-0000000-0000001", "903-0000000-0000002", ORDER):
            found[order] = (await api.attributes(order)).buyer.locale
    assert [*found.values()] == ["sv-SE", "it-IT", "it-IT"]
