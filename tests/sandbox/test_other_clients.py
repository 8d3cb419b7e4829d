"""Other Selling Partner clients, unchanged but for their addresses, write to the sandbox.

Each test needs its client: the first is in the extra ``test``, .ci/run installs the others.
"""

import base64
import hashlib
import io
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from spapi_messaging.sandbox import CLIENT_ID, CLIENT_SECRET
from spapi_messaging.testing import ServedSandbox, serve

ORDER = "903-1671087-0812628"
DE = "A1PA6795UKMFR9"
PDF = b"%PDF-1.4 page 17"
MD5 = base64.b64encode(hashlib.md5(PDF, usedforsecurity=False).digest()).decode()
TEXT = {"text": "The parcel is late."}
NOT_KNOWN = "Amazon is not known to refuse it"
# What the sandbox calls each message: its segment, and whether it has a text or a file.
MESSAGES = {
    "confirmCustomizationDetails": TEXT,
    "confirmDeliveryDetails": TEXT,
    "legalDisclosure": None,
    "negativeFeedbackRemoval": {},
    "confirmOrderDetails": TEXT,
    "confirmServiceDetails": TEXT,
    "amazonMotors": None,
    "warranty": None,
    "digitalAccessKey": TEXT,
    "unexpectedProblem": TEXT,
    "invoice": None,
}
Posts = Mapping[str, Callable[[Any], Any]]


@pytest.fixture
def sandbox() -> Iterator[ServedSandbox]:
    with serve() as sandbox:
        yield sandbox


@pytest.fixture
def refresh_token() -> str:
    """Return a seller of the test's own, since a client may keep tokens for the whole process."""
    return f"sandbox-{uuid.uuid4()}"


def put(url: str, headers: Mapping[str, str] | None) -> None:
    assert httpx.put(url, content=PDF, headers=headers).status_code == 200


def attached(destination: str, **more: Any) -> dict[str, Any]:
    return {"attachments": [{"uploadDestinationId": destination, "fileName": "a.pdf"}], **more}


def arrive(sandbox: ServedSandbox, posts: Posts, destination: str) -> None:
    """Post each message, and find what was meant in the inbox, byte for byte."""
    meant = {
        segment: attached(destination) if fields is None else fields
        for segment, fields in MESSAGES.items()
        if segment in posts
    }
    for segment, body in meant.items():
        posts[segment](dict(body))
    accepted = {message.action: message for message in sandbox.messages()}
    assert set(accepted) == set(meant)
    for segment, body in meant.items():
        assert body.items() <= accepted[segment].body.items()
        files = [file.content for file in accepted[segment].attachments]
        assert files == ([PDF] if "attachments" in body else [])


def test_python_amazon_sp_api(sandbox: ServedSandbox, refresh_token: str) -> None:
    """All 13 operations, and an upload; it puts marketplaceIds into each body."""
    api = pytest.importorskip("sp_api.api", reason="python-amazon-sp-api is not here")
    auth = pytest.importorskip("sp_api.auth")

    class Login(auth.AccessTokenClient):
        scheme, host = "http://", sandbox.url.removeprefix("http://")

    options = {
        "marketplace": SimpleNamespace(endpoint=sandbox.url, marketplace_id=DE, region="eu"),
        "refresh_token": refresh_token,
        "credentials": {"lwa_app_id": CLIENT_ID, "lwa_client_secret": CLIENT_SECRET},
        "auth_token_client_class": Login,
    }
    with (
        api.Messaging(**options) as client,
        api.Upload(**options) as uploads,
        closing(client._auth._transport),
        closing(uploads._auth._transport),
    ):
        assert client.get_attributes(ORDER).payload["buyer"] == {"locale": "de-DE"}
        offered = client.get_messaging_actions_for_order(ORDER, marketplaceIds=DE).payload
        assert "warranty" in {link["name"] for link in offered["_links"]["actions"]}
        resource = f"messaging/v1/orders/{ORDER}/messages/warranty"
        made = uploads.upload_document(resource, io.BytesIO(PDF)).payload
        put(made["url"], made["headers"])
        names = {
            segment: getattr(client, name)
            for segment, name in {
                "confirmCustomizationDetails": "confirm_customization_details",
                "confirmDeliveryDetails": "create_confirm_delivery_details",
                "legalDisclosure": "create_legal_disclosure",
                "negativeFeedbackRemoval": "create_negative_feedback_removal",
                "confirmOrderDetails": "create_confirm_order_details",
                "confirmServiceDetails": "create_confirm_service_details",
                "amazonMotors": "create_amazon_motors",
                "warranty": "create_warranty",
                "digitalAccessKey": "create_digital_access_key",
                "unexpectedProblem": "create_unexpected_problem",
                "invoice": "send_invoice",
            }.items()
        }
        posts: Posts = {
            segment: lambda body, post=post: post(ORDER, body=body)
            for segment, post in names.items()
        }
        arrive(sandbox, posts, made["uploadDestinationId"])
    notes = {note for record in sandbox.requests for note in record.notes}
    assert f"unknown member marketplaceIds in the body: {NOT_KNOWN}" in notes
    assert all(note.endswith(NOT_KNOWN) for note in notes)


