"""Why nothing works: checks, one after the other, each with what to do."""

from spapi_messaging.cli.doctor.examination import Asked, examine
from spapi_messaging.cli.doctor.screen import show, sum_up

__all__ = ["Asked", "examine", "show", "sum_up"]
