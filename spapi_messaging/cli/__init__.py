"""The command line, with the extra ``cli``: look, send, and try it out."""

import sys


def main() -> None:
    """Run the command line, or say what is missing for it."""
    try:
        from spapi_messaging.cli.app import run_program
    except ModuleNotFoundError as error:
        if error.name not in {"rich", "typer"}:
            raise
        sys.exit(f"spapi-messaging needs {error.name}: pip install 'spapi-messaging[cli]'")
    except KeyboardInterrupt:
        sys.exit(_stopped())
    sys.exit(run_program())


def _stopped() -> int:
    print("spapi-messaging: stopped; nothing was sent", file=sys.stderr)
    return 130
