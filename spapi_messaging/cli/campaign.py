"""A file of jobs with all that says how to send them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs
import typer

from spapi_messaging.bulk import Identity, Job, JournalLookup, Once
from spapi_messaging.cli.credentials import DEFAULT_SELLER, Accounts
from spapi_messaging.cli.hints import command
from spapi_messaging.cli.jobfile import JobFile, LineFault, plan_head
from spapi_messaging.cli.options import CampaignOptions
from spapi_messaging.cli.settings import (
    INVALID,
    console,
    fail,
    marketplace_of,
    offer,
    say,
)
from spapi_messaging.errors import InvalidMessageError, JournalError, OrderFileError
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.quota import RateLimits
from spapi_messaging.sellers import SellerPool
from spapi_messaging.transport import RequestEvent


@attrs.frozen(kw_only=True)
class Campaign:
    """A file of jobs, and how they are to be sent."""

    source: JobFile
    accounts: Accounts
    options: CampaignOptions

    def pool(self, on_request: Callable[[RequestEvent], object] | None = None) -> SellerPool:
        """Open sessions for the sellers of the file, in the region of its orders."""
        return SellerPool(
            self.accounts.of,
            marketplace=self.marketplace,
            limits=RateLimits(default=self.options.quota),
            static_sandbox=self.options.static_sandbox,
            on_request=on_request,
        )

    @property
    def marketplace(self) -> Marketplace:
        """The marketplace of orders that name none; the first order's if there are no such."""
        if self.options.marketplace is not None:
            return marketplace_of(self.options.marketplace)
        places = (job.marketplace for job in self.jobs())
        return next(place for place in places if place is not None)

    @property
    def is_plan(self) -> bool:
        """Whether the file is a plan, which is sent as it is or not at all."""
        return not self.options.piped and plan_head(self.options.file) is not None

    def jobs(self) -> Iterator[Job]:
        """Read the jobs that the check found valid; those of no seller are the default one's.

        None is left out: raises OrderFileError for one that is valid no more.
        """
        for item in self.source.read():
            match item:
                case LineFault(line=line, reason=reason):
                    raise OrderFileError(self.source.name, (f"line {line}: {reason}",))
                case _:
                    yield item if item.seller else attrs.evolve(item, seller=DEFAULT_SELLER)

    @contextmanager
    def journal(self) -> Iterator[JournalLookup]:
        """Look into the journal, without a lock; leaves the program if it cannot be read."""
        path = self.options.journal_path if self.options.has_journal_path else None
        try:
            with JournalLookup.open(path) as reader:
                yield reader
        except JournalError as error:
            fail(f"{error.journal}: {error.fault}", INVALID)


def in_its_campaign(options: CampaignOptions) -> CampaignOptions:
    """Return the options with the journal that a plan names, unless another is given.

    A plan is a part of its file's campaign: with a journal of its own, what it sends would be
    sent once more from the file.
    """
    if options.journal is not None or options.piped:
        return options
    head = plan_head(options.file)
    if head is None or head.journal is None:
        return options
    say(f"note: the journal is {head.journal}, which the plan names")
    return attrs.evolve(options, journal=Path(head.journal))


def refuse_lost_campaign(source: JobFile, options: CampaignOptions) -> None:
    """Leave the program if a plan that came by a pipe is to be sent without its journal."""
    head = source.plan.head if source.plan is not None else None
    if head is None or head.journal is None or options.journal is not None:
        return
    say("nothing was sent: it is a plan of a campaign; name its journal, as in:")
    screen = console(stderr=True)
    offer(screen, command("bulk", attrs.evolve(options, journal=Path(head.journal))))
    raise typer.Exit(INVALID)


def names_new_journal(options: CampaignOptions) -> bool:
    """Say whether a journal of its own is named; that of its campaign is none for a plan."""
    if options.journal is None or options.piped:
        return options.journal is not None
    head = plan_head(options.file)
    return head is None or head.journal != str(options.journal.absolute())


def known_key_fault(reader: JournalLookup, job: Job, once: Once) -> str | None:
    """Say whether the journal has a job's key for another order or operation."""
    if job.key is None:
        return None
    try:
        identity = Identity.of(job, once)
        entry = reader.find(identity.key)
        if entry is not None:
            identity.known_as([entry])
    except InvalidMessageError as error:
        return f"{'; '.join(error.faults)} (as the journal has it)"
    return None
