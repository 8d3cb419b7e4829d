"""A journal as one page to look at; what draws it is loaded when a page is rendered."""

from spapi_messaging.cli.report.next_steps import Commands
from spapi_messaging.cli.report.render import Report, render_report

__all__ = ["Commands", "Report", "render_report"]
