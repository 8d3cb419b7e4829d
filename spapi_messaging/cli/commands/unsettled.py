"""Messages in doubt, as they are listed and settled by hand.

What a person settles is what was shown: a run that has written to it meanwhile knows better. Who
stops in the middle has answered what came before, and that is kept.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence

import attrs
import typer
from rich.console import Console

from spapi_messaging.bulk import Entry, reason_in_words, wait_although_cancelled
from spapi_messaging.cli.credentials import DEFAULT_SELLER
from spapi_messaging.cli.hints import program_command
from spapi_messaging.cli.moments import moment
from spapi_messaging.cli.settings import (
    DONE,
    IN_DOUBT,
    STOPPED,
    console,
    is_lost,
    offer,
    run,
    say,
    tell,
    tell_folded,
)
from spapi_messaging.cli.sources import Settled, Source
from spapi_messaging.cli.words import NO_ANSWER, action_name, counted_doubts
from spapi_messaging.redaction import printable

_SHOWN = 20
"""Doubts that a terminal gets; a pipe gets all."""
_ANSWERS = ("sent", "resend", "leave")
_HOW = (
    "Look each order up in Seller Central, then answer: sent, if the buyer has the message; "
    "resend, if not: the next run of the file sends it again; or leave it in doubt."
)


def list_doubts(
    screen: Console, source: Source, pending: Iterable[Entry], settle: str | None = None
) -> int:
    """List what is in doubt, and return how many there are.

    Who is asked about each sees them one by one.
    """
    count = 0
    for entry in pending:
        if is_lost(so_far=True):
            break
        count += 1
        if settle != "ask" and (count <= _SHOWN or not screen.is_terminal):
            tell_folded(screen, _doubt(entry), "  ")
    if not count:
        tell(screen, "Nothing is in doubt.")
    elif settle == "ask":
        tell(screen, f"{count:,} in doubt.")
    elif screen.is_terminal and count > _SHOWN:
        tell(screen, f"\N{HORIZONTAL ELLIPSIS} and {count - _SHOWN:,} more. All of them:")
        offer(screen, f"{program_command('doubts', *source.words)} | less")
    return count


def tell_how_to_settle(source: Source, count: int) -> None:
    """Say what to do about so many, beside the list; nobody is told who did not see it."""
    if is_lost():
        return
    screen = console(stderr=True)
    tell_folded(
        screen,
        f"{counted_doubts(count)}. Look each order up in Seller Central, and settle one by one by:",
    )
    offer(screen, program_command("doubts", *source.words, "--settle", "ask"))
    tell_folded(
        screen,
        "Or all at once: with --settle sent, no run sends them again; with --settle resend, the "
        "next run of the file does.",
    )


def settle_doubts(screen: Console, source: Source, listed: Sequence[Entry], how: str) -> int:
    """Settle doubts as they are answered, and return the exit code."""
    if how == "ask":
        tell_folded(screen, _HOW)
    elif how == "resend":
        typer.confirm(f"Send {len(listed):,} again? Some buyers may get it twice.", abort=True)
    settled, stopped = _answered(screen, listed, how)
    changed = run(_written(source, settled)) if settled else []
    for entry, _ in changed:
        why = "Not settled, for a run has written to it since it was shown"
        tell_folded(screen, f"{why}: {_doubt(entry)}")
    kept = set(settled).difference(changed)
    done: Counter[str] = Counter(new.state for _, new in kept)
    tell_folded(screen, _summary(done, len(listed)))
    if stopped is not None:
        say("stopped before all were answered")
        return STOPPED if isinstance(stopped.__context__, KeyboardInterrupt) else IN_DOUBT
    return DONE if done.total() == len(listed) else IN_DOUBT


def _answered(
    screen: Console, listed: Sequence[Entry], how: str
) -> tuple[list[Settled], typer.Abort | None]:
    """Return what is settled, and how the answering was broken off, if it was."""
    settled: list[Settled] = []
    for number, entry in enumerate(listed, 1):
        answer = how
        if how == "ask":
            tell_folded(screen, f"{number:,} of {len(listed):,}: {_doubt(entry)}", "  ")
            try:
                answer = _asked()
            except typer.Abort as abort:
                tell(screen, "")  # the cursor is behind the question, and perhaps a ^C
                return settled, abort
        new = _settled(entry, answer)
        settled += [] if new is None else [(entry, new)]
    return settled, None


async def _written(source: Source, settled: Sequence[Settled]) -> list[Settled]:
    """Write down all that was answered, also for who asks to stop meanwhile."""
    writing = asyncio.create_task(source.settle(settled))
    try:
        await wait_although_cancelled([writing])
    except asyncio.CancelledError:
        say("what was answered is written down")
    return writing.result()


def _summary(done: Counter[str], all_of_them: int) -> str:
    parts = [f"{done.total():,} settled."]
    if done["sent"]:
        parts.append(f"{done['sent']:,} as sent, which no run sends again.")
    if done["not sent"]:
        parts.append(f"{done['not sent']:,} to be sent again, by the next run of the file.")
    left = all_of_them - done.total()
    parts.append(f"{left:,} remain{'s' if left == 1 else ''} in doubt." if left else "")
    return " ".join(filter(None, parts))


def _doubt(entry: Entry) -> str:
    seller = "" if entry.seller == DEFAULT_SELLER else f", seller {entry.seller}"
    why = reason_in_words(entry.reason) if entry.reason else NO_ANSWER
    return printable(
        f"order {entry.order_id}, {action_name(entry.operation)}{seller}, "
        f"since {moment(entry.began_at)}: {why}"
    )


def _settled(entry: Entry, answer: str) -> Entry | None:
    match answer:
        case "sent":
            return attrs.evolve(entry, state="sent", evidence="settled by hand")
        case "resend":
            return attrs.evolve(entry, state="not sent", reason="settled by hand: to be sent again")
        case _:
            return None


def _asked() -> str:
    """Ask until the answer is one of those there are, or a beginning of it."""
    while True:
        given = typer.prompt("  sent, resend or leave", default="leave")
        answer = str(given).strip().lower()
        found = [each for each in _ANSWERS if answer and each.startswith(answer)]
        if found:
            return found[0]
        say("answer sent, resend or leave (s, r or l)")
