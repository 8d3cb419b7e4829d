"""The rate that is believed in, from successes, 429s and headers: arithmetic, without a clock."""

import pytest

from spapi_messaging.quota.pace import Pace


def recover(pace: Pace, successes: int = 1000) -> list[float]:
    """Return the rates that so many successes led to."""
    rates = []
    for _ in range(successes):
        pace.succeeded()
        if pace.wanted > pace.rate:
            pace.raised()
            rates.append(pace.rate)
    return rates


def measured_pace(admitted: int, seconds: float) -> Pace:
    """Return the pace of 1/s after two 429s with so many successes in between."""
    pace = Pace(1.0)
    pace.throttled(0, in_flight=0)
    recover(pace, admitted)
    pace.throttled(seconds, in_flight=0)
    return pace


def test_what_was_admitted_between_two_429s_is_the_rate() -> None:
    assert measured_pace(12, 20).rate == pytest.approx(0.6 * 0.95)


def test_a_process_that_sends_a_part_measures_the_whole() -> None:
    """Of four that share the rate, each sees a quarter of what is admitted."""
    pace = Pace(1.0)
    pace.share = 0.25
    pace.throttled(0, in_flight=0)
    recover(pace, 4)
    pace.throttled(20, in_flight=0)
    assert pace.rate == pytest.approx(0.8 * 0.95)


def test_what_another_process_found_out_is_in_force_and_can_be_raised_again() -> None:
    pace = Pace(1.0)
    pace.learned(rate=0.5, promised=1.0, level=None)
    assert (pace.rate, pace.wanted) == (0.5, 0.5)
    assert recover(pace, 8) == [1]
    pace.learned(rate=0.57, promised=1.0, level=0.6)
    assert pace.level == 0.6
    assert recover(pace, 100)[-1] < 0.65
    assert recover(pace)[-1] == 1


def test_one_measurement_at_most_halves_the_rate() -> None:
    assert measured_pace(12, 10_000).rate == pytest.approx(0.5 * 0.95)


def test_the_way_back_is_level_near_the_measured_rate_and_takes_few_steps() -> None:
    pace = measured_pace(12, 20)
    rates = recover(pace)
    assert rates[-1] == 1
    assert len(rates) < 30
    assert recover(measured_pace(12, 20), 100)[-1] < 0.65


def test_a_measurement_of_long_ago_is_outweighed_by_later_ones() -> None:
    pace, time = measured_pace(10, 20), 20.0
    for admitted, rate in [(5000, 0.5), *[(100, 0.9)] * 5]:
        recover(pace, admitted)
        pace.rate = pace.wanted = 0.99
        time += admitted / rate
        pace.throttled(time, in_flight=0)
    assert 0.84 < pace.rate < 0.95 * 0.9


def test_a_429_of_another_process_ends_the_belief_in_an_announced_rate() -> None:
    pace = Pace(1.0)
    pace.announced("16.0")
    assert recover(pace, 2) == [2, 4]
    pace.learned(rate=2.0, promised=16.0, level=None)
    assert recover(pace, 8) == [4, 8]


def test_429s_in_quick_succession_void_what_was_measured_before() -> None:
    pace = measured_pace(19, 19 / 0.6)
    recover(pace, 3)
    pace.throttled(100, in_flight=0)
    recover(pace, 5)
    pace.throttled(100 + 5 / 0.45, in_flight=0)
    assert pace.rate == pytest.approx(0.45 * 0.95)


@pytest.mark.parametrize("before", [["0.1"], []])
def test_what_was_once_measured_does_not_change_the_steps_of_an_announced_raise(
    before: list[str],
) -> None:
    pace = measured_pace(12, 20)
    for header in before:
        pace.announced(header)
    recover(pace)
    pace.announced("5.0")
    assert recover(pace, 30) == ([0.2, 0.4, 0.8, 1.6, 3.2, 5] if before else [2, 4, 5])
