"""The sandbox answers as Amazon's model says: its static cases, and the shape of every answer."""

import asyncio
import io
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest
from helpers.paths import REFERENCE
from helpers.sandbox_client import DE, ORDER, Reply, serving
from helpers.static_orders import BAD, GOOD, OFFERED, US
from hypothesis import HealthCheck, given, settings, strategies as st
from jsonschema import Draft4Validator

MODELS = ("messaging-v1-model-2025-07-30.json", "messaging-v1-model-2026-01-30.json")

FILE = {
    "uploadDestinationId": "4e936e26-7b72-4b84-af27-e6baee1d546d",
    "fileName": "AmazonMotors.txt",
}
TEXT = {"text": "My Message"}
WARRANTY = {
    "attachments": [
        {"uploadDestinationId": "8634452c-4d4f-4703-8cea-2ecc9dcb3279", "fileName": "warranty.txt"}
    ],
    "coverageStartDate": "2004-12-13T21:39:45.618-08:00",
    "coverageEndDate": "2005-12-13T21:39:45.618-08:00",
}
MESSAGES: dict[str, Any] = {
    "confirmCustomizationDetails": TEXT | {"attachments": [FILE, FILE]},
    "confirmDeliveryDetails": TEXT,
    "legalDisclosure": {"attachments": [FILE, FILE]},
    "negativeFeedbackRemoval": None,
    "confirmOrderDetails": TEXT,
    "confirmServiceDetails": TEXT,
    "amazonMotors": {"attachments": [FILE]},
    "warranty": WARRANTY,
    "digitalAccessKey": TEXT | {"attachments": [FILE, FILE]},
    "unexpectedProblem": TEXT,
    "invoice": None,
}
ROOT = "/messaging/v1/orders/123-1234567-1234567"
DISCOVERY = {
    "_links": {
        "actions": [
            *({"href": f"{ROOT}/messages/{name}{US}", "name": name} for name in OFFERED),
            {"href": f"{ROOT}/attributes{US}", "name": "attributes"},
        ],
        "self": {"href": f"{ROOT}{US}"},
    }
}
INVALID = {"errors": [{"code": "InvalidInput", "message": "Invalid Input", "details": ""}]}

ERRORS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["code", "message"],
        "properties": {
            "code": {"type": "string"},
            "message": {"type": "string"},
            "details": {"type": "string"},
        },
    },
}
LINK = {
    "type": "object",
    "required": ["href"],
    "properties": {"href": {"type": "string"}, "name": {"type": "string"}},
}
EMBEDDED_SCHEMA = {
    "type": "object",
    "properties": {
        "_links": {"type": "object", "required": ["self"], "properties": {"self": LINK}},
        "payload": {"type": "object"},
        "errors": ERRORS,
    },
}
ACTION = {
    "type": "object",
    "properties": {
        "_links": {
            "type": "object",
            "required": ["schema", "self"],
            "properties": {"self": LINK, "schema": LINK},
        },
        "_embedded": {"type": "object", "properties": {"schema": EMBEDDED_SCHEMA}},
        "payload": {
            "type": "object",
            "required": ["name"],
            "properties": {"name": {"type": "string"}},
        },
        "errors": ERRORS,
    },
}
MESSAGE_ANSWER = {"type": "object", "properties": {"errors": ERRORS}}
ATTRIBUTES_ANSWER = {
    "type": "object",
    "properties": {
        "buyer": {"type": "object", "properties": {"locale": {"type": "string"}}},
        "errors": ERRORS,
    },
}
DISCOVERY_ANSWER = {
    "type": "object",
    "properties": {
        "_links": {
            "type": "object",
            "required": ["actions", "self"],
            "properties": {"self": LINK, "actions": {"type": "array", "items": LINK}},
        },
        "_embedded": {
            "type": "object",
            "required": ["actions"],
            "properties": {"actions": {"type": "array", "items": ACTION}},
        },
        "errors": ERRORS,
    },
}
PATH = "/messaging/v1/orders/{amazonOrderId}"
OPERATIONS: dict[tuple[str, str], Any] = {
    ("GET", PATH): DISCOVERY_ANSWER,
    ("GET", f"{PATH}/attributes"): ATTRIBUTES_ANSWER,
    **{("POST", f"{PATH}/messages/{segment}"): MESSAGE_ANSWER for segment in MESSAGES},
}
STATUSES = {400, 403, 404, 413, 415, 429, 500, 503}


