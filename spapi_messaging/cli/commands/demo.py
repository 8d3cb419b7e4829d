"""The demonstration: 60 messages of six kinds to a sandbox on this machine.

It shows what a real campaign shows, by the same code: its view, what did not go out and why, and a
message in doubt, which is settled by the command that settles those of a real one.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import attrs
import typer
from rich.console import Console
from rich.text import Text

from spapi_messaging.bulk import NotSent, Refused, Summary
from spapi_messaging.cli.commands.any_key import any_key, has_person
from spapi_messaging.cli.commands.demo_campaign import QUOTA, DemoCampaign, demo_campaign
from spapi_messaging.cli.commands.journals import doubts
from spapi_messaging.cli.hints import program_command
from spapi_messaging.cli.reasons import Reasons
from spapi_messaging.cli.settings import STOPPED, console, offered, run, wrapped
from spapi_messaging.cli.view import Activity, kept_drawn, view_for
from spapi_messaging.redaction import printable

_MAX_WIDTH = 100
"""Columns of a line that is read with ease."""
_NEXT = (
    (
        "Set LWA_APP_ID, LWA_CLIENT_SECRET and SP_API_REFRESH_TOKEN (role: Buyer Communication).",
        None,
    ),
    ("Check them; it says what is wrong and what to do:", "doctor --marketplace DE"),
    (
        "Of an order report and a text of yours, see what each buyer would read:",
        "bulk orders.txt --action confirmDeliveryDetails --text-file text.txt --dry-run",
    ),
    (
        "Send it: the same without --dry-run. However often you run it, nobody gets it twice.",
        None,
    ),
)
"""What to do, and by which command."""
_SIGHTS = (
    "Messages: what each buyer would read, with its files",
    "Requests: all that was asked and answered; the 503 is among them",
    "Controls: throttle the sandbox, or let it fail",
)


def demo() -> None:
    """Send 60 messages of six kinds to a local sandbox; nothing leaves this machine.

    One of them ends in doubt, and is settled. On a terminal the sandbox's inbox stays open until
    a key is pressed.

    Example: spapi-messaging demo
    """
    with (
        TemporaryDirectory(prefix="spapi-demo-") as folder,
        demo_campaign(Path(folder)) as campaign,
    ):
        _Demonstration(console(), campaign, has_person=has_person()).show()


@attrs.frozen
class _Demonstration:
    """What is shown of a campaign, and to whom: without a person it ends by itself."""

    screen: Console
    campaign: DemoCampaign
    has_person: bool = attrs.field(kw_only=True)

    def show(self) -> None:
        """Show all of it, one after the other."""
        self._begin()
        self._tell_what_did_not_go_out(run(self._send()))
        self._explain_doubt()
        self._settle()
        self._tell_of_second_run(run(self._send_again()))
        if self.has_person:
            self._leave_open()
        self._tell_what_next()

    def _begin(self) -> None:
        jobs = self.campaign.jobs
        self._say(
            f"A sandbox of the Selling Partner API runs on this machine; nothing leaves it. "
            f"{len(jobs)} messages of {len({type(job.message) for job in jobs})} kinds go to "
            f"{len({job.order_id for job in jobs})} orders, at {QUOTA.rate:g} requests a second "
            f"and operation."
        )
        if self.has_person:
            self._say("Watch them come in, in a browser:")
            self._link()
        self._tell()

    async def _send(self) -> Reasons:
        """Send all jobs, and collect why some did not go out."""
        jobs, reasons = self.campaign.jobs, Reasons()
        number_of = {job.order_id: number for number, job in enumerate(jobs)}
        activity = Activity(jobs=len(jobs), discovers=True)
        pool = self.campaign.pool(activity.note)
        bulk = self.campaign.bulk(pool)
        with view_for(
            self.screen, lambda: activity.standing(bulk.summary, pool.has_tokens), as_json=False
        ) as view:
            async with kept_drawn(view), pool, bulk as outcomes:
                async for outcome in outcomes:
                    view.see(outcome)
                    if isinstance(outcome, Refused | NotSent):
                        order_id = outcome.job.order_id
                        reasons.add(number_of[order_id], order_id, outcome.error)
        return reasons

    def _tell_what_did_not_go_out(self, reasons: Reasons) -> None:
        self._head(f"{reasons.count} did not go out; these buyers have nothing:")
        for line in reasons.lines(self._folded):
            self._tell(line)

    def _explain_doubt(self) -> None:
        order_id, stands = self.campaign.doubtful.order_id, "Here the inbox stands for that"
        self._head("1 is in doubt:")
        self._say(
            "The answer was 503, an error that does not say whether the message was taken before. "
            "The buyer may have it, so it is never sent again by itself: you look into Seller "
            "Central, and settle it."
        )
        if self.has_person:
            self._say(f"{stands}: has order {order_id} its message?")
            self._link()
        elif self.campaign.sandbox.messages(order_id):
            self._say(f"{stands}, and order {order_id} has its message. So it is settled as sent:")

    def _settle(self) -> None:
        """Settle the doubt by the command for it, as it would be typed."""
        journal = self.campaign.journal
        how: Literal["ask", "sent"] = "ask" if self.has_person else "sent"
        self._tell()
        self._offer(f"$ {program_command('doubts', str(journal), '--settle', how)}")
        try:
            doubts(journal=journal, settle=how)
        except typer.Exit as left:
            if left.exit_code == STOPPED:
                raise
        self._tell()

    async def _send_again(self) -> Summary:
        pool = self.campaign.pool()
        async with pool, self.campaign.bulk(pool) as outcomes:
            async for _ in outcomes:
                pass
        return outcomes.summary

    def _tell_of_second_run(self, summary: Summary) -> None:
        skipped = f"The same run once more: {summary.skipped['sent']} are skipped as sent"
        if summary.total["InDoubt"]:
            self._say(f"{skipped}, and what is in doubt stays so until it is settled.")
        elif summary.total["Sent"]:
            order_id = self.campaign.doubtful.order_id
            times = len(self.campaign.sandbox.messages(order_id))
            self._say(
                f"{skipped}, and the doubt goes out again. Order {order_id} has its message "
                f"{times} times now: that is why no doubt is sent again by itself."
            )
        else:
            self._say(f"{skipped}. Nobody gets a message twice.")

    def _leave_open(self) -> None:
        """Let a person look around in the sandbox."""
        self._head("Look around before the sandbox is gone:")
        self._link()
        for number, sight in enumerate(_SIGHTS, 1):
            self._say(f"  {number}. {sight}", "     ")
        self._say("Press any key to end.")
        run(any_key())

    def _tell_what_next(self) -> None:
        self._head("Nothing left this machine. To write to your own orders:")
        for number, (what, command) in enumerate(_NEXT, 1):
            self._say(f"  {number}. {what}", "     ")
            if command is not None:
                for line in offered(self.screen, program_command(*command.split()), "     "):
                    self._offer(line)

    def _head(self, line: str) -> None:
        """Begin something new."""
        self._tell()
        for folded in self._folded(line):
            self._tell(folded, "bold")

    def _link(self) -> None:
        self._offer(f"  {self.campaign.sandbox.url}/")

    def _say(self, text: str, indent: str = "") -> None:
        """Tell a sentence, folded."""
        for line in self._folded(text, indent):
            self._tell(line)

    def _folded(self, text: str, indent: str = "") -> Iterator[str]:
        width = min(self.screen.width, _MAX_WIDTH)
        return wrapped(text, width, indent)

    def _offer(self, line: str) -> None:
        """Tell what can be typed or opened, as it is."""
        self._tell(line, "cyan")

    def _tell(self, line: str = "", style: str = "none") -> None:
        """Tell a line as it is; Text, for nothing in it is markup."""
        self.screen.print(Text(printable(line), style), soft_wrap=True)
