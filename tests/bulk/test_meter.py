"""A rate is said when there is one, and then it is the rate."""

import pytest
from hypothesis import given, strategies as st

from spapi_messaging.bulk.meter import Meter


def measured(times: list[float]) -> Meter:
    meter = Meter()
    for time in times:
        meter.count(time)
    return meter


def at_quota(count: int, *, rate: float, burst: int, start: float = 0.0) -> list[float]:
    """Return when messages go out that a bucket of tokens lets out as soon as it can."""
    return [start + max(0, number - burst + 1) / rate for number in range(count)]


@pytest.mark.parametrize(
    "times", [[], [0.0], [0.0, 0.001, 0.002, 0.003, 0.004], at_quota(400, rate=500, burst=100)]
)
def test_a_burst_has_no_rate(times: list[float]) -> None:
    meter = measured(times)
    now = times[-1] if times else 0.0
    assert (meter.recent(now), meter.mean(now)) == (None, None)


@given(
    rate=st.floats(0.02, 400),
    burst=st.integers(1, 50),
    start=st.floats(0, 1e6),
    part=st.floats(0, 0.99),
)
def test_what_goes_out_at_a_quota_has_its_rate_from_the_first_on(
    rate: float, burst: int, start: float, part: float
) -> None:
    """Whenever it is looked at, between one and the next."""
    meter, told = Meter(), []
    for time in at_quota(burst + 10 + int(rate * 5), rate=rate, burst=burst, start=start):
        meter.count(time)
        told.append((meter.recent(time + part / rate), meter.mean(time + part / rate)))
    assert told[-1] != (None, None)
    for recent, mean in told:
        assert recent == (None if recent is None else pytest.approx(rate, rel=0.01))
        assert mean == (None if mean is None else pytest.approx(rate, rel=0.01))


def test_it_falls_while_nothing_comes() -> None:
    meter = measured(at_quota(25, rate=1, burst=5))
    assert meter.recent(21) == pytest.approx(1)
    assert meter.recent(40) == pytest.approx(0.5, rel=0.05)
    assert (meter.recent(400) or 1) < 0.06


def test_what_was_saved_up_in_a_pause_does_not_raise_it() -> None:
    before = at_quota(25, rate=1, burst=5)
    meter = measured([*before, *at_quota(5, rate=1, burst=5, start=100)])
    assert meter.recent(100) is None
    meter = measured([*before, *at_quota(15, rate=1, burst=5, start=100)])
    assert meter.recent(110) == pytest.approx(1)
    assert (meter.mean(110) or 1) < 0.4, "the whole of it was slower"


def test_the_last_minute_forgets_what_was_before() -> None:
    slow = at_quota(100, rate=1, burst=5)
    meter = measured([*slow, *(slow[-1] + number / 10 for number in range(1, 800))])
    now = slow[-1] + 80
    assert meter.recent(now) == pytest.approx(10, rel=0.02)
    assert (meter.mean(now) or 10) < 6
    assert len(meter._marks) < 150
