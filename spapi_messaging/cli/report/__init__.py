"""A journal as one page to look at; what draws it is loaded when a page is rendered."""

from spapi_messaging.cli.report.render import render_report

__all__ = ["render_report"]
