"""The job file of a bulk run: from bytes to records, and from records to jobs."""

from spapi_messaging.cli.jobfile.checking import Checked, LineFault, Repeated
from spapi_messaging.cli.jobfile.job_file import Format, JobFile
from spapi_messaging.cli.jobfile.records import JobFileError

__all__ = ["Checked", "Format", "JobFile", "JobFileError", "LineFault", "Repeated"]
