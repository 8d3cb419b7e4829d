"""A text that stands as it is, whatever looks like a field in it."""

from typing import get_args

import pytest

from spapi_messaging import InvalidMessageError, Job, LocalizedText, UnexpectedProblem
from spapi_messaging.bulk import Identity, Once
from spapi_messaging.messages import ChosenText, LiteralText, Text, fields_of

ORDER = "903-1671087-0812628"


@pytest.mark.parametrize("text", ["$name", "$$ and $5", "${x", "plain"])
@pytest.mark.parametrize("localized", [False, True])
def test_a_dollar_in_it_is_a_dollar(text: str, *, localized: bool) -> None:
    given: Text = LiteralText(text)
    given = LocalizedText({"de": given}) if localized else given
    assert fields_of(given) == ()
    for fields in (None, {}):
        rendered = Job(ORDER, UnexpectedProblem(text=given), fields=fields).rendered
        assert rendered == UnexpectedProblem(text=given)


def test_no_field_can_be_given_to_it() -> None:
    with pytest.raises(InvalidMessageError, match="the text has no field"):
        Job(ORDER, UnexpectedProblem(text=LiteralText("$name")), fields={"name": "x"})


def test_it_has_the_identity_of_what_it_says() -> None:
    filled = Job(ORDER, UnexpectedProblem(text="pay $sum"), fields={"sum": "$5"})
    literal = Job(ORDER, UnexpectedProblem(text=LiteralText("pay $5")))
    assert Identity.of(literal) == Identity.of(filled)


@pytest.mark.parametrize("once", get_args(Once))
def test_a_text_that_was_chosen_is_known_by_all_languages(once: Once) -> None:
    texts = {"de": "Hallo", "fr": "Salut"}
    of_file = Identity.of(Job(ORDER, UnexpectedProblem(text=LocalizedText(texts))), once)
    chosen = ChosenText({"de": "Hallo"}, known_as=of_file.content)
    assert Identity.of(Job(ORDER, UnexpectedProblem(text=chosen)), once) == of_file
