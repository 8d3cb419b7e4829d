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


def kept(rate: float, admitted: float) -> float:
    """Return at what a rate is kept that so many requests measured."""
    return rate * (1 - 1 / (2 * admitted))


def measured_pace(admitted: int, seconds: float) -> Pace:
    """Return the pace of 1/s after two 429s with so many successes in between."""
    pace = Pace(1.0)
    pace.throttled(0, in_flight=0)
    recover(pace, admitted)
    pace.throttled(seconds, in_flight=0)
    return pace


def test_what_was_admitted_between_two_429s_is_the_rate() -> None:
    assert measured_pace(12, 20).rate == pytest.approx(kept(0.6, 12))


@pytest.mark.parametrize(
    ("successes", "burst", "in_flight", "rate"),
    [
        (4, 5, 0, 1),
        (5, 5, 0, 0.5),
        (8, 5, 0, 0.7),
        (18, 5, 0, 0.9),
        (50, 5, 0, 1),
        (8, 10, 0, 1),
        (13, 10, 0, 0.7),
        (4, 5, 4, 0.5),
        (2, 5, 8, 1),
        (10, 5, 4, 0.7),
    ],
)
def test_the_first_429_gives_a_guess_from_what_was_admitted_beyond_the_burst(
    successes: int, burst: int, in_flight: int, rate: float
) -> None:
    """With fewer the bucket was not full at the start; after fifty it stands alone."""
    pace = Pace(1.0, burst=burst)
    recover(pace, successes)
    pace.throttled(60, in_flight=in_flight)
    assert pace.rate == pytest.approx(kept(rate, 12) if rate < 1 else 1)


