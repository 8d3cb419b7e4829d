"""The file of a bulk run: from bytes to records, and from records to jobs."""

from spapi_messaging.cli.jobfile.checking import Checked, LineFault, Repeated
from spapi_messaging.cli.jobfile.job_file import JobFile
from spapi_messaging.cli.jobfile.plan import MARK, VERSION, plan_head
from spapi_messaging.cli.jobfile.records import Selection
from spapi_messaging.cli.jobfile.sources import Format
from spapi_messaging.cli.jobfile.table_jobs import JOB_CELLS, near_column
from spapi_messaging.cli.jobfile.values import SEGMENTS, DateReader, message_type
from spapi_messaging.orderfile import field_of

__all__ = [
    "JOB_CELLS",
    "MARK",
    "SEGMENTS",
    "VERSION",
    "Checked",
    "DateReader",
    "Format",
    "JobFile",
    "LineFault",
    "Repeated",
    "Selection",
    "field_of",
    "message_type",
    "near_column",
    "plan_head",
]
