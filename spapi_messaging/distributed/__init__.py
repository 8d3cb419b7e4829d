"""Campaigns on several machines: Procrastinate and PostgreSQL (extra ``distributed``)."""

from spapi_messaging.distributed.batch_sender import NotAllSentError
from spapi_messaging.distributed.batches import Enqueued, enqueue, resume
from spapi_messaging.distributed.journal import PostgresJournal
from spapi_messaging.distributed.table import Reader
from spapi_messaging.distributed.tasks import WORKER_DEFAULTS, messaging_blueprint

__all__ = [
    "WORKER_DEFAULTS",
    "Enqueued",
    "NotAllSentError",
    "PostgresJournal",
    "Reader",
    "enqueue",
    "messaging_blueprint",
    "resume",
]
