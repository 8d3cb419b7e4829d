"""Whose clock is off, by the servers' words."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from helpers.doctor import at, doctor
from helpers.fault_server import http, says, serving
from multidict import CIMultiDict

from spapi_messaging.cli.doctor.clock import look_at_clock

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def said(seconds: float, **more: str) -> CIMultiDict[str]:
    """Return the headers of a server that is ahead of us."""
    date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    return CIMultiDict({"date": date} | more)


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([said(0)], "ok  0 s off"),
        ([said(299)], "ok  299 s off"),
        ([said(-301)], "BAD this machine's clock is 5 min 1 s ahead"),
        ([said(600)], "BAD this machine's clock is 10 min behind"),
        ([said(3 * 3600)], "BAD this machine's clock is 3 h behind"),
        ([said(-400 * 86400)], "BAD this machine's clock is 400 d ahead"),
        ([said(-900, age="900")], "ok  0 s off"),
        ([said(-900, age="-5")], "BAD this machine's clock is 15 min ahead"),
        ([said(-900, age="9" * 99)], "BAD this machine's clock is 15 min ahead"),
        ([CIMultiDict(), said(1)], "ok  1 s off"),
        ([said(4000), said(2)], "hm  2 s off by one server, 1 h 6 min by another"),
        ([said(4000), said(3000)], "BAD this machine's clock is 50 min behind"),
        ([CIMultiDict()], "--  not compared: the servers do not say what time it is"),
        ([], "--  not compared: no server answers"),
    ],
)
def test_the_clock_is_compared_with_what_servers_say(
    answers: list[CIMultiDict[str]], told: str
) -> None:
    found = look_at_clock(answers, NOW)
    assert f"{found.mark.value} {found.sentence}" == told
    assert ("NTP" in "".join(found.advice)) == told.startswith("BAD")


@pytest.mark.parametrize(
    ("date", "told"),
    [
        ("Date: Thu, 01 Jan 2026 00:00:00 -0000", "NTP"),
        ("Date: Thu, 01 Jan 2026 00:00:00 +0100", "NTP"),
        ("Date: Mon, 01 Jan 0001 00:00:00 +2359", "NTP"),
        ("Date: Fri, 31 Dec 9999 23:59:59 -2359", "NTP"),
        ("Date: Fri, 31 Dec 99999 23:59:59 GMT", "not compared"),
        ("Date: Fri, 31 Feb 2026 23:59:59 GMT", "not compared"),
        ("Date: 1", "not compared"),
        ("Date: \u202eyesterday +9999999", "not compared"),
        ("Date:", "not compared"),
        ("X-Date: none", "not compared"),
    ],
)
async def test_the_doctor_takes_any_date(date: str, told: str) -> None:
    async with serving(says(http("403 Forbidden", b"{}", date))) as server:
        found = await doctor(at(server.url, server.token_url))
    assert told in found["clock"]
