"""Bulk runs: many messages to many orders, at the quota, with an outcome for each."""

from spapi_messaging.bulk.content_policy import ContentPolicy, found_in, is_serious
from spapi_messaging.bulk.identity import MAX_KEY, Identity, Once
from spapi_messaging.bulk.job import Job
from spapi_messaging.bulk.jobs_stream import Jobs, each_job
from spapi_messaging.bulk.journal import (
    Asked,
    Entry,
    Found,
    Journal,
    OfKey,
    OfOrder,
    OrderJournal,
    Plan,
    PlanJournal,
    ReasonCount,
    Times,
)
from spapi_messaging.bulk.journal_lookup import JournalLookup
from spapi_messaging.bulk.lookup import Known, known_of
from spapi_messaging.bulk.outcomes import InDoubt, NotSent, Outcome, Refused, Sent, Skipped, Summary
from spapi_messaging.bulk.reasons import (
    answer_in_words,
    error_in,
    failure_in_words,
    reason_in_words,
)
from spapi_messaging.bulk.repeats import Earlier, Repeats
from spapi_messaging.bulk.run import BulkOptions, BulkRun
from spapi_messaging.bulk.seller import Seller
from spapi_messaging.bulk.sqlite.damage import Damage, undamaged
from spapi_messaging.bulk.sqlite.place import SIDE_FILES, identity_of, real_path
from spapi_messaging.bulk.sqlite.reader import JournalReader, is_journal, read_journal
from spapi_messaging.bulk.sqlite_journal import SqliteJournal
from spapi_messaging.bulk.temporary import temporary_database
from spapi_messaging.bulk.waiting import wait_although_cancelled
from spapi_messaging.bulk.worker import OnDoubt

__all__ = [
    "MAX_KEY",
    "SIDE_FILES",
    "Asked",
    "BulkOptions",
    "BulkRun",
    "ContentPolicy",
    "Damage",
    "Earlier",
    "Entry",
    "Found",
    "Identity",
    "InDoubt",
    "Job",
    "Jobs",
    "Journal",
    "JournalLookup",
    "JournalReader",
    "Known",
    "NotSent",
    "OfKey",
    "OfOrder",
    "OnDoubt",
    "Once",
    "OrderJournal",
    "Outcome",
    "Plan",
    "PlanJournal",
    "ReasonCount",
    "Refused",
    "Repeats",
    "Seller",
    "Sent",
    "Skipped",
    "SqliteJournal",
    "Summary",
    "Times",
    "answer_in_words",
    "each_job",
    "error_in",
    "failure_in_words",
    "found_in",
    "identity_of",
    "is_journal",
    "is_serious",
    "known_of",
    "read_journal",
    "real_path",
    "reason_in_words",
    "temporary_database",
    "undamaged",
    "wait_although_cancelled",
]
