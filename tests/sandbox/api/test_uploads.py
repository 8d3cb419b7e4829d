"""The sandbox's Uploads API and S3: presigned, byte for byte, and no token."""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from helpers.sandbox_client import DE, ORDER, ORDER_PATH, Api, Clock, Reply, problem, serving
from yarl import URL

PDF = b"%PDF-1.4 page 17"
MD5 = "sQr50+pnLVPUaSVvbmm/kQ=="
MD5_HEX = "b10af9d3ea672d53d469256f6e69bf91"
RESOURCE = f"/uploads/2020-11-01/uploadDestinations{ORDER_PATH}/messages/"


async def destination(api: Api, md5: str = MD5, segment: str = "warranty") -> dict[str, Any]:
    query = f"{DE}&contentMD5={quote(md5, safe='')}&contentType=application%2Fpdf"
    answer = await api.call("POST", RESOURCE + segment + query)
    assert answer.status == 201
    payload: dict[str, Any] = answer.json["payload"]
    return payload


async def put(
    api: Api,
    url: str,
    headers: Mapping[str, str] | None,
    data: Any = PDF,
    *,
    method: str = "PUT",
    encoded: bool = True,
) -> Reply:
    where = URL(url, encoded=encoded)
    async with api.http.request(method, where, data=data, headers=headers) as answer:
        return Reply(answer.status, answer.headers, await answer.read())


def s3_code(answer: Reply) -> tuple[int, bytes]:
    assert answer.headers["Content-Type"] == "application/xml"
    return answer.status, answer.body.partition(b"<Code>")[2].partition(b"</Code>")[0]


async def test_a_file_goes_up_and_into_a_message(api: Api) -> None:
    payload = await destination(api)
    assert set(payload) == {"uploadDestinationId", "url", "headers"}
    assert payload["headers"] == {"Content-MD5": MD5, "x-amz-server-side-encryption": "aws:kms"}
    assert "/%2F067/" in payload["url"]
    assert "%3B" in payload["url"]
    assert (await put(api, payload["url"], payload["headers"])).status == 200
    body = {
        "attachments": [
            {"uploadDestinationId": payload["uploadDestinationId"], "fileName": "warranty.pdf"}
        ],
        "coverageStartDate": "2025-01-01T00:00:00Z",
        "coverageEndDate": "2027-01-01T00:00:00+01:00",
    }
    assert (await api.post("warranty", body)).status == 201
    (message,) = api.sandbox.messages(ORDER)
    (attachment,) = message.attachments
    assert (message.operation, message.body) == ("CreateWarranty", body)
    assert (attachment.name, attachment.content) == ("warranty.pdf", PDF)
    assert attachment.upload is not None
    assert attachment.upload.content_type == "application/pdf"
    assert api.sandbox.leaks == []


async def test_an_upload_that_was_not_put_or_is_anothers_does_not_exist(api: Api) -> None:
    payload = await destination(api)
    number = payload["uploadDestinationId"]
    body = {"attachments": [{"uploadDestinationId": number, "fileName": "a.pdf"}]}
    expected = problem(400, "InvalidInput", f"Attachment with ID {number} does not exist")
    before = await api.post("invoice", body)
    await put(api, payload["url"], payload["headers"])
    api.sandbox.add_order("111-1111111-1111111")
    elsewhere = await api.post("invoice", body, order="111-1111111-1111111")
    other = (await api.log_in(refresh_token="sandbox-other")).json["access_token"]
    for answer in (before, elsewhere, await api.post("invoice", body, token=other)):
        assert expected == (answer.status, answer.json)
    assert (await api.post("invoice", body)).status == 201


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{RESOURCE}warranty{DE}", 400),
        (f"{RESOURCE}warranty{DE}&contentMD5=", 400),
        (f"{RESOURCE}warranty?contentMD5=x", 400),
        (f"{RESOURCE}createWarranty{DE}&contentMD5=x", 404),
        (f"{RESOURCE.replace(ORDER, '111-1111111-1111111')}warranty{DE}&contentMD5=x", 404),
        (f"/uploads/2020-11-01/uploadDestinations/aplus/2020-11-01{DE}&contentMD5=x", 404),
        (
            (
                f"/uploads/2020-11-01/uploadDestinations/{quote(ORDER_PATH[1:], safe='')}"
                f"%2Fmessages%2Fwarranty{DE}&contentMD5=x"
            ),
            404,
        ),
    ],
)
async def test_a_destination_needs_its_parameters_and_its_slashes(
    api: Api, path: str, status: int
) -> None:
    answer = await api.call("POST", path)
    assert status == answer.status
    assert answer.json["errors"]