def model_of(name: str) -> Any:
    file = REFERENCE / name
    if not file.is_file():
        pytest.skip(f"{name} is not here")
    return json.loads(file.read_text("utf-8"))


def operations_of(model: Any) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, item in model["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield method.upper(), path, operation


def check(method: str, path: str, reply: Reply, model: Any = None) -> None:
    """Check an answer against the literals, and against the model where it is given."""
    success = 201 if method == "POST" else 200
    assert reply.status in STATUSES | {success}
    assert reply.headers["x-amzn-RequestId"]
    if method == "POST" and reply.status == success and not reply.body:
        return  # the empty body that some 201s really have; no schema describes it
    assert reply.headers["Content-Type"].startswith("application/json")
    Draft4Validator(OPERATIONS[method, path]).validate(reply.json)
    assert ("errors" in reply.json) or reply.status == success or not reply.body
    if reply.status != success:
        assert reply.json["errors"]
    if model is not None and path in model["paths"]:
        answers = model["paths"][path][method.lower()]["responses"]
        schema = answers[str(reply.status)]["schema"] | {"definitions": model["definitions"]}
        Draft4Validator(schema | {"allOf": [{"$ref": schema.pop("$ref")}]}).validate(reply.json)


def body_of(case: Mapping[str, Any]) -> Any:
    return case["request"]["parameters"].get("body", {}).get("value")


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda value: value.rpartition("/")[2])
async def test_the_static_cases_as_literals(method: str, path: str) -> None:
    segment = path.rpartition("/")[2]
    good = {PATH: DISCOVERY, f"{PATH}/attributes": {"buyer": {"locale": "en-US"}}}.get(path, {})
    body = MESSAGES.get(segment)
    how: dict[str, Any] = {} if body is None else {"json": body}
    bad = ["badOrderId", BAD] if segment == "invoice" else [BAD]
    async with serving(rate=math.inf) as api:
        reply = await api.call(method, path.format(amazonOrderId=GOOD) + US, **how)
        assert (reply.status, reply.json) == (201 if method == "POST" else 200, good)
        for order in bad:
            reply = await api.call(method, path.format(amazonOrderId=order) + US)
            assert (reply.status, reply.json) == (400, INVALID)


@pytest.mark.parametrize("name", MODELS)
async def test_the_static_cases_as_the_model_has_them(name: str) -> None:
    model, checked = model_of(name), 0
    async with serving(rate=math.inf) as api:
        for method, path, operation in operations_of(model):
            for status, answer in operation["responses"].items():
                for case in answer.get("x-amzn-api-sandbox", {}).get("static", []):
                    order = case["request"]["parameters"]["amazonOrderId"]["value"]
                    body = body_of(case)
                    how: dict[str, Any] = {} if body is None else {"json": body}
                    reply = await api.call(method, path.format(amazonOrderId=order) + US, **how)
                    assert (reply.status, reply.json) == (int(status), case["response"]), path
                    checked += 1
    assert checked == {MODELS[0]: 26, MODELS[1]: 22}[name]


@pytest.mark.parametrize("shape", ["embedded", "payload", "link", "none"])
@pytest.mark.parametrize("name", [None, *MODELS])
async def test_discovery_is_valid_in_each_shape(shape: Any, name: str | None) -> None:
    model = model_of(name) if name else None
    async with serving(rate=math.inf) as api:
        api.sandbox.add_order(ORDER, schemas=shape, disabled={"warranty": "Sent already"})
        check("GET", PATH, await api.get(), model)


@pytest.mark.parametrize("name", [None, *MODELS])
@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda value: value.rpartition("/")[2])
async def test_every_status_has_a_valid_answer(method: str, path: str, name: str | None) -> None:
    model = model_of(name) if name else None
    target = path.format(amazonOrderId=ORDER)
    seen = set()
    async with serving(rate=math.inf) as api:

        async def ask(expected: int, where: str = target + DE, **how: Any) -> None:
            reply = await api.call(method, where, **how)
            assert reply.status == expected
            check(method, path, reply, model)
            seen.add(reply.status)

        await ask(400, target)
        await ask(400, path.format(amazonOrderId="nonsense") + DE)
        await ask(404, path.format(amazonOrderId="903-0000000-0000404") + DE)
        await ask(403, token="Atza|made-up")
        if method == "POST":
            await ask(413, data=io.BytesIO(b"x" * 1_048_577))
            await ask(415, data=b"text=Hi", headers={"Content-Type": "text/plain"})
        for status in (400, 403, 404, 413, 415, 429, 500, 503):
            api.sandbox.fail_next(status)
            await ask(status)
        api.sandbox.role_missing = True
        await ask(403)
        api.sandbox.role_missing = False
        api.sandbox.add_order(ORDER, actions=(), closed=True)
        if not path.endswith("/attributes"):
            await ask(403)
        api.sandbox.set_quota(rate=0.001, burst=1)
        await api.call(method, target + DE)
        await ask(429)
    assert seen == STATUSES


