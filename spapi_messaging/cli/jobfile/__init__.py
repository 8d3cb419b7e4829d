"""The job file of a bulk run: from bytes to records, and from records to jobs."""