async def test_a_destination_needs_the_access_token(api: Api) -> None:
    answer = await api.call("POST", f"{RESOURCE}warranty{DE}&contentMD5=x", token="no")
    assert answer.status == 403


async def test_the_token_must_stay_at_home(api: Api) -> None:
    payload = await destination(api)
    for leak in ({"x-amz-access-token": api.token}, {"Authorization": "Bearer x"}):
        answer = await put(api, payload["url"], payload["headers"] | leak)
        assert s3_code(answer) == (400, b"InvalidArgument")
    assert len(api.sandbox.leaks) == 2


async def test_the_url_must_come_back_byte_for_byte(api: Api) -> None:
    payload = await destination(api)
    url, headers = payload["url"], payload["headers"]
    for changed in (
        url.replace("%3B", ";", 1),
        url.replace("%2F", "/", 1),
        url.replace("%2F", "%2f", 1),
        url + "&x=1",
        url.partition("?")[0],
        url.replace("/s3/sandbox", "/s3/elsewhere"),
    ):
        assert s3_code(await put(api, changed, headers)) == (403, b"SignatureDoesNotMatch")
    rewritten = await put(api, url, headers, encoded=False)
    assert s3_code(rewritten) == (403, b"SignatureDoesNotMatch")
    assert (await put(api, url, headers)).status == 200


async def test_all_headers_must_come_back(api: Api) -> None:
    payload = await destination(api)
    for missing in payload["headers"]:
        headers = {name: value for name, value in payload["headers"].items() if name != missing}
        answer = await put(api, payload["url"], headers)
        assert s3_code(answer) == (403, b"SignatureDoesNotMatch")
    headers = payload["headers"] | {"x-amz-server-side-encryption": "AES256"}
    assert s3_code(await put(api, payload["url"], headers))[0] == 403


@pytest.mark.parametrize(
    ("md5", "code"),
    [
        (MD5_HEX, b"InvalidDigest"),
        ("x", b"InvalidDigest"),
        ("1B2M2Y8AsgTpgAmY7PhCfg==", b"BadDigest"),
    ],
)
async def test_a_wrong_digest_passes_at_first_and_fails_at_the_put(
    api: Api, md5: str, code: bytes
) -> None:
    payload = await destination(api, md5)
    assert s3_code(await put(api, payload["url"], payload["headers"])) == (400, code)


async def test_a_digest_with_a_bare_plus_is_read_as_a_blank(api: Api) -> None:
    """A plus in a query is a blank to form decoding, and the digest is wrong then."""
    path = f"{RESOURCE}warranty{DE}&contentMD5={MD5}"
    payload = (await api.call("POST", path)).json["payload"]
    assert payload["headers"]["Content-MD5"] == MD5.replace("+", " ")
    answer = await put(api, payload["url"], payload["headers"])
    assert s3_code(answer) == (400, b"InvalidDigest")


async def test_a_multipart_body_is_not_the_file(api: Api) -> None:
    payload = await destination(api)
    form = aiohttp.FormData()
    form.add_field("file", PDF, filename="a.pdf")
    answer = await put(api, payload["url"], payload["headers"], form)
    assert s3_code(answer) in {(400, b"BadDigest"), (411, b"MissingContentLength")}