# Random requests. Hypothesis from the table of operations, where an API tester would bring
# fifteen packages for the same thirteen paths.

SEGMENTS = sorted(MESSAGES)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)
files = st.lists(
    st.fixed_dictionaries({"uploadDestinationId": st.text(), "fileName": st.text()}) | values,
    max_size=7,
)
bodies = (
    st.fixed_dictionaries(
        {},
        optional={
            "text": st.text(max_size=3000) | values,
            "attachments": files | values,
            "coverageStartDate": st.text(max_size=30) | st.datetimes().map(str) | values,
            "coverageEndDate": st.just("2026-11-01T00:00:00Z") | values,
            "extra": values,
        },
    ).map(json.dumps)
    | values.map(json.dumps)
    | st.sampled_from([1, 100, 5000, 100_000]).map(lambda depth: "[" * depth)
    | st.sampled_from(['{"\\ud800":1}', '{"text":"\\ud800"}', '{"a":"\\ud83d\\ude00"}'])
    | st.integers(3000, 5000).map(lambda digits: '{"text": ' + "9" * digits + "}")
    | st.text(max_size=30)
).map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=30)
# Half of what is drawn is right, so that the rest of the request is looked at, too.
orders = st.just(ORDER) | (
    st.sampled_from([ORDER, GOOD, BAD, "badOrderId", "903-0000000-0000404"])
    | st.from_regex(r"[0-9]{3}-[0-9]{7}-[0-9]{7}", fullmatch=True)
    | st.text(alphabet=st.sampled_from("09-%AZ~.éß"), min_size=1, max_size=12)
)
queries = (
    st.just(DE)
    | st.sampled_from(
        [DE, US, "", "?", "?marketplaceIds=", f"{DE}&{US[1:]}", f"{DE},ATVPDKIKX0DER", "?a=%ff&b=%"]
    )
    | st.text(alphabet="%&=?abc09+;", max_size=12).map(lambda text: f"?{text}")
)
types = st.just("application/json") | st.sampled_from(
    ["application/json; charset=utf-8", "text/plain", ""]
)


LONE = b'{"text":"x","attachments":[{"uploadDestinationId":"\\udfff","fileName":"a.pdf"}]}'


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"text":' * 50_000, b'{"\\ud800":1}', b'{"text":"\\ud800"}', LONE],
    ids=["deep array", "deep object", "lone surrogate as key", "as text", "as id"],
)
async def test_json_that_no_message_can_be_is_a_bad_request(body: bytes) -> None:
    async with serving(rate=math.inf, any_order=SEGMENTS) as api:
        path = f"/messaging/v1/orders/{ORDER}/messages/confirmCustomizationDetails"
        headers = {"Content-Type": "application/json"}
        reply = await api.call("POST", path + DE, data=io.BytesIO(body), headers=headers)
        assert reply.status == 400


@pytest.mark.parametrize("name", [None, MODELS[0]])
async def test_random_requests_find_no_500_and_no_answer_outside_the_schema(
    name: str | None,
) -> None:
    model = model_of(name) if name else None
    loop = asyncio.get_running_loop()
    async with serving(rate=math.inf, any_order=SEGMENTS) as api:

        @settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.sampled_from(list(OPERATIONS)), orders, queries, types, bodies)
        def random_request(
            operation: tuple[str, str], order: str, query: str, kind: str, body: bytes
        ) -> None:
            method, path = operation
            target = path.format(amazonOrderId=quote(order, safe="%~"))
            how: dict[str, Any] = {}
            if method == "POST":
                how = {"data": io.BytesIO(body), "headers": {"Content-Type": kind}}
            request = api.call(method, target + query, **how)
            reply = asyncio.run_coroutine_threadsafe(request, loop).result(10)
            assert reply.status != 500
            check(method, path, reply, model)

        await asyncio.to_thread(random_request)
