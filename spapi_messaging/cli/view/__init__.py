"""How a run is shown while it goes on: live on a terminal, lines elsewhere, JSON on demand."""

from spapi_messaging.cli.view.activity import Activity
from spapi_messaging.cli.view.drawing import Drawing
from spapi_messaging.cli.view.json_view import as_json, json_line, print_json
from spapi_messaging.cli.view.kinds import KINDS
from spapi_messaging.cli.view.outcome_bar import OutcomeBar
from spapi_messaging.cli.view.standing import Standing, per_second
from spapi_messaging.cli.view.view import SteadyView, View, exit_code, is_live, kept_drawn, view_for

__all__ = [
    "KINDS",
    "Activity",
    "Drawing",
    "OutcomeBar",
    "Standing",
    "SteadyView",
    "View",
    "as_json",
    "exit_code",
    "is_live",
    "json_line",
    "kept_drawn",
    "per_second",
    "print_json",
    "view_for",
]
