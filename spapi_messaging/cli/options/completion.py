"""What a shell offers where the Tab key is pressed.

Each is given what was typed so far, and returns what begins with it: a word, or a word with what
it means (bash shows the words alone). Where there is nothing, the shell offers its files.
"""

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import available_timezones

from spapi_messaging.cli.countries import COUNTRIES
from spapi_messaging.cli.journal_names import ENDING
from spapi_messaging.cli.needs import needs_of
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.messages import MESSAGE_TYPES


def actions(incomplete: str) -> list[tuple[str, str]]:
    """Offer the actions that send messages, with what each needs."""
    return _beginning(incomplete, ((kind.segment, needs_of(kind)) for kind in MESSAGE_TYPES))


def marketplaces(incomplete: str) -> list[tuple[str, str]]:
    """Offer the marketplaces with their countries, in the case that was begun."""
    written = str.lower if incomplete.islower() else str
    return _beginning(incomplete, ((written(one.name), COUNTRIES[one][0]) for one in Marketplace))


def time_zones(incomplete: str) -> list[str]:
    """Offer the time zones of this machine."""
    return sorted(zone for zone in available_timezones() if zone.startswith(incomplete))


def journals(incomplete: str) -> list[str]:
    """Offer the journals of a folder; without one, the shell offers what else is there."""
    folder, _, name = incomplete.rpartition("/")
    place = Path(f"{folder}/" if "/" in incomplete else ".")
    try:
        found = sorted(one.name for one in place.glob(f"*{ENDING}") if one.is_file())
    except OSError:
        return []
    before = incomplete[: len(incomplete) - len(name)]
    return [f"{before}{one}" for one in found if one.startswith(name)]


def _beginning(incomplete: str, offered: Iterator[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(word, meaning) for word, meaning in offered if word.startswith(incomplete)]
