"""The plan that a rehearsal writes: all that would be sent, and nothing of what would not.

Each line says what its buyer gets, with nothing left to fill in, to choose or to look up; so what
is sent from it is what was looked at. It holds texts to buyers, so it is its owner's alone. It is
whole or not there: a rehearsal that is stopped leaves none. It names the journal of its campaign:
the plan and the file that it was made of are one, and what one has sent the other skips.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs

from spapi_messaging.bulk import Identity, Job, Outcome, Sent, real_path
from spapi_messaging.cli.credentials import DEFAULT_SELLER
from spapi_messaging.cli.hints import command
from spapi_messaging.cli.jobfile import MARK, VERSION
from spapi_messaging.cli.options import CampaignOptions
from spapi_messaging.cli.rehearsal.unsent import Rehearsed
from spapi_messaging.cli.settings import (
    INVALID,
    Output,
    console,
    fail,
    opened_private,
    refuse_journals,
    say,
    tell,
)
from spapi_messaging.messages import Attachment, LiteralText, LocalizedText

_ROOM = 20
"""Blanks for the number of messages, which is known at the end."""
_KEPT = frozenset(
    {
        *("marketplace", "credentials", "journal", "content", "once", "resend_changed"),
        *("retry_refused", "on_doubt", "no_discover", "window", "rate", "burst", "static_sandbox"),
    }
)
"""The options that still mean something for a plan."""


class _EmptyError(Exception):
    """Nothing would be sent."""


@attrs.define
class PlanWriter:
    """Writes a plan in the order of its file, whatever the order in which outcomes come."""

    output: Output
    count: int = attrs.field(default=0, init=False)
    _next: int = attrs.field(default=0, init=False)
    _waiting: dict[int, str | None] = attrs.field(factory=dict, init=False, repr=False)

    def add(self, number: int, outcome: Outcome) -> None:
        """Take the outcome of the job of a number."""
        match outcome:
            case Sent(job=job, receipt=Rehearsed() as sent):
                self._waiting[number] = _line(job, sent)
            case _:
                self._waiting[number] = None
        while self._next in self._waiting:
            line = self._waiting.pop(self._next)
            self._next += 1
            if line is not None:
                self.output.write(line)
                self.count += 1


@contextmanager
def plan_file(path: Path, options: CampaignOptions) -> Iterator[PlanWriter]:
    """Write a plan; it is there when the block has ended well, unless there is nothing in it."""
    with suppress(_EmptyError), opened_private(path) as output:
        writer = PlanWriter(output)
        room = f"{_head(0, options)}{' ' * _ROOM}\n"
        output.write(room)
        yield writer
        if not writer.count:
            raise _EmptyError
        output.write_at_start(f"{_head(writer.count, options):{len(room) - 1}}\n")


def refuse_plan(options: CampaignOptions) -> None:
    """Leave the program if a plan would be written over a file that is needed."""
    if options.plan is None:
        return
    if str(options.plan) == "-":
        fail("a plan is a file of yours alone: give --plan its name", INVALID)
    refuse_journals(
        options.plan, options.journal_path if options.has_journal_path else None, option="--plan"
    )
    used = [*(options.text_file or ()), *([options.credentials] if options.credentials else [])]
    for file in [*used, *([] if options.piped else [options.file])]:
        if real_path(file) == real_path(options.plan):
            fail(f"--plan {options.plan} would be written over {file}: name another", INVALID)


def tell_plan(options: CampaignOptions, count: int | None) -> None:
    """Say where the plan is, and what to type to send it; None of one that was given up."""
    plan = options.plan
    if plan is None:
        return
    if not options.as_json:
        tell(console(), "")
    if not count:
        why = "the rehearsal was stopped" if count is None else "nothing would be sent"
        _say(options, f"No plan was written to {plan}: {why}.")
        return
    many = "" if count == 1 else "s"
    _say(options, f"{plan} has {count} message{many}, and only you can read it. To send them:")
    _say(options, f"  {_to_send(plan, options)}")


def _say(options: CampaignOptions, line: str) -> None:
    if options.as_json:
        say(line.strip())
    else:
        tell(console(), line)


def _to_send(plan: Path, options: CampaignOptions) -> str:
    dropped = {field.name for field in attrs.fields(CampaignOptions)} - _KEPT
    journal = options.journal_path if options.has_journal_path else None
    chosen = attrs.evolve(options, file=plan, journal=journal)
    if plan.suffix.lower() not in {".jsonl", ".ndjson"}:
        dropped -= {"file_format"}
        chosen = attrs.evolve(chosen, file_format="jsonl")
    return command("bulk", chosen, without=frozenset(dropped))


def _head(messages: int, options: CampaignOptions) -> str:
    head: dict[str, Any] = {MARK: VERSION, "messages": messages}
    head["made_at"] = datetime.now(UTC).isoformat(timespec="seconds")
    if options.has_journal_path:
        head["journal"] = str(options.journal_path.absolute())
    return _json(head)


def _line(job: Job, sent: Rehearsed) -> str:
    message = sent.message
    line: dict[str, Any] = {
        MARK: VERSION,
        "order_id": job.order_id,
        "action": message.segment,
        "marketplace": sent.marketplace.name,
    }
    if job.seller != DEFAULT_SELLER:
        line["seller"] = job.seller
    line |= {"key": job.key, "language": sent.language}
    for field in attrs.fields(type(message)):
        value = getattr(message, field.name)
        line[field.name] = value.isoformat() if isinstance(value, datetime) else value
    if message.attached:
        files = zip(message.attached, sent.files, strict=True)
        line["attachments"] = [_file(item, file) for item, file in files]
    line |= _digests(job, sent)
    return _json({name: value for name, value in line.items() if value not in (None, ())}) + "\n"


def _file(item: Any, file: Any) -> dict[str, Any]:
    if isinstance(item, Attachment):
        return {"uploadDestinationId": item.upload_destination_id, "fileName": item.file_name}
    path = str(Path(item).absolute())
    return {"path": path, "name": file.name, "size": file.size, "sha256": file.sha256}


def _digests(job: Job, sent: Rehearsed) -> dict[str, str]:
    """Return what the line's content is known by, where the file's is another.

    A text in several languages is known by all of them; the plan has the one that was chosen.
    """
    text = sent.message.text_or_none
    if text is None or sent.language is None:
        return {}
    chosen = LocalizedText({sent.language: LiteralText(text)})
    as_planned = attrs.evolve(job, message=sent.message.with_text(chosen), fields=None)
    content, known_as = Identity.of(as_planned).content, Identity.of(job).content
    return {} if content == known_as else {"content": content, "known_as": known_as}


def _json(values: dict[str, Any]) -> str:
    """Write an object in one line that people can read, and a terminal has nothing to obey in."""
    line = json.dumps(values, ensure_ascii=False)
    if line.isprintable():
        return line
    return "".join(c if c.isprintable() else _escaped(c) for c in line)


def _escaped(character: str) -> str:
    # DEL is the one control that JSON need not escape.
    return "\\u007f" if character == "\x7f" else json.dumps(character)[1:-1]