def test_amzn_selling_partner(sandbox: ServedSandbox, refresh_token: str) -> None:
    """Its eleven operations (it follows the newest model), and an upload."""
    package = pytest.importorskip("amzn_selling_partner", reason="amzn-selling-partner not here")
    client_module = pytest.importorskip("amzn_selling_partner.sdk.client")
    plugin = pytest.importorskip("amzn_selling_partner.plugins.amazon_spapi")
    assert package
    credentials = plugin.LWACredentials(
        client_id=CLIENT_ID, client_secret=CLIENT_SECRET, refresh_token=refresh_token
    )
    login = plugin.LWAAuth(credentials, token_url=sandbox.token_url, base_url=sandbox.url)
    with closing(login), client_module.Client(base_url=sandbox.url, auth=login) as client:
        messaging = client.messaging_v1
        assert messaging.list_order_attributes(ORDER, [DE]).buyer.locale == "de-DE"
        offered = messaging.get_order(ORDER, [DE])
        assert "warranty" in {link.name for link in offered.links.actions}
        resource = f"messaging/v1/orders/{ORDER}/messages/warranty"
        made = client.uploads_v2020_11_01.create_upload_destination(
            resource, [DE], MD5, content_type="application/pdf"
        ).payload
        put(made.url, made.headers)
        names = {
            "confirmCustomizationDetails": messaging.create_confirm_customization_detail,
            "confirmDeliveryDetails": messaging.create_confirm_delivery_detail,
            "legalDisclosure": messaging.create_legal_disclosure,
            "confirmOrderDetails": messaging.create_confirm_order_detail,
            "confirmServiceDetails": messaging.create_confirm_service_detail,
            "warranty": messaging.create_warranty,
            "digitalAccessKey": messaging.create_digital_access_key,
            "unexpectedProblem": messaging.create_unexpected_problem,
            "invoice": messaging.create_invoice,
        }
        posts: Posts = {
            segment: lambda body, post=post: post(ORDER, body, [DE])
            for segment, post in names.items()
        }
        arrive(sandbox, posts, made.upload_destination_id)


def test_amzn_sp_api(sandbox: ServedSandbox, refresh_token: str) -> None:
    """Its eleven operations (it follows the newest model), and an upload."""
    spapi = pytest.importorskip("spapi", reason="amzn-sp-api is not here")
    module = pytest.importorskip("spapi.client")
    config = spapi.SPAPIConfig(CLIENT_ID, CLIENT_SECRET, refresh_token)
    client = module.SPAPIClient(config, oauth_endpoint=sandbox.token_url, endpoint=sandbox.url)
    messaging = spapi.MessagingApi(client.api_client)
    assert messaging.get_attributes(ORDER, [DE]).buyer.locale == "de-DE"
    offered = messaging.get_messaging_actions_for_order(ORDER, [DE])
    assert "warranty" in {link.name for link in offered.links.actions}
    client.api_client.configuration.safe_chars_for_path_param = "/"  # Amazon's path has slashes
    made = spapi.UploadsApi(client.api_client).create_upload_destination_for_resource(
        [DE], MD5, f"messaging/v1/orders/{ORDER}/messages/warranty", content_type="application/pdf"
    )
    put(made.payload.url, made.payload.headers)
    names = {
        "confirmCustomizationDetails": messaging.confirm_customization_details,
        "confirmDeliveryDetails": messaging.create_confirm_delivery_details,
        "legalDisclosure": messaging.create_legal_disclosure,
        "confirmOrderDetails": messaging.create_confirm_order_details,
        "confirmServiceDetails": messaging.create_confirm_service_details,
        "warranty": messaging.create_warranty,
        "digitalAccessKey": messaging.create_digital_access_key,
        "unexpectedProblem": messaging.create_unexpected_problem,
        "invoice": messaging.send_invoice,
    }
    posts: Posts = {
        segment: lambda body, post=post: post(ORDER, [DE], body) for segment, post in names.items()
    }
    arrive(sandbox, posts, made.payload.upload_destination_id)
