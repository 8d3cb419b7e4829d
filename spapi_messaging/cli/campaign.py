"""A file of jobs with all that says how to send them."""

from collections.abc import Iterator
from contextlib import contextmanager

import attrs

from spapi_messaging.bulk import Identity, Job, JournalLookup, Once
from spapi_messaging.cli.credentials import DEFAULT_SELLER, Accounts
from spapi_messaging.cli.jobfile import JobFile, JobFileError, LineFault
from spapi_messaging.cli.options import CampaignOptions
from spapi_messaging.cli.settings import INVALID, fail, marketplace_of
from spapi_messaging.errors import InvalidMessageError, JournalError
from spapi_messaging.quota import RateLimits
from spapi_messaging.sellers import SellerPool


@attrs.frozen(kw_only=True)
class Campaign:
    """A file of jobs, and how they are to be sent."""

    source: JobFile
    accounts: Accounts
    options: CampaignOptions

    def pool(self) -> SellerPool:
        """Open sessions for the sellers of the file."""
        return SellerPool(
            self.accounts.of,
            marketplace=marketplace_of(self.options.marketplace),
            limits=RateLimits(default=self.options.quota),
            static_sandbox=self.options.static_sandbox,
        )

    def jobs(self) -> Iterator[Job]:
        """Read the jobs that the check found valid; those of no seller are the default one's.

        None is left out: raises JobFileError for one that is valid no more.
        """
        for item in self.source.read():
            match item:
                case LineFault(line=line, reason=reason):
                    raise JobFileError(f"{self.source.name}, line {line}: {reason}")
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


def known_key_fault(reader: JournalLookup, job: Job, once: Once) -> str | None:
    """Say whether the journal has a job's key for another order or operation."""
    try:
        identity = Identity.of(job, once)
        entry = reader.find(identity.key) if identity.is_given else None
        if entry is not None:
            identity.known_as([entry])
    except InvalidMessageError as error:
        return f"{'; '.join(error.faults)} (as the journal has it)"
    return None
