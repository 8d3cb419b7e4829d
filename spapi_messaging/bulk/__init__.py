"""Bulk runs: many messages to many orders, at the quota, with an outcome for each."""

from spapi_messaging.bulk.content_policy import ContentPolicy, found_in, is_serious
from spapi_messaging.bulk.job import Job
from spapi_messaging.bulk.journal import ClaimedError, Entry, Journal, key_of
from spapi_messaging.bulk.outcomes import InDoubt, NotSent, Outcome, Refused, Sent, Skipped, Summary
from spapi_messaging.bulk.run import BulkRun, Jobs, JournalLike, bulk_run
from spapi_messaging.bulk.seller import Seller
from spapi_messaging.bulk.sqlite_file import read_journal
from spapi_messaging.bulk.sqlite_journal import SqliteJournal
from spapi_messaging.bulk.worker import OnDoubt

__all__ = [
    "BulkRun",
    "ClaimedError",
    "ContentPolicy",
    "Entry",
    "InDoubt",
    "Job",
    "Jobs",
    "Journal",
    "JournalLike",
    "NotSent",
    "OnDoubt",
    "Outcome",
    "Refused",
    "Seller",
    "Sent",
    "Skipped",
    "SqliteJournal",
    "Summary",
    "bulk_run",
    "found_in",
    "is_serious",
    "key_of",
    "read_journal",
]
