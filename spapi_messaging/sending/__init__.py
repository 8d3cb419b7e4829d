"""One message to one order: made, its files uploaded, sent at most once."""

from spapi_messaging.sending.cache import SingleFlightCache
from spapi_messaging.sending.close_look import FileSeen, checked_closely, look_closely
from spapi_messaging.sending.files import with_file_states, with_state
from spapi_messaging.sending.outgoing import Content, Outgoing, Receipt
from spapi_messaging.sending.sender import Locales, Sender, is_in_languages
from spapi_messaging.sending.uploads import Uploads

__all__ = [
    "Content",
    "FileSeen",
    "Locales",
    "Outgoing",
    "Receipt",
    "Sender",
    "SingleFlightCache",
    "Uploads",
    "checked_closely",
    "is_in_languages",
    "look_closely",
    "with_file_states",
    "with_state",
]
