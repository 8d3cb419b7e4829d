"""``python -m spapi_messaging.cli``: the command line without its script."""

from spapi_messaging.cli import main

main()
