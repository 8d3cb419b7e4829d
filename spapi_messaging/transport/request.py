"""What is asked of Amazon, and what came back."""

import attrs


# Not frozen, and neither is Response: a send makes four of them, and frozen ones take twice
# as long.
@attrs.define(kw_only=True)
class Request:
    """What is asked of Amazon. ``repeatable``: asking twice says nothing twice to a buyer.

    ``headers`` are those of a presigned URL; such a request is no operation of Amazon's and
    gets neither a token nor a turn.
    """

    operation: str
    method: str
    url: str = attrs.field(repr=False)
    order_id: str | None = None
    body: bytes | None = attrs.field(default=None, repr=False)
    repeatable: bool = False
    headers: dict[str, str] | None = attrs.field(default=None, repr=False)


@attrs.define(kw_only=True)
class Response:
    """What came back. ``gap``: why the body is incomplete, if it is; ``rate``: the quota's."""

    status: int
    body: bytes = attrs.field(repr=False)
    url: str = attrs.field(repr=False)
    request_id: str | None = None
    gap: str | None = None
    rate: str | None = None
    location: str | None = attrs.field(default=None, repr=False)

    @property
    def succeeded(self) -> bool:
        """Whether it says yes and came as a whole."""
        return 200 <= self.status < 300 and self.gap is None  # noqa: PLR2004  # HTTP statuses are their own names


@attrs.frozen
class NoResponse:
    """No answer came. ``head_sent``: the request may have arrived."""

    cause: str
    head_sent: bool
