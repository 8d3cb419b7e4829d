"""What a run would do, found out without sending: said, shown, and written as a plan."""

from spapi_messaging.cli.rehearsal.plan_file import refuse_plan
from spapi_messaging.cli.rehearsal.rehearsal import rehearse_all

__all__ = ["refuse_plan", "rehearse_all"]
