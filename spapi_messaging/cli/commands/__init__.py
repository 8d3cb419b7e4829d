"""The commands of ``spapi-messaging``."""

from spapi_messaging.cli.commands import bulk, demo, doctor, journals, orders, report, sandbox, send
from spapi_messaging.cli.commands.exit_codes import EXIT_CODES, PROGRAM_CODES

__all__ = ["COMMANDS", "EXIT_CODES", "PROGRAM_CODES"]

COMMANDS = {
    "One order": (orders.actions, orders.attributes, send.send),
    "Many orders": (bulk.bulk, bulk.resume),
    "What a run wrote down": (journals.status, journals.doubts, journals.export, report.report),
    "Set up and try": (doctor.doctor, sandbox.sandbox, demo.demo),
}
"""In the groups and the order in which the help lists them."""
