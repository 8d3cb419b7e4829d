"""The end of a run: what became of the messages, and what to do next about each kind.

It is said once, below the view. Where a person looks on, sentences are folded to the terminal's
width, and commands so that they can be copied. Memory does not grow with the jobs: equal
reasons are kept once, with their number and first orders.
"""

import asyncio
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import attrs
from rich.console import Console

from spapi_messaging.bulk import NotSent, Outcome, Refused, Summary
from spapi_messaging.cli.hints import PROGRAM, command, program_command
from spapi_messaging.cli.journal_names import jobs_of
from spapi_messaging.cli.options import CampaignOptions
from spapi_messaging.cli.reasons import Reasons
from spapi_messaging.cli.settings import console, folded, offered, tell
from spapi_messaging.cli.skipped import SkippedOnes
from spapi_messaging.cli.view import is_live
from spapi_messaging.cli.words import OUTCOME_NAMES, counted_doubts, path_word

REHEARSING = frozenset({"dry_run", "plan"})
"""The options with which nothing is sent."""


@attrs.define(kw_only=True)
class Ending:
    """Takes the outcomes of a run, and says at its end what is to be said.

    ``jobs``: how many there are; ``invalid``: how many rows were left out as invalid.
    """

    options: CampaignOptions
    jobs: int
    invalid: int
    _skipped: SkippedOnes = attrs.field(factory=SkippedOnes, init=False)
    _reasons: dict[type, Reasons] = attrs.field(init=False)
    _seen: int = attrs.field(default=0, init=False)

    @_reasons.default
    def _no_reasons(self) -> dict[type, Reasons]:
        return {Refused: Reasons(), NotSent: Reasons()}

    def see(self, outcome: Outcome) -> None:
        """Take an outcome."""
        self._seen += 1
        self._skipped.see(outcome)
        match outcome:
            case Refused(error=error) | NotSent(error=error):
                self._reasons[type(outcome)].add(self._seen, outcome.job.order_id, error)

    def tell(self, summary: Summary) -> None:
        """Say how a run ended that came to its end."""
        screen = console(stderr=self.options.as_json)
        problems = self._problems(screen, summary.total)
        if not problems:
            tell(screen, self._all_done(summary))
            return
        _print(screen, [[], *problems, [*self._where(screen)]])

    def tell_stopped(self, summary: Summary, *, by: BaseException) -> None:
        """Say how far a run came that was stopped, and what to type to go on.

        Where an error stopped it, that says what to do: without its journal, to go on is to begin.
        """
        screen = console(stderr=True)
        parts = [
            [*folded(screen, self._how_far(summary.total))],
            *self._problems(screen, summary.total, goes_on=True),
        ]
        if sum(summary.total.values()) == self.jobs:
            parts += [[*self._where(screen)]]
        elif isinstance(by, asyncio.CancelledError):
            parts += [[*self._go_on(screen)]]
        _print(screen, parts)

    def _go_on(self, screen: Console) -> Iterator[str]:
        same = "Give it the same input again, and go on" if self.options.piped else "Go on"
        name = "resume" if self.options.journal_path.is_file() else "bulk"
        yield f"{same} with:"
        yield from offered(screen, command(name, self.options, without=REHEARSING))

    def _problems(
        self, screen: Console, total: Mapping[str, int], *, goes_on: bool = False
    ) -> list[list[str]]:
        """Return what is to be said of all that was not simply sent, kind by kind.

        ``goes_on``: the command to go on with, which sends what was not sent, is said besides.
        """
        parts = (
            self._refused(screen),
            self._not_sent(screen, goes_on=goes_on),
            self._in_doubt(screen, total.get("InDoubt", 0)),
            self._left_out(screen),
        )
        return [lines for part in parts if (lines := [*part])]

    def _refused(self, screen: Console) -> Iterator[str]:
        if not self._reasons[Refused].count:
            return
        yield from self._why(screen, Refused)
        yield from folded(
            screen, "What you mend goes out with the same command. To try again without a change:"
        )
        yield from offered(screen, self._again(retry_refused=True))

    def _not_sent(self, screen: Console, *, goes_on: bool) -> Iterator[str]:
        if not self._reasons[NotSent].count:
            return
        yield from self._why(screen, NotSent)
        if not goes_on:
            yield "To try again:"
            yield from offered(screen, self._again())

    def _why(self, screen: Console, kind: type[Outcome]) -> Iterator[str]:
        """Return why messages did not go out; no view of lines is repeated."""
        reasons = self._reasons[kind]
        had_lines = not self.options.as_json and _shows_lines(screen)
        yield f"{reasons.count:,} {OUTCOME_NAMES[kind]}:"
        yield from reasons.lines(partial(folded, screen), first_was_told=had_lines)

    def _in_doubt(self, screen: Console, count: int) -> Iterator[str]:
        if count:
            yield from folded(screen, f"{counted_doubts(count)}. To see and settle:")
            yield from offered(screen, program_command("doubts", self._journal))

    def _left_out(self, screen: Console) -> Iterator[str]:
        for line in self._skipped.lines():
            yield from folded(screen, line, "    " if line.startswith(" ") else "")
        if self.invalid:
            rows = "row was" if self.invalid == 1 else "rows were"
            mend = "mend what the check named, and type the same command"
            yield from folded(screen, f"{self.invalid:,} invalid {rows} left out: {mend}.")

    def _again(self, *, retry_refused: bool = False) -> str:
        retry_refused = retry_refused or self.options.retry_refused
        options = attrs.evolve(self.options, retry_refused=retry_refused)
        return command("bulk", options, without=REHEARSING)

    @property
    def _journal(self) -> str:
        return path_word(self.options.journal_path)

    def _where(self, screen: Console) -> Iterator[str]:
        journal = self.options.journal_path
        table = path_word(Path(f"{jobs_of(journal) or journal}.outcomes.csv"))
        yield from folded(screen, f"The journal is {journal}. All outcomes:")
        yield from offered(screen, program_command("export", self._journal, "-o", table))

    def _how_far(self, total: Mapping[str, int]) -> str:
        done = sum(total.values())
        named = ((total.get(kind.__name__), name) for kind, name in OUTCOME_NAMES.items())
        counted = ", ".join(f"{count:,} {name}" for count, name in named if count)
        return (
            f"{PROGRAM}: stopped after {done:,} of {self.jobs:,}{f': {counted}' if counted else ''}"
        )

    def _all_done(self, summary: Summary) -> str:
        before = summary.skipped.get("sent", 0)
        some = f", {before:,} of them before" if before else ""
        if before == self.jobs:
            some = " before"
        all_of_them = "All " if self.jobs > 1 else ""
        return f"{all_of_them}{self.jobs:,} sent{some}; the journal is {self.options.journal_path}"


def _shows_lines(screen: Console) -> bool:
    """Whether a view has told a run in lines where the same person looks."""
    of_view = console()
    return not is_live(of_view) and of_view.is_terminal == screen.is_terminal


def _print(screen: Console, parts: list[list[str]]) -> None:
    """Print what belongs together, with a blank line between where a person looks on."""
    for number, lines in enumerate(parts):
        if number and screen.is_terminal:
            tell(screen, "")
        for line in lines:
            tell(screen, line)
