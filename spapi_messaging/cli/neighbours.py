"""What other journals know of a campaign: a renamed file is no new one, nor is another file of it.

A file's journal is found by the file's name. Whoever renames the file, or forgets the journal that
was named last time, would begin from the start and write to every buyer again; so would who sends
invoices from a folder today and from a report tomorrow. So before a run, the journals beside the
file and in the working directory are asked for what its own has not.
"""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path

import attrs
import typer

from spapi_messaging.bulk import Identity, JournalLookup, is_journal
from spapi_messaging.cli.campaign import Campaign
from spapi_messaging.cli.hints import command
from spapi_messaging.cli.settings import INVALID, console, offer, say, tell
from spapi_messaging.errors import InvalidMessageError, JournalError

_LOOKED_AT = 1000
"""Files of a folder; a journal is told by its first bytes."""
_SENT = {"sent", "sending"}
"""What has gone out, and what may have."""


def ask_neighbours(campaign: Campaign, jobs: int, *, means_new: bool) -> None:
    """Leave the program if another journal has some of a campaign as sent, and its own has not.

    If a new journal is meant, it is only said: as for who names one.
    """
    options = campaign.options
    if not options.has_journal_path:
        return
    is_begun = options.journal_path.exists()
    real = Path(os.path.realpath(options.file))
    folders = [options.file.parent, real.parent, options.journal_path.parent, Path()]
    if real.is_dir():
        folders.append(real)
    own = os.path.realpath(options.journal_path)
    others = _Others([path for path in _neighbours(*folders) if os.path.realpath(path) != own])
    others.ask(campaign)
    for path, fault in others.faults.items():
        what = f"{path} may have some of these messages as sent, and cannot be read: {fault}"
        aims = {"To write to these buyers all the same:": options.journal_path}
        _stop_or_say(campaign, what, aims, only_says=means_new or is_begun)
    for path, states in others.known.items():
        rest = f", and {jobs - states.total()} not" if states.total() < jobs else ""
        rest = f", which {options.journal_path} has not" if is_begun else rest
        what = f"{path} has {_told(states, jobs)}{rest}"
        aims = {
            "To go on with that run:": path,
            "To write to these buyers again:": options.journal_path,
        }
        _stop_or_say(campaign, what, aims, only_says=means_new)


def _told(states: Counter[str], jobs: int) -> str:
    """Say how many are sent, and of how many nobody knows that."""
    told = {"as sent": states["sent"], "in doubt or under way": states["sending"]}
    (word, first), *others = [(word, count) for word, count in told.items() if count]
    more = "".join(f", {count} {word}" for word, count in others)
    these = "this message" if jobs == 1 else f"{first} of these {jobs} messages"
    return f"{these} {word}{more}"


def _stop_or_say(
    campaign: Campaign, what: str, aims: Mapping[str, Path], *, only_says: bool
) -> None:
    """Leave the program with what one may want, each with the journal for it, or only say why."""
    options = campaign.options
    if only_says:
        say(f"note: {what}; the journal of this run is {options.journal_path} all the same")
        return
    say(f"nothing was sent: {what}")
    screen = console(stderr=True)
    for aim, journal in aims.items():
        tell(screen, aim)
        offer(screen, command("bulk", attrs.evolve(options, journal=journal)))
    raise typer.Exit(INVALID)


def _neighbours(*folders: Path) -> Iterator[Path]:
    seen = set()
    for folder in folders:
        for path in islice(_files_in(folder), _LOOKED_AT):
            real = os.path.realpath(path)
            if real not in seen and is_journal(path):
                yield path
            seen.add(real)


def _files_in(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:  # one that may be entered and not listed
        return []


@attrs.define
class _Others:
    """Counts what other journals have as sent, or being sent, and the campaign's own has not."""

    paths: list[Path]
    known: dict[Path, Counter[str]] = attrs.field(factory=dict, init=False)
    """The states of the jobs that each has."""
    faults: dict[Path, str] = attrs.field(factory=dict, init=False)
    """What is wrong with those that cannot be read."""

    def ask(self, campaign: Campaign) -> None:
        """Look up all jobs, which are read once for all journals."""
        with ExitStack() as stack, campaign.journal() as own:
            others: dict[Path, JournalLookup] = {}
            for path in self.paths:
                with self._noting(path):
                    others[path] = stack.enter_context(JournalLookup.open(path))
            for job in campaign.jobs() if others else ():
                try:
                    identity = Identity.of(job, campaign.options.once)
                    if _state(own, identity) is None:
                        self._look_up(identity, others)
                except InvalidMessageError:
                    continue  # its own outcome says so

    def _look_up(self, identity: Identity, others: Mapping[Path, JournalLookup]) -> None:
        for path, journal in others.items():
            if path not in self.faults:
                with self._noting(path):
                    if (state := _state(journal, identity)) is not None:
                        self.known.setdefault(path, Counter())[state] += 1

    @contextmanager
    def _noting(self, path: Path) -> Iterator[None]:
        try:
            yield
        except JournalError as error:
            self.faults[path] = error.fault
            self.known.pop(path, None)  # it is told once, and what it lacks is not known


def _state(journal: JournalLookup, identity: Identity) -> str | None:
    """Return the state of a job that is sent, or may be."""
    entry = identity.known_as(journal.of_order(identity.order_id))
    return entry.state if entry is not None and entry.state in _SENT else None
