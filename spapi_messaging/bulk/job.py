"""The job of a bulk run: one message to one order."""

import attrs

from spapi_messaging.errors import InvalidMessageError
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.messages import Fields, Message, fields_of
from spapi_messaging.redaction import names_only
from spapi_messaging.sending import with_file_states


@attrs.frozen
class Job:
    """One message to one order, for a bulk run.

    ``key`` names the job in a journal; by default it is known by its order and action.
    ``marketplace`` and ``seller`` override those of the session. ``fields``: the values of the
    ``$fields`` in the message's text; ``rendered`` is the message with them, which is what goes
    out. With ``fields``, or with a ``$field`` in it, a text is a ``string.Template``, where ``$$``
    is a dollar. Raises InvalidMessageError for missing and unknown fields, and where the values
    break a limit.

    A file that is given as a path is looked at when the job is made, and read if it is seconds
    old: an attachment that has changed since is not sent, whatever order it is for by then.
    """

    order_id: str
    message: Message = attrs.field(validator=attrs.validators.instance_of(Message))
    key: str | None = attrs.field(default=None, kw_only=True)
    marketplace: Marketplace | None = attrs.field(default=None, kw_only=True)
    seller: str | None = attrs.field(default=None, kw_only=True)
    fields: Fields | None = attrs.field(default=None, kw_only=True, hash=False, repr=names_only)
    rendered: Message = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        text = self.message.text_or_none
        is_template = self.fields is not None or (text is not None and bool(fields_of(text)))
        try:
            rendered = self.message.with_fields(self.fields or {}) if is_template else self.message
        except InvalidMessageError as error:
            raise InvalidMessageError(error.subject, error.faults, self.order_id) from None
        object.__setattr__(self, "rendered", with_file_states(rendered))  # the class is frozen
