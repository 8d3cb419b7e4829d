"""The judge of attempts: every verdict in a table, and the law over all sequences."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from spapi_messaging import errors
from spapi_messaging.errors import (
    AccessDeniedError,
    ApiError,
    DecodeError,
    InDoubtError,
    MessagingError,
    NotSentError,
    ServerError,
    ThrottledError,
    UntrustedLinkError,
)
from spapi_messaging.transport.request import NoResponse, Request, Response
from spapi_messaging.transport.retry import Retry, RetryPolicy

ORDER = "903-1671087-0812628"
URL = f"https://h.example/messaging/v1/orders/{ORDER}"
EXPIRED = b'{"errors": [{"details": "The access token has expired."}]}'
DENIED = b'{"errors": [{"message": "Access to requested resource is denied."}]}'
NOT_NOW = b'{"errors": [{"message": "Invalid amazonOrderId and template combination."}]}'
BEFORE, AFTER = NoResponse("refused", head_sent=False), NoResponse("reset", head_sent=True)


def answer(status: int, body: bytes = b"", **fields: Any) -> Response:
    return Response(status=status, body=body, url=URL, request_id="req-1", **fields)


def tries(
    *,
    repeatable: bool,
    most: int = 4,
    patience: float = 60,
    draw: Callable[[], float] = lambda: 1.0,
    paced: bool = True,
) -> RetryPolicy:
    request = Request(operation="op", method="POST", url=URL, order_id=ORDER, repeatable=repeatable)
    return RetryPolicy(
        request=request, patience=patience, max_attempts=most, draw=draw, paced=paced
    )


def verdict(
    policy: RetryPolicy, result: Response | NoResponse, now: float = 0
) -> Response | Retry | str:
    """Return the verdict; an error by its name."""
    try:
        return policy.decide(result, now)
    except MessagingError as raised:
        error = raised
    assert getattr(error, "order_id", ORDER) == ORDER
    assert getattr(error, "operation", "op") == "op"
    if isinstance(error, ApiError | InDoubtError) and isinstance(result, Response):
        assert error.request_id == "req-1"
    return type(error).__name__


SOON, LATER, RENEWED = Retry(pause=0.5), Retry(first=True), Retry(first=True, new_token=True)
PASSED = "the answer itself"

# result, verdict for a message, verdict for what is repeatable
TABLE: list[tuple[Response | NoResponse, object, object]] = [
    (answer(200), PASSED, PASSED),
    (answer(201), PASSED, PASSED),
    (answer(204), PASSED, PASSED),
    (answer(299), PASSED, PASSED),
    (answer(201, gap="cut off"), PASSED, SOON),
    (answer(200, EXPIRED), "InDoubtError", "ApiError"),
    (answer(201, b"<html>"), "InDoubtError", PASSED),
    *((answer(s, location="/x"), "InDoubtError", "UntrustedLinkError") for s in (301, 302, 303)),
    *((answer(s, location="/x"), "InDoubtError", "UntrustedLinkError") for s in (307, 308)),
    (answer(304), "InDoubtError", "UntrustedLinkError"),
    (answer(199), "InDoubtError", "UntrustedLinkError"),
    (answer(400), "BadRequestError", "BadRequestError"),
    (answer(400, gap="cut off"), "BadRequestError", "BadRequestError"),
    (answer(401), RENEWED, RENEWED),
    (answer(403), "AccessDeniedError", "AccessDeniedError"),
    (answer(403, DENIED), "AccessDeniedError", "AccessDeniedError"),
    (answer(403, NOT_NOW), "ActionNotPermittedError", "ActionNotPermittedError"),
    (answer(403, EXPIRED), RENEWED, RENEWED),
    (answer(404), "NotFoundError", "NotFoundError"),
    *((answer(s), "ApiError", SOON) for s in (408, 421, 425)),
    (answer(407), "ApiError", "ApiError"),
    (answer(413), "PayloadTooLargeError", "PayloadTooLargeError"),
    (answer(415), "UnsupportedMediaTypeError", "UnsupportedMediaTypeError"),
    (answer(418), "ApiError", "ApiError"),
    (answer(429), LATER, LATER),
    (answer(429, gap="cut off"), LATER, LATER),
    *((answer(s), "InDoubtError", SOON) for s in (500, 501, 502, 503, 504, 599)),
    (answer(500, EXPIRED), "InDoubtError", SOON),
    (BEFORE, SOON, SOON),
    (AFTER, "InDoubtError", SOON),
]


@pytest.mark.parametrize(
    ("result", "of_message", "of_repeatable"),
    TABLE,
    ids=[
        f"{row[0].status}{'+' if row[0].gap else ''}{row[0].body[12:40].decode()}"
        if isinstance(row[0], Response)
        else row[0].cause
        for row in TABLE
    ],
)
def test_first_verdict(
    result: Response | NoResponse, of_message: object, of_repeatable: object
) -> None:
    for repeatable, wanted in ((False, of_message), (True, of_repeatable)):
        judged = verdict(tries(repeatable=repeatable), result)
        if wanted is PASSED:
            assert judged is result
        else:
            assert judged == wanted


@pytest.mark.parametrize("repeatable", [False, True])
def test_a_rejected_token_is_renewed_once(repeatable: bool) -> None:
    policy = tries(repeatable=repeatable)
    results = [answer(403, EXPIRED), answer(429), answer(403, EXPIRED)]
    verdicts = [verdict(policy, result) for result in results]
    assert verdicts == [RENEWED, LATER, "TokenRejectedError"]


@pytest.mark.parametrize("repeatable", [False, True])
def test_throttles_are_waited_out_for_as_long_as_the_patience_lasts(
    repeatable: bool,
) -> None:
    """The patience counts from the first 429, not from the last, and not from the start."""
    policy = tries(repeatable=repeatable, patience=60, most=1)
    verdicts = [verdict(policy, answer(429), now) for now in (1000, 1001, 1030, 1059.9, 1060)]
    assert verdicts == [LATER, LATER, Retry(pause=0.5), Retry(pause=1.0), "ThrottledError"]
    assert verdict(tries(repeatable=repeatable, patience=0), answer(429)) == "ThrottledError"


@pytest.mark.parametrize(
    ("repeatable", "result", "end"),
    [
        (False, BEFORE, "NotSentError"),
        (True, BEFORE, "NotSentError"),
        (True, AFTER, "NotSentError"),
        (True, answer(503), "ServerError"),
        (True, answer(200, gap="cut off"), "DecodeError"),
    ],
)
def test_pauses_grow_until_the_attempts_are_used_up(
    repeatable: bool,
    result: Response | NoResponse,
    end: str,
) -> None:
    policy = tries(repeatable=repeatable, most=4)
    verdicts = [verdict(policy, result) for _ in range(4)]
    assert verdicts == [Retry(pause=0.5), Retry(pause=1.0), Retry(pause=2.0), end]
    assert verdict(tries(repeatable=repeatable, most=1), result) == end


def test_throttles_and_renewals_use_up_no_attempt() -> None:
    policy = tries(repeatable=True, most=2)
    results = [answer(429), answer(403, EXPIRED), answer(429), BEFORE, answer(429), BEFORE]
    verdicts = [verdict(policy, result) for result in results]
    assert verdicts == [LATER, RENEWED, LATER, SOON, Retry(pause=0.5), "NotSentError"]


def test_after_two_throttles_of_its_own_a_request_queues_behind_the_others() -> None:
    """With pauses that grow: the reason may be its order, and no bucket that fills."""
    policy = tries(repeatable=True, patience=1e9)
    verdicts = [verdict(policy, answer(429)) for _ in range(12)]
    assert verdicts[:5] == [LATER, LATER, *(Retry(pause=pause) for pause in (0.5, 1.0, 2.0))]
    assert verdicts[-1] == Retry(pause=20.0)


def test_pauses_are_capped_and_spread() -> None:
    policy = tries(repeatable=True, most=12)
    pauses = [policy.decide(BEFORE, 0) for _ in range(11)]
    assert pauses[-2:] == [Retry(pause=20.0)] * 2
    assert tries(repeatable=True, draw=lambda: 0.0).decide(BEFORE, 0) == Retry(pause=0.25)


SLOW_DOWN = b"<Error><Code>SlowDown</Code><Message>Please reduce your rate.</Message></Error>"


@pytest.mark.parametrize("pressed", [answer(429), answer(503, SLOW_DOWN)], ids=["429", "503"])
def test_where_no_limiter_paces_throttles_have_growing_pauses(pressed: Response) -> None:
    """They are waited out for as long as the patience lasts, however many there are."""
    policy = tries(repeatable=True, paced=False, most=1, patience=300)
    verdicts = [verdict(policy, pressed, now) for now in range(9)]
    assert (
        verdicts
        == [Retry(pause=pause) for pause in (0.5, 1, 2, 4, 8, 16)] + [Retry(pause=20.0)] * 3
    )
    end = "ThrottledError" if pressed.status == 429 else "ServerError"
    assert verdict(policy, pressed, 300) == end
    assert verdict(tries(repeatable=True, paced=False, patience=0), pressed) == end


def test_another_503_of_the_storage_is_a_failure_as_everywhere() -> None:
    policy = tries(repeatable=True, paced=False, most=2)
    assert [verdict(policy, answer(503)) for _ in range(2)] == [SOON, "ServerError"]


def test_a_server_is_left_alone_as_long_as_it_asks() -> None:
    """Up to the patience; where a limiter paces, the pause comes before the turn."""
    asks = {"asked_pause": 30.0}
    paced, alone = (tries(repeatable=True, paced=paced) for paced in (True, False))
    assert verdict(paced, answer(429, **asks)) == Retry(pause=30.0, first=True)
    assert verdict(alone, answer(429, **asks)) == Retry(pause=30.5)
    assert verdict(paced, answer(503, **asks)) == Retry(pause=30.0)
    assert verdict(tries(repeatable=True, patience=5), answer(503, **asks)) == Retry(pause=5.0)
    assert verdict(tries(repeatable=True, patience=30), answer(429, **asks)) == "ThrottledError"
    assert verdict(paced, answer(429, **asks), now=31) == "ThrottledError"
    assert verdict(tries(repeatable=False), answer(503, **asks)) == "InDoubtError"


@pytest.mark.parametrize(
    ("result", "repeatable", "kind", "words"),
    [
        (answer(503), False, InDoubtError, "answered 503"),
        (AFTER, False, InDoubtError, "reset"),
        (answer(302, location="/x"), False, InDoubtError, "answered 302, a redirect"),
        (BEFORE, False, NotSentError, "refused"),
        (answer(503), True, ServerError, "answered 503"),
        (answer(403, DENIED), False, AccessDeniedError, "Access to requested resource"),
        (answer(429), False, ThrottledError, "429"),
        (answer(302, location="//evil/?" + "x" * 999), True, UntrustedLinkError, "//evil/"),
        (answer(302), True, UntrustedLinkError, "redirected to (302)"),
        (answer(200, gap="3 bytes of 9"), True, DecodeError, "3 bytes of 9"),
    ],
)
def test_errors_say_what_happened(
    result: Response | NoResponse,
    repeatable: bool,
    kind: type[MessagingError],
    words: str,
) -> None:
    with pytest.raises(kind) as caught:
        tries(repeatable=repeatable, most=1, patience=0).decide(result, 0)
    assert type(caught.value) is kind
    assert words in str(caught.value)
    assert ORDER in str(caught.value)
    assert len(str(caught.value)) < 500


def test_a_redirected_upload_does_not_show_its_signature() -> None:
    location = "https://bucket.s3.eu-west-1.amazonaws.com/x?X-Amz-Signature=secret"
    with pytest.raises(UntrustedLinkError) as caught:
        tries(repeatable=True).decide(answer(307, location=location), 0)
    assert "secret" not in str(caught.value)
    assert "bucket.s3.eu-west-1.amazonaws.com" in str(caught.value)


def test_a_doubt_keeps_the_answer_as_its_cause() -> None:
    with pytest.raises(InDoubtError) as caught:
        tries(repeatable=False).decide(answer(500, DENIED), 0)
    cause = caught.value.__cause__
    assert isinstance(cause, ServerError)
    assert cause.message == "Access to requested resource is denied."


def test_no_repr_shows_a_text_or_a_signature() -> None:
    request = Request(
        operation="op",
        method="PUT",
        url="https://s3/?secret",
        body=b"secret",
    )
    reply = Response(status=200, body=b"secret", url="https://s3/?secret", location="/?secret")
    assert "secret" not in repr([request, reply, RetryPolicy(request=request, patience=1)])


RESULTS = st.one_of(
    st.sampled_from([row[0] for row in TABLE]),
    st.builds(NoResponse, st.just("reset"), st.booleans()),
    st.builds(answer, st.integers(100, 599), st.sampled_from([b"", EXPIRED, DENIED, NOT_NOW])),
)
STEPS = st.lists(st.tuples(RESULTS, st.floats(0, 30)), max_size=30)


def is_doubtful(result: Response | NoResponse) -> bool:
    """Say whether the message may have been delivered."""
    if isinstance(result, NoResponse):
        return result.head_sent
    if result.status < 300 and (b"errors" in result.body or b"<" in result.body):
        return True
    return result.status < 200 or 300 <= result.status < 400 or result.status >= 500


@given(steps=STEPS, most=st.integers(1, 6), patience=st.floats(0, 100))
@settings(deadline=None, max_examples=300, database=None)
def test_nothing_in_doubt_is_ever_sent_again(
    steps: list[tuple[Response | NoResponse, float]], most: int, patience: float
) -> None:
    policy, now = tries(repeatable=False, most=most, patience=patience), 0.0
    for result, passed in steps:
        now += passed
        judged = verdict(policy, result, now)
        assert (judged == "InDoubtError") == is_doubtful(result)
        if isinstance(judged, Retry):
            safe = (
                result == BEFORE
                or isinstance(result, NoResponse)
                or result.status in {401, 403, 429}
            )
            assert safe
        elif judged is not result:
            assert isinstance(judged, str)
            assert issubclass(getattr(errors, judged), MessagingError)


@given(steps=STEPS, most=st.integers(1, 6), repeatable=st.booleans())
@settings(deadline=None, max_examples=200, database=None)
def test_attempts_come_to_an_end(
    steps: list[tuple[Response | NoResponse, float]],
    most: int,
    repeatable: bool,
) -> None:
    """Besides throttles, one renewed token and ``most`` - 1 failures lead to another attempt."""
    policy, now, again = tries(repeatable=repeatable, most=most), 0.0, []
    for result, passed in steps:
        now += passed
        judged = verdict(policy, result, now)
        if isinstance(judged, Response):
            assert judged is result
            assert 200 <= judged.status < 300
        throttled = isinstance(result, Response) and result.status == 429
        again += [judged] if isinstance(judged, Retry) and not throttled else []
    assert again.count(RENEWED) <= 1
    assert len([verdict for verdict in again if verdict != RENEWED]) <= most - 1
