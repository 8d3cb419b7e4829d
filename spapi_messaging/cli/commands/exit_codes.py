"""What the exit codes of each command mean, as its ``--help`` says them."""

from collections.abc import Mapping

from spapi_messaging.cli.settings import DONE, FAULT, IN_DOUBT, INVALID, REFUSED, STOPPED

_ALWAYS = {FAULT: "a fault of this program itself", STOPPED: "stopped by Ctrl-C or a signal"}
_INPUT = "invalid input or missing credentials"
_RUN = {
    DONE: "all sent, now or before",
    REFUSED: "some refused or not sent, now or by an earlier run",
    INVALID: "invalid input; nothing was sent",
    IN_DOUBT: "some in doubt: they may have arrived",
}
_LOOK = {DONE: "shown", REFUSED: "Amazon refused to say, or was not reached", INVALID: _INPUT}
_JOURNAL = "the journal cannot be read, or not all of it"
_WRITTEN = {
    DONE: "written",
    REFUSED: "standard output could not be written",
    INVALID: f"{_JOURNAL}, or the file cannot be written",
}

PROGRAM_CODES: Mapping[int, str] = _RUN | _ALWAYS
EXIT_CODES: Mapping[str, Mapping[int, str]] = {
    name: codes | _ALWAYS
    for name, codes in {
        "actions": _LOOK,
        "attributes": _LOOK,
        "send": {
            DONE: "sent",
            REFUSED: "refused by Amazon, not offered, or not sent",
            INVALID: f"{_INPUT}; nothing was sent",
            IN_DOUBT: "in doubt: it may have arrived",
        },
        "bulk": _RUN,
        "resume": _RUN,
        "status": {
            DONE: "all sent, or under way",
            REFUSED: "some refused or not sent",
            INVALID: _JOURNAL,
            IN_DOUBT: "some in doubt",
        },
        "doubts": {
            DONE: "nothing is in doubt, or all is settled",
            REFUSED: "not confirmed; nothing is settled",
            INVALID: _JOURNAL,
            IN_DOUBT: "some are in doubt",
        },
        "export": _WRITTEN,
        "report": _WRITTEN,
        "doctor": {DONE: "all is well", REFUSED: "a check failed", INVALID: "wrong options"},
        "demo": {DONE: "shown"},
    }.items()
} | {
    # To be stopped is how it ends.
    "sandbox": {DONE: "stopped", INVALID: "it could not start", FAULT: _ALWAYS[FAULT]}
}
"""By the name of the command."""
