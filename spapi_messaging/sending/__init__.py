"""One message to one order: made, its files uploaded, sent at most once."""

import importlib
import typing

from spapi_messaging.sending.cache import SingleFlightCache
from spapi_messaging.sending.outgoing import Content, Outgoing, Receipt
from spapi_messaging.sending.sender import Locales, Sender, is_in_languages

if typing.TYPE_CHECKING:
    from spapi_messaging.sending.close_look import FileSeen, checked_closely, look_closely
    from spapi_messaging.sending.files import with_file_states, with_state
else:
    # A service whose messages carry no files needs none of these: an eighth of the import.
    _MODULE_OF = {
        **dict.fromkeys(("FileSeen", "checked_closely", "look_closely"), "close_look"),
        **dict.fromkeys(("with_file_states", "with_state"), "files"),
    }

    def __getattr__(name: str) -> object:
        """Load what reads files when it is first asked for."""
        if name not in _MODULE_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
        globals()[name] = value
        return value


__all__ = [
    "Content",
    "FileSeen",
    "Locales",
    "Outgoing",
    "Receipt",
    "Sender",
    "SingleFlightCache",
    "checked_closely",
    "is_in_languages",
    "look_closely",
    "with_file_states",
    "with_state",
]
