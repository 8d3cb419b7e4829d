"""What all commands share: exit codes, how they run, fail and print, marketplaces and texts."""

from spapi_messaging.cli.settings.ends import (
    DONE,
    FAULT,
    IN_DOUBT,
    INVALID,
    REFUSED,
    STOPPED,
    fail,
    run,
)
from spapi_messaging.cli.settings.output import Output, opened, opened_private, refuse_journals
from spapi_messaging.cli.settings.screen import (
    console,
    guard_screen,
    is_lost,
    say,
    shown,
    tell,
    tell_fault,
)
from spapi_messaging.cli.settings.texts import marketplace_of, read_bytes, read_text, text_of

__all__ = [
    "DONE",
    "FAULT",
    "INVALID",
    "IN_DOUBT",
    "REFUSED",
    "STOPPED",
    "Output",
    "console",
    "fail",
    "guard_screen",
    "is_lost",
    "marketplace_of",
    "opened",
    "opened_private",
    "read_bytes",
    "read_text",
    "refuse_journals",
    "run",
    "say",
    "shown",
    "tell",
    "tell_fault",
    "text_of",
]