def test_a_process_that_sends_a_part_measures_the_whole() -> None:
    """Of four that share the rate, each sees a quarter of what is admitted."""
    pace = Pace(1.0)
    pace.share = 0.25
    pace.throttled(0, in_flight=0)
    recover(pace, 4)
    pace.throttled(20, in_flight=0)
    assert pace.rate == pytest.approx(kept(0.8, 16))
    assert recover(pace, 3 * 16 // 4)[-1] == pytest.approx(0.8, rel=0.006)


def test_what_another_process_found_out_is_in_force_and_can_be_raised_again() -> None:
    pace = Pace(1.0)
    pace.learned(rate=0.5, promised=1.0, level=None)
    assert (pace.rate, pace.wanted) == (0.5, 0.5)
    assert recover(pace, 8) == [1]


def test_what_another_process_measured_is_held_as_long_as_there() -> None:
    """How far it is kept below itself tells by how many it was measured."""
    ours, theirs = measured_pace(20, 40), Pace(1.0)
    theirs.learned(rate=ours.rate, promised=1.0, level=ours.level)
    assert theirs.level == 0.5
    assert recover(theirs) == pytest.approx(recover(ours))


def test_a_raise_that_another_process_heard_of_is_taken_back_here_too() -> None:
    pace = Pace(1.0)
    pace.learned(rate=20.0, promised=20.0, level=None)
    pace.announced("20.0")
    pace.throttled(0, in_flight=0)
    assert (pace.rate, pace.promised) == (kept(1, 12), 20)


def test_one_measurement_at_most_halves_the_rate() -> None:
    assert measured_pace(12, 10_000).rate == pytest.approx(kept(0.5, 12))


def test_no_measurement_raises_the_rate() -> None:
    assert measured_pace(12, 1).rate == pytest.approx(kept(1, 12))


@pytest.mark.parametrize("admitted", [6, 12, 40])
def test_a_measured_rate_is_held_for_longer_the_more_it_was_measured_by(admitted: int) -> None:
    pace = measured_pace(admitted, admitted / 0.6)
    held = recover(pace, 6 * admitted)
    assert max(held, default=0) < 0.6 * (1 + 1 / admitted)
    assert len(held) < 20
    assert recover(pace, 30 * admitted)[-1] == 1


def test_the_way_back_from_a_hundredth_is_not_endless() -> None:
    pace = measured_pace(50, 100)
    pace._level = pace.rate = pace.wanted = 0.01
    rates = recover(pace, 900)
    assert rates[-1] == 1
    assert rates[-2] == pytest.approx(0.64, rel=0.1), "no more than doublings"


def test_a_measurement_of_long_ago_is_outweighed_by_later_ones() -> None:
    pace, time = measured_pace(10, 20), 20.0
    for admitted, rate in [(45, 0.5)] * 20 + [(45, 0.9)] * 5:
        recover(pace, admitted)
        pace.rate = pace.wanted = 0.99
        time += admitted / rate
        pace.throttled(time, in_flight=0)
    assert 0.84 < pace.rate < 0.9


def test_429s_in_quick_succession_void_what_was_measured_before() -> None:
    """They halve the rate, until four requests were admitted that measure it anew."""
    time = 19 / 0.6
    pace = measured_pace(19, time)
    recover(pace, 3)
    pace.throttled(time + 5, in_flight=0)
    assert pace.rate == pytest.approx(kept(0.6, 19) / 2)
    recover(pace, 3)
    pace.throttled(time + 25, in_flight=0)
    assert pace.rate == pytest.approx(kept(6 / 25, 6))


def test_an_announced_rate_is_wanted_at_once_and_the_first_429_takes_it_back() -> None:
    pace = Pace(1.0)
    pace.announced("20.0")
    assert (pace.rate, pace.wanted) == (1, 20)
    pace.raised()
    recover(pace, 11)
    pace.throttled(60, in_flight=0)
    assert (pace.rate, pace.promised) == (kept(1, 12), 20)


@pytest.mark.parametrize(("successes", "rate"), [(12, 16.7), (20, 18.2), (50, 20)])
def test_an_announced_rate_that_let_pass_much_more_than_a_burst_is_not_taken_back(
    successes: int, rate: float
) -> None:
    """It may be a little less, as at the start."""
    pace = measured_pace(12, 20)
    pace.announced("20.0")
    pace.raised()
    recover(pace, successes)
    pace.throttled(60, in_flight=0)
    assert pace.rate == pytest.approx(kept(rate, 12) if rate < 20 else 20, rel=0.01)
    assert pace.promised == 20


def test_of_two_announced_raises_in_a_row_both_are_taken_back() -> None:
    pace = Pace(1.0)
    for header in ("20.0", "400.0"):
        pace.announced(header)
        pace.raised()
        recover(pace, 3)
    pace.throttled(60, in_flight=0)
    assert pace.rate == kept(1, 12)


@pytest.mark.parametrize("headers", [["20.0"] * 40, ["20.0", "1.0"] * 20, ["20.0", "21.0"] * 20])
def test_what_is_announced_after_a_lie_is_climbed_to(headers: list[str]) -> None:
    pace = Pace(1.0)
    pace.announced(headers[0])
    pace.raised()
    pace.throttled(0, in_flight=0)
    for header in headers:
        pace.announced(header)
        recover(pace, 1)
        assert pace.rate <= 1.01
    recover(pace, 300)
    assert pace.rate == pace.promised, "for ever"
    pace.announced("100.0")
    assert pace.wanted == 100, "it was climbed to, and is believed again"


@pytest.mark.parametrize("before", [["0.1"], []])
def test_what_was_once_measured_holds_no_announced_raise_back(before: list[str]) -> None:
    pace = measured_pace(12, 20)
    for header in before:
        pace.announced(header)
    recover(pace)
    pace.announced("5.0")
    assert recover(pace, 30) == [5]


def test_a_lower_rate_that_is_announced_leaves_a_still_lower_one_as_it_is() -> None:
    pace = measured_pace(20, 100)
    pace.announced("0.8")
    assert pace.rate == kept(0.5, 20)
    assert recover(pace)[-1] == 0.8


def test_it_is_steady_when_a_success_more_or_less_makes_no_difference() -> None:
    ours, theirs = Pace(1.0), Pace(1.0)
    for pace in (ours, theirs):
        pace.throttled(0, in_flight=0)
    recover(ours, 49)
    assert not ours.is_steady
    recover(ours, 51)
    recover(theirs, 10_000)
    for pace in (ours, theirs):
        assert pace.is_steady
        pace.throttled(100, in_flight=3)
        assert not pace.is_steady
        recover(pace, 20)
        pace.throttled(130, in_flight=0)
        for _ in range(6):
            pace.answered()
        recover(pace, 100)
    assert ours == theirs


def test_it_is_not_steady_while_a_round_is_counted() -> None:
    pace = Pace(1.0, burst=101)
    pace.throttled(0, in_flight=100)
    recover(pace, 100)
    assert not pace.is_steady
    for _ in range(200):
        pace.answered()
    recover(pace, 1)
    assert pace.is_steady


def test_news_of_another_process_takes_no_raise_back_that_is_still_wanted() -> None:
    pace = Pace(1.0)
    pace.announced("20.0")
    pace.learned(rate=1.0, promised=20.0, level=None)
    assert pace.wanted == 20
    pace.learned(rate=1.0, promised=4.0, level=None)
    assert pace.wanted == 4


def test_what_was_admitted_before_a_plan_was_announced_measures_nothing_of_it() -> None:
    pace = measured_pace(40, 80)
    recover(pace, 2)
    pace.announced("0.2")
    pace.throttled(100, in_flight=0)
    recover(pace, 3)
    pace.throttled(110, in_flight=0)
    recover(pace, 8)
    pace.throttled(160, in_flight=0)
    assert pace.rate == pytest.approx(kept(11 / 60, 11))
