"""What a run would do, counted, and said so that a person can decide."""

from collections import Counter
from collections.abc import Callable, Iterator

import attrs
from rich.console import Console

from spapi_messaging.bulk import InDoubt, NotSent, Outcome, Refused, Sent, Skipped
from spapi_messaging.cli.reasons import Reasons
from spapi_messaging.cli.rehearsal.duration import accounts_of, at_plan, in_words, seconds_at
from spapi_messaging.cli.rehearsal.samples import Samples
from spapi_messaging.cli.rehearsal.unsent import Rehearsed
from spapi_messaging.cli.settings import folded
from spapi_messaging.cli.skipped import SkippedOnes
from spapi_messaging.cli.words import action_name
from spapi_messaging.quota import Quota

WOULD = {Refused: "would be refused", NotSent: "would not be sent", InDoubt: "would stay in doubt"}
_MAX_WIDTH, _PIPED_WIDTH = 100, 80
"""Columns of a line that is read with ease; whatever shows what is piped has the latter."""


@attrs.define(kw_only=True)
class Forecast:
    """Takes the outcomes of a rehearsal; ``jobs``: how many there are in all."""

    jobs: int
    quota: Quota
    asked: Counter[str] = attrs.field(factory=Counter, init=False)
    """Orders that were asked, by account."""
    done: int = attrs.field(default=0, init=False)
    has_files: bool = attrs.field(default=False, init=False)
    by_action: dict[str, Counter[str | None]] = attrs.field(factory=dict, init=False)
    """What would be sent, by operation and language."""
    reasons: dict[type, Reasons] = attrs.field(factory=lambda: {kind: Reasons() for kind in WOULD})
    skipped: Counter[str] = attrs.field(factory=Counter, init=False)
    """By state; ``changed``: those with other content."""
    _by_account: Counter[tuple[str, str]] = attrs.field(factory=Counter, init=False)
    _named: SkippedOnes = attrs.field(factory=SkippedOnes, init=False)
    _samples: Samples = attrs.field(factory=Samples, init=False)

    def see(self, number: int, outcome: Outcome) -> None:
        """Take the outcome of the job of a number."""
        self.done += 1
        self._named.see(outcome)
        match outcome:
            case Sent(receipt=Rehearsed() as receipt):
                operation = receipt.operation
                self.by_action.setdefault(operation, Counter())[receipt.language] += 1
                self._by_account[receipt.account, operation] += 1
                self.has_files = self.has_files or bool(receipt.files)
                self._samples.see(number, receipt)
            case Skipped(state=state, changed=changed):
                self.skipped[state] += 1
                self.skipped["changed"] += changed
            case Refused(error=error) | NotSent(error=error) | InDoubt(error=error):
                self.reasons[type(outcome)].add(number, outcome.job.order_id, error)

    @property
    def sent(self) -> int:
        """How many would be sent."""
        return sum(counted.total() for counted in self.by_action.values())

    @property
    def seconds(self) -> float:
        """How long the run takes at the plan."""
        return seconds_at(self.quota, self._by_account, self.asked)

    def lines(self, screen: Console, *, is_stopped: bool = False) -> Iterator[str]:
        """Return what is to be said, for a screen; ``is_stopped``: of what is known so far."""
        width = min(screen.width, _MAX_WIDTH if screen.is_terminal else _PIPED_WIDTH)

        def fold(text: str, indent: str) -> Iterator[str]:
            return folded(screen, text, indent)

        yield self._headline(is_stopped=is_stopped)
        yield from self._actions()
        if self.skipped["sent"]:
            yield f"{self.skipped['sent']} would be skipped as sent before"
        for line in self._named.lines():
            yield from fold(line, "  ")
        yield from self._why_not(fold)
        if self.sent:
            yield from fold(self._duration(is_stopped=is_stopped), "")
        yield from self._samples.lines(width)

    def _headline(self, *, is_stopped: bool) -> str:
        end = ":" if self.sent else "."
        if is_stopped:
            how_far = f"Stopped after {self.done} of {self.jobs} messages"
            return f"{how_far}; nothing was sent. So far {self.sent} would be sent{end}"
        return f"Nothing was sent. {self.sent} of {self.jobs} messages would be sent{end}"

    def _actions(self) -> Iterator[str]:
        for operation, counted in sorted(self.by_action.items()):
            known = sorted(language for language in counted if language is not None)
            languages = ", ".join(f"{counted[language]} in {language}" for language in known)
            by_language = f" ({languages})" if languages else ""
            yield f"  {action_name(operation)}: {counted.total()}{by_language}"

    def _why_not(self, fold: Callable[[str, str], Iterator[str]]) -> Iterator[str]:
        for kind, would in WOULD.items():
            if self.reasons[kind].count:
                yield f"{self.reasons[kind].count} {would}"
                yield from self.reasons[kind].lines(fold)

    def _duration(self, *, is_stopped: bool) -> str:
        which = "What is known so far" if is_stopped else "It"
        each = " for each seller" if accounts_of(self._by_account) > 1 else ""
        files = ", the uploads of files aside" if self.has_files else ""
        plan = f"{at_plan(self.quota)}{each}{files}"
        return f"{which} would take {in_words(self.seconds)} at {plan}."