async def test_s3_takes_puts_with_a_length_only(api: Api) -> None:
    payload = await destination(api)

    async def chunks() -> AsyncIterator[bytes]:
        yield PDF

    url, headers = payload["url"], payload["headers"]
    assert s3_code(await put(api, url, headers, method="POST")) == (405, b"MethodNotAllowed")
    assert s3_code(await put(api, url, headers, chunks())) == (411, b"MissingContentLength")


async def test_a_url_is_good_for_900_seconds() -> None:
    clock = Clock()
    async with serving(clock=clock) as api:
        payload = await destination(api)
        clock.now += 900
        assert (await put(api, payload["url"], payload["headers"])).status == 200
        clock.now += 0.001
        answer = await put(api, payload["url"], payload["headers"])
        assert s3_code(answer) == (403, b"AccessDenied")
        assert b"Request has expired" in answer.body


async def test_headers_may_be_null() -> None:
    async with serving(signed_headers=False) as api:
        payload = await destination(api)
        assert payload["headers"] is None
        assert (await put(api, payload["url"], None)).status == 200


async def test_stored_bytes_are_bounded(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """An old file loses its bytes, and can be attached all the same."""
    monkeypatch.setattr("spapi_messaging.sandbox.api.uploads.MAX_STORED_BYTES", 2 * len(PDF))
    numbers = []
    for _ in range(3):
        payload = await destination(api)
        for _ in range(2):
            assert (await put(api, payload["url"], payload["headers"])).status == 200
        numbers.append(payload["uploadDestinationId"])
    attachments = [{"uploadDestinationId": number, "fileName": "a.pdf"} for number in numbers]
    assert (await api.post("invoice", {"attachments": attachments})).status == 201
    (message,) = api.sandbox.messages()
    assert [attachment.content for attachment in message.attachments] == [None, PDF, PDF]
    assert api.sandbox.backend.uploads.stored_bytes == 2 * len(PDF)


async def test_destinations_are_bounded(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spapi_messaging.sandbox.api.uploads.MAX_DESTINATIONS", 1)
    first, second = [await destination(api) for _ in range(2)]
    assert (await put(api, first["url"], first["headers"])).status == 403
    assert (await put(api, second["url"], second["headers"])).status == 200


async def test_files_are_limited_alone_and_together(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "spapi_messaging.sandbox.api.messages_endpoint.MAX_ATTACHMENT_BYTES", 2 * len(PDF)
    )
    monkeypatch.setattr("spapi_messaging.sandbox.server.MAX_UPLOAD_BYTES", len(PDF))
    payload = await destination(api)
    url, headers = payload["url"], payload["headers"]
    assert s3_code(await put(api, url, headers, PDF + b"x")) == (400, b"EntityTooLarge")
    assert (await put(api, url, headers)).status == 200
    item = {"uploadDestinationId": payload["uploadDestinationId"], "fileName": "a.pdf"}
    assert (await api.post("invoice", {"attachments": [item]})).status == 201
    answer = await api.post("invoice", {"attachments": [item, item]})
    assert answer.status == 400
    assert "32 bytes" in answer.json["errors"][0]["details"]


async def test_uploads_have_their_own_quota() -> None:
    async with serving(clock=Clock()) as api:
        path = f"{RESOURCE}warranty{DE}&contentMD5=x"
        answers = [await api.call("POST", path) for _ in range(11)]
        assert [answer.status for answer in answers] == [201] * 10 + [429]
        assert answers[0].headers["x-amzn-RateLimit-Limit"] == "10.0"


async def test_the_static_order_can_be_uploaded_to(api: Api) -> None:
    resource = RESOURCE.replace(ORDER, "123-1234567-1234567")
    answer = await api.call("POST", f"{resource}invoice{DE}&contentMD5=x")
    assert answer.status == 201
    assert (await api.call("POST", f"{resource}sendInvoice{DE}&contentMD5=x")).status == 404
