"""Nobody is hammered: the storage's 429 and 503, and what a server asks for with Retry-After."""

from itertools import pairwise

import pytest
from helpers.fault_server import FaultServer, Response, created, http, says
from helpers.fault_sessions import QUOTA, outcome
from helpers.storage import now, sent_to, storage
from helpers.virtual_time import virtual

from spapi_messaging import Receipt, ThrottledError, UploadError

SLOW_DOWN = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message>"
PRESSED = [
    ("429 Too Many Requests", b""),
    ("503 Slow Down", SLOW_DOWN),
]


def noting(times: list[float], answers: list[Response]) -> Response:
    async def answer(server: FaultServer, writer: object) -> None:
        times.append(now())
        await (answers.pop(0) if len(answers) > 1 else answers[0])(server, writer)

    return answer


@pytest.mark.parametrize("pressed", PRESSED, ids=lambda pressed: pressed[0])
@virtual
async def test_a_storage_under_pressure_is_left_alone_for_longer_and_longer(
    pressed: tuple[str, bytes],
) -> None:
    """It is asked some twenty times in five minutes, and then no more."""
    times: list[float] = []
    async with storage(noting(times, [says(http(*pressed))])) as (home, _):
        began = now()
        error = await sent_to(home, patience=300)
        assert isinstance(error, UploadError)
        assert 295 <= now() - began <= 330
        pauses = [later - sooner for sooner, later in pairwise(times)]
        assert 10 <= len(times) <= 40
        assert min(pauses) >= 0.25
        assert max(pauses) <= 20.1
        assert min(pauses[6:]) >= 10
        assert len(home.posts) == 1


@pytest.mark.parametrize("pressed", PRESSED, ids=lambda pressed: pressed[0])
@virtual
async def test_a_storage_whose_pressure_passes_gets_the_file(pressed: tuple[str, bytes]) -> None:
    times: list[float] = []
    answers = [*[says(http(*pressed))] * 8, says(http("200 OK"))]
    async with storage(noting(times, answers)) as (home, _):
        assert await sent_to(home) is None
        assert len(times) == 9
        assert len(home.posts) == 2


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        (["Retry-After: 7"], 7, 8),
        (["Retry-After: 7.5"], 7.5, 8.5),
        (["retry-after:  0 "], 0.25, 1),
        (["Retry-After: 3600"], 60, 61),
        (["Retry-After: 99999999999999999999999999"], 60, 61),
        (["Retry-After: -5"], 0.25, 1),
        (["Retry-After: soon"], 0.25, 1),
        (["Retry-After: nan"], 0.25, 1),
        (["Retry-After: 1e9"], 0.25, 1),
        (["Retry-After: \u0661\u0662"], 0.25, 1),
        (
            ["Date: Fri, 27 Nov 2026 10:00:00 GMT", "Retry-After: Fri, 27 Nov 2026 10:00:09 GMT"],
            9,
            10,
        ),
        (
            ["Date: Fri, 27 Nov 2026 10:00:00 GMT", "Retry-After: Fri, 27 Nov 2026 09:00:00 GMT"],
            0.25,
            1,
        ),
        (
            ["Date: Fri, 27 Nov 2026 10:00:00 -0000", "Retry-After: Fri, 27 Nov 9999 09:00:00 GMT"],
            60,
            61,
        ),
        (["Date: never", "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT"], 0.25, 1),
        (["Retry-After: Fri, 99 Nov 2026 99:00:00 GMT"], 0.25, 1),
    ],
)
@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Unavailable"])
@virtual
async def test_a_storage_is_left_alone_as_long_as_it_asks(
    status: str, headers: list[str], least: float, most: float
) -> None:
    times: list[float] = []
    answers = [says(http(status, b"", *headers)), says(http("200 OK"))]
    async with storage(noting(times, answers)) as (home, _):
        assert await sent_to(home) is None
        assert least <= times[1] - times[0] <= most


@pytest.mark.parametrize("status", ["429 Too Many Requests", "403 Forbidden"])
@virtual
async def test_a_message_is_sent_again_when_amazon_asks(status: str) -> None:
    """A 429 with Retry-After waits for it before it takes its turn; nothing else is repeated."""
    times: list[float] = []
    async with storage() as (home, _):
        throttled = says(http(status, QUOTA, "Retry-After: 30"))
        home.answers = [noting(times, [throttled, created])]
        result = await outcome(home)
        if status.startswith("429"):
            assert isinstance(result, Receipt)
            assert 30 <= times[1] - times[0] <= 31
        else:
            assert len(times) == 1


@virtual
async def test_a_wait_that_is_longer_than_the_patience_is_not_begun() -> None:
    async with storage() as (home, _):
        home.answers = [says(http("429 Too Many", QUOTA, "Retry-After: 30"))]
        began = now()
        assert isinstance(await outcome(home, patience=20), ThrottledError)
        assert now() - began < 1
        assert len(home.posts) == 1
