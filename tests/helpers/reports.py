"""Entries of journals, and the page that is made of them."""

from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import attrs

from spapi_messaging.bulk.journal import Entry, Plan
from spapi_messaging.cli.report import Commands, Report, render_report

NOON = 1_772_366_400.0
"""2026-03-01 12:00:00 UTC."""


NOW = datetime(2026, 3, 1, 18, 30, tzinfo=UTC)
EVIL = "<script>alert('x')</script>\"><img src=http://evil.example/> $x^2$ @0 \u202e\x00 中"
VOID = {"meta", "link", "wbr", "br", "img"}


def entry(number: int, at: float, **values: Any) -> Entry:
    given: dict[str, Any] = {
        "key": f"key-{number:07}",
        "seller": "A-SELLER",
        "marketplace": "A1PA6795UKMFR9",
        "order_id": f"903-{number:07}-0812628",
        "operation": "createUnexpectedProblem",
        "state": "sent",
        "began_at": NOON + at,
        "ended_at": NOON + at + 0.5,
    }
    return Entry(**(given | values))


def refused(number: int, at: float, reason: str | None = "NotFoundError 404 NotFound") -> Entry:
    return entry(number, at, state="refused", reason=reason)


def doubt(number: int, at: float, **values: Any) -> Entry:
    return entry(number, at, **({"state": "sending", "ended_at": None} | values))


SAMPLE = [
    *(entry(n, n, ended_at=NOON + n + 0.1 * (n + 1)) for n in range(10)),  # 0.1 s to 1.0 s
    *(entry(n, 50 + n, operation="CreateWarranty") for n in range(10, 20)),  # 60 s to 69 s
    refused(20, 80),
    refused(21, 81),
    refused(22, 82, "ActionNotOfferedError"),
    entry(23, 90, state="not sent", reason="stopped"),
    doubt(24, 110, reason="answered 503 with an error", operation="sendInvoice"),
    doubt(25, 120),
]
"""20 sent, 3 refused, 1 not sent, 2 in doubt, in two minutes."""


COMMANDS = Commands(journal="jobs.csv.journal", jobs="jobs.csv")
PROBLEM = "createUnexpectedProblem"


def plan(rate: float = 1.0, burst: int = 5, **values: Any) -> Plan:
    given = {"began_at": NOON, "seller": "A-SELLER", "operation": PROBLEM} | values
    return Plan(rate=rate, burst=burst, **given)


def report(entries: list[Entry], title: str = "campaign", **options: Any) -> str:
    given = {"now": NOW, "commands": COMMANDS, "zone": UTC} | options
    return render_report(entries, Report(title=title, **given))


def honest(count: int, *, rate: float = 1.0, burst: int = 5, since: float = 0.0) -> list[float]:
    """Return when messages go out that use a plan to the full, as our limiter does."""
    saved, at = burst - 1.0, since
    moments = []
    for _ in range(count):
        if saved < 1:
            at += (1 - saved) / rate
            saved = 1.0
        saved -= 1
        moments.append(at)
    return moments


@attrs.define
class Page(HTMLParser):
    """What a page consists of; tags that are not closed in order fail."""

    tags: list[tuple[str, dict[str, str | None]]] = attrs.field(factory=list)
    data: list[str] = attrs.field(factory=list)
    path: list[str] = attrs.field(factory=list)

    def __attrs_post_init__(self) -> None:
        super().__init__()

    @classmethod
    def of(cls, html: str) -> "Page":
        page = cls()
        page.feed(html)
        page.close()
        assert page.path == []
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.path.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.path.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.path:
            self.data.append(data)

    @property
    def text(self) -> str:
        return "".join(self.data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]
