"""Reports of runs of all kinds, as a browser is to show them."""

from collections.abc import Callable, Mapping

from helpers.reports import EVIL, NOON, PROBLEM, doubt, entry, honest, plan, refused, report

from spapi_messaging.bulk import Entry

_LINK = "BadRequestError 400 InvalidInput: The message contains a link to another site"
_PERMITTED = "ActionNotPermittedError 403 Unauthorized: Invalid amazonOrderId and template"
_LONG = "createSomethingThatHasAVeryLongNameIndeedAndStillGoesOn"


def _sent(moments: list[float], first: int = 0, **values: object) -> list[Entry]:
    return [
        entry(first + n, at, ended_at=NOON + at + 0.2 + n % 7 / 5, **values)
        for n, at in enumerate(moments)
    ]


def _short() -> str:
    return report(_sent(honest(24)), plans=[plan()])


def _paused() -> str:
    starts = (0.0, 50_000.0, 50_300.0, 200_000.0)
    runs = [_sent(honest(90, since=since), 100 * n) for n, since in enumerate(starts)]
    return report([*(each for run in runs for each in run), doubt(900, 80)], plans=[plan()])


def _often_paused() -> str:
    return report([each for n in range(30) for each in _sent(honest(20, since=n * 400.0), 100 * n)])


def _three_actions() -> str:
    """Ten thousand jobs in hours."""
    kinds = {PROBLEM: (6000, 1.0), "CreateWarranty": (3000, 0.5), "sendInvoice": (1000, 0.2)}
    entries, plans = [], []
    for place, (operation, (count, rate)) in enumerate(kinds.items()):
        plans.append(plan(rate, operation=operation))
        moments = honest(count, rate=rate)
        entries += _sent(moments[50:], 10_000 * place, operation=operation)
        for n, at in enumerate(moments[:50]):
            number = 10_000 * place + 9_000 + n
            odd = refused(number, at, _LINK) if n % 2 else doubt(number, at, operation=operation)
            entries.append(odd)
    return report(entries, plans=plans)


def _long_labels() -> str:
    kinds = range(14)
    return report(
        [
            each
            for kind in kinds
            for each in _sent(
                honest(50),
                100 * kind,
                operation="中" * 60 if kind % 3 else f"{_LONG}{kind}",
                seller=f"{EVIL}{kind}",
            )
        ]
    )


def _hostile_words() -> str:
    sent = _sent(honest(20), operation=EVIL, seller=EVIL)
    reason = f"BadRequestError 400 InvalidInput: {EVIL} {'w' * 500}"
    refusals = [refused(30 + n, float(n), reason) for n in range(4)]
    doubts = [doubt(40 + n, float(n), reason=EVIL, operation="x" * 90) for n in range(3)]
    return report([*sent, *refusals, *doubts], title=EVIL)


def _several_sellers() -> str:
    kinds, entries, plans = (PROBLEM, "CreateWarranty", "sendInvoice"), [], []
    for place in range(6):
        seller = f"A-SELLER-{place}"
        plans += [plan(seller=seller, operation=each) for each in kinds]
        for n in range(30 * (place + 1)):
            values = {"seller": seller, "operation": kinds[n % 3]}
            entries.append(entry(1000 * place + n, n * 2.0 + place, **values))
    stopped = entry(9000, 10, state="not sent", reason="stopped", seller="A-SELLER-2")
    return report([*entries, stopped, doubt(9001, 20, seller="A-SELLER-3")], plans=plans)


def _big_numbers() -> str:
    moments = [n // 50_000 + n % 50_000 * 2e-5 for n in range(250_000)]
    return report([entry(n, at) for n, at in enumerate(moments)], plans=[plan(60_000, 90_000)])


def _all_refused() -> str:
    reasons = (_PERMITTED, _LINK, None, "NotFoundError 404 NotFound")
    return report([refused(n, float(n), reasons[n % 4]) for n in range(1200)], plans=[plan()])


def _doubts() -> str:
    causes = ("answered 503 with an error", "the connection was closed", None)
    return report([doubt(n, float(n), reason=causes[n % 3]) for n in range(10_000)])


PAGES: Mapping[str, Callable[[], str]] = {
    "empty": lambda: report([]),
    "one job": lambda: report([entry(0, 0)], plans=[plan()]),
    "twenty seconds": _short,
    "pauses": _paused,
    "many pauses": _often_paused,
    "three actions": _three_actions,
    "long labels": _long_labels,
    "hostile words": _hostile_words,
    "several sellers": _several_sellers,
    "big numbers": _big_numbers,
    "all refused": _all_refused,
    "ten thousand doubts": _doubts,
}
