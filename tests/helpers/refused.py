"""Messages that cannot be made, and why."""

from typing import Any

import pytest

from spapi_messaging.errors import InvalidMessageError
from spapi_messaging.messages import Message


def faults_of(kind: type[Message], **fields: Any) -> tuple[str, ...]:
    """Return the faults for which a message is refused when it is made."""
    with pytest.raises(InvalidMessageError) as caught:
        kind(**fields)
    assert caught.value.subject == kind.__name__
    return caught.value.faults
