"""The commands of ``spapi-messaging``."""

from spapi_messaging.cli.commands import bulk, demo, doctor, journals, orders, sandbox

__all__ = ["COMMANDS"]

COMMANDS = (
    *(orders.actions, orders.attributes, orders.send),
    *(bulk.bulk, bulk.resume),
    *(journals.status, journals.doubts, journals.export, journals.report),
    *(doctor.doctor, sandbox.sandbox, demo.demo),
)
"""In the order in which the help lists them."""
