"""What an error repeats of its request is left out: a gateway may quote all of it."""

import json

import pytest

from spapi_messaging.api import api_error
from spapi_messaging.api.quotes import without_quotes

TOKEN = "Atza|IwEBIabc-def_123"
TEXT = "Dear Zoë Müller, your parcel was damaged."
SAID = json.dumps({"text": TEXT, "attachments": [{"fileName": "invoice of Zoë.pdf"}]}).encode()


@pytest.mark.parametrize(
    "words",
    [
        f"Bad header x-amz-access-token: {TOKEN}",
        "token Atzr|other-token expired",
        'got {"refresh_token": "Atzr|x", "client_secret":"amzn1.oa2-cs.v1.f00"}',
        "refresh_token=abc123&client_secret=def456",
        f"cannot parse: {TEXT}",
        "cannot parse: zoë müller, your parcel was dam...",
        "bad file name 'invoice of Zoë.pdf'",
    ],
)
def test_a_quotation_is_withheld(words: str) -> None:
    words = words.replace("zoë müller", "Zoë Müller")
    shown = without_quotes(words, said=SAID, token=TOKEN)
    assert "(withheld)" in shown
    for secret in (TOKEN, "Atzr|", "abc123", "def456", "f00", "Müller", "Zoë"):
        assert secret not in shown


@pytest.mark.parametrize(
    "words",
    [
        "Access to requested resource is denied.",
        "The access token you provided is revoked, malformed or invalid.",
        "Could not send. Missing or invalid request parameter: marketplaceId",
        "The access token has expired: renew it",
    ],
)
@pytest.mark.parametrize("said", [SAID, None, b"%PDF-1.4", b"[" * 100_000, b'{"text": "is"}'])
def test_what_is_no_quotation_is_shown(words: str, said: bytes | None) -> None:
    assert without_quotes(words, said=said, token=TOKEN) == words


def test_no_part_of_an_error_quotes() -> None:
    body = json.dumps({"errors": [{"code": TEXT, "message": TOKEN, "details": f"x {TEXT}"}]})
    error = api_error(
        400, body.encode(), operation="op", order_id=None, request_id="r", said=SAID, token=TOKEN
    )
    for part in (str(error), repr(error), repr(error.args)):
        assert TOKEN not in part
        assert "parcel" not in part
