"""What a run is doing while nothing is counted, as its own requests tell it."""

from collections.abc import Sequence
from http import HTTPStatus

import attrs

from spapi_messaging.api import UPLOAD_DESTINATION
from spapi_messaging.bulk import Summary
from spapi_messaging.cli.view.standing import Standing
from spapi_messaging.transport import RequestEvent


@attrs.define
class Activity:
    """Watches the requests of a run: its pool's ``on_request``."""

    jobs: int = attrs.field(kw_only=True)
    discovers: bool = attrs.field(kw_only=True)
    """Whether orders are asked first."""
    _last: RequestEvent | None = attrs.field(default=None, init=False)

    def note(self, event: RequestEvent) -> None:
        """Take notice of an attempt."""
        self._last = event

    def standing(self, summary: Summary, has_tokens: Sequence[bool]) -> Standing:
        """Say how the run stands; ``has_tokens``: those of the sessions in use."""
        return Standing(summary=summary, jobs=self.jobs, doing=self._doing(summary, has_tokens))

    def _doing(self, summary: Summary, has_tokens: Sequence[bool]) -> str | None:
        """Say what a run waits for or has begun with; None where its counts say enough."""
        if summary.away:
            some = f" for {len(summary.away):,} of {len(has_tokens):,} sellers"
            return f"Amazon is out of reach{some if len(has_tokens) > 1 else ''}"
        if self._last is not None and self._last.status == HTTPStatus.TOO_MANY_REQUESTS:
            return "throttled by Amazon"
        if any(name != "Skipped" for name in summary.total) or not summary.in_progress:
            return None
        return self._beginning(has_tokens)

    def _beginning(self, has_tokens: Sequence[bool]) -> str | None:
        if self._last is None:
            if not has_tokens:
                return None  # the journal is looked into
            if not any(has_tokens):
                return "asking for a token"
        if self._last is not None and self._last.operation == UPLOAD_DESTINATION:
            return "uploading attachments"
        return "asking orders" if self.discovers else "sending the first"
