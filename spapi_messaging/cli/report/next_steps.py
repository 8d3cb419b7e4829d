"""What to do next, as command lines that run as they stand."""

from collections import Counter
from collections.abc import Iterator

import attrs

from spapi_messaging.cli.report.figures import IN_DOUBT, NOT_SENT, REFUSED, Figures
from spapi_messaging.cli.report.formats import number
from spapi_messaging.cli.report.page import command, section, text
from spapi_messaging.cli.words import counted
from spapi_messaging.redaction import clipped

_CAUSES = 3
_LONGEST = 300


@attrs.frozen(kw_only=True)
class Commands:
    """The program's commands for the journal that is reported."""

    journal: str
    """What names the journal, quoted for the shell."""
    jobs: str | None = None
    """What `resume` is given for it, quoted for the shell; None: a database has no file."""
    program: str = "spapi-messaging"

    @property
    def settle(self) -> str:
        """Ask for each doubt."""
        return f"{self.program} doubts {self.journal} --settle ask"

    @property
    def status(self) -> str:
        """Tell how the run stands."""
        return f"{self.program} status {self.journal}"

    @property
    def export(self) -> str:
        """Write all outcomes as a table."""
        return f"{self.program} export {self.journal} -o outcomes.csv"

    def resume(self, *options: str) -> str:
        """Go on with the jobs, with the options that they were begun with."""
        return " ".join([self.program, "resume", self.jobs or "FILE", *options])


def doubts_alert(figures: Figures, commands: Commands, *, is_going_on: bool = False) -> str:
    """Say on top what happened to the messages in doubt, and what to do."""
    listing = figures.listings[IN_DOUBT]
    total = listing.reasons.total()
    if not total:
        return ""
    when = ", when the run has ended" if is_going_on else ""
    told = "1 message is" if total == 1 else f"{number(total)} messages are"
    return (
        f'<p class="alert" role="note"><strong>{told} in doubt.</strong> '
        f"{text(' '.join(_causes(_by_number(listing.reasons), total)), 2000)} "
        "The buyer may have the message or not, and it is never sent again by itself. "
        f'<a href="#in-doubt">Look each order up</a> in Seller Central, then settle it{when}: '
        f"{command(commands.settle)}</p>"
    )


def _causes(reasons: list[tuple[str, int]], total: int) -> Iterator[str]:
    """Yield what happened, the most frequent first."""
    for reason, count in reasons[:_CAUSES]:
        times = "" if count == total else f" ({number(count)})"
        yield f"{clipped(reason, _LONGEST)}{times}."
    if len(reasons) > _CAUSES:
        yield f"And {counted(len(reasons) - _CAUSES, 'other cause')}."


def _by_number(reasons: Counter[str]) -> list[tuple[str, int]]:
    return sorted(reasons.items(), key=lambda item: (-item[1], item[0]))


def loss_alert(loss: str | None) -> str:
    """Say on top that the journal is not all that there was."""
    if loss is None:
        return ""
    return (
        '<p class="alert" role="note"><strong>This journal is not complete.</strong> '
        f"{text(loss, 2000)}.</p>"
    )


def next_steps(figures: Figures, commands: Commands, *, is_going_on: bool = False) -> str:
    """List what is left to do; nothing if all was sent.

    A run that is going on has the journal for itself: until it ends, one can only look.
    """
    found = _meanwhile(commands) if is_going_on else _steps(figures, commands)
    steps = "\n".join(f"<li>{step}</li>" for step in found)
    return section("What next", f'<ul class="steps">\n{steps}\n</ul>', name="next") if steps else ""


def _steps(figures: Figures, commands: Commands) -> Iterator[str]:
    doubts, unsent, refused = (figures.outcomes[each] for each in (IN_DOUBT, NOT_SENT, REFUSED))
    if doubts:
        yield _step(
            f"Settle {counted(doubts, 'doubt')}, when you have looked the orders up",
            commands.settle,
        )
    if unsent:
        yield _step(
            f"Send {counted(unsent, 'message')} that {_were(unsent)} not sent, with the options "
            "that the run was begun with",
            commands.resume(),
        )
    if refused:
        yield _step(
            f"Try again {counted(refused, 'message')} that {_were(refused)} refused, once mended",
            commands.resume("--retry-refused"),
        )
    if doubts or unsent or refused:
        yield _step("See all outcomes as a table", commands.export)


def _meanwhile(commands: Commands) -> Iterator[str]:
    yield _step("See how the run stands", commands.status)


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _step(what: str, line: str) -> str:
    return f"{text(what, 300)}:<br>{command(line)}"
