"""The campaign of the pictures: invented orders, a sandbox they meet, and the program as typed.

What goes wrong is what goes wrong in a real campaign: orders that are closed, an action that is
disabled, texts that Amazon refuses, and answers that leave a doubt. The same orders each time.
"""

import csv
import json
import os
import random
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import attrs

TIME_ZONE = "Europe/Berlin"
_PROGRAM = Path(sys.executable).with_name("spapi-messaging")
_QUOTA = ("--rate", "10", "--burst", "10")
_NAMES = ("Zoë", "Noah", "Mia", "Emil", "Lina", "Paul", "Aylin", "Jonas", "Ida", "Karl", "Maja")
_PRODUCTS = ("armchair", "bookshelf", "desk lamp", "dining table", "wardrobe", "sofa bed")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
_DELIVERY = (
    "Hello $first_name, your $product is ready. May we bring it on $day? "
    "If that day does not suit you, tell us which one does."
)
_PROBLEM = (
    "Hello $first_name, your $product was damaged on its way to us. A new one leaves our "
    "warehouse on $day; you need not do anything."
)
_CLOSED, _DISABLED = (9, 40, 86), (23, 101)
_IN_DOUBT, _WITH_LINK = (16, 60, 118), (12, 35, 55, 90)
"""Rows of the file that do not go well; each has the action for it."""


@attrs.frozen
class Row:
    """An order of the file, with what it gets."""

    order_id: str
    action: str
    first_name: str
    product: str
    day: str
    text: str = ""
    attachments: str = ""
    coverage_start_date: str = ""
    coverage_end_date: str = ""


def rows(count: int) -> list[Row]:
    """Invent orders."""
    chance = random.Random(20)
    return [_row(number, chance) for number in range(count)]


def _row(number: int, chance: random.Random) -> Row:
    row = Row(
        order_id=f"903-{chance.randrange(10**7):07}-{chance.randrange(10**7):07}",
        action=chance.choices(
            ["confirmDeliveryDetails", "unexpectedProblem", "invoice", "warranty"], [8, 5, 5, 3]
        )[0],
        first_name=chance.choice(_NAMES),
        product=chance.choice(_PRODUCTS),
        day=chance.choice(_DAYS),
    )
    if number in {*_IN_DOUBT, *_WITH_LINK}:
        row = attrs.evolve(row, action="unexpectedProblem")
    if number in _DISABLED:
        row = attrs.evolve(row, action="warranty")
    match row.action:
        case "confirmDeliveryDetails":
            return attrs.evolve(row, text=_DELIVERY)
        case "unexpectedProblem":
            return attrs.evolve(row, text=_PROBLEM)
        case "warranty":
            return attrs.evolve(
                row,
                attachments="warranty.pdf",
                coverage_start_date="2026-12-01T00:00:00+01:00",
                coverage_end_date="2028-12-01T00:00:00+01:00",
            )
        case _:
            return attrs.evolve(row, attachments="invoice.pdf")


def write_files(folder: Path, orders: list[Row]) -> None:
    """Write the job file with its attachments, and the scenario of the sandbox."""
    with (folder / "orders.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in attrs.fields(Row)])
        writer.writeheader()
        writer.writerows(map(attrs.asdict, orders))
    for name in ("invoice.pdf", "warranty.pdf"):
        (folder / name).write_bytes(b"%PDF-1.4\n% an example\n")
    scenario = json.dumps(_scenario(orders))
    (folder / "scenario.json").write_text(scenario, "utf-8")


def _scenario(orders: list[Row]) -> dict[str, Any]:
    def ids(numbers: tuple[int, ...]) -> Iterator[str]:
        return (orders[number].order_id for number in numbers if number < len(orders))

    link = {"errors": [{"code": "InvalidInput", "message": "The message contains a link."}]}
    return {
        "locale": "en-GB",
        "latency": [0.05, 0.2],
        "orders": [
            *({"order_id": order_id, "closed": True} for order_id in ids(_CLOSED)),
            *(
                {"order_id": order_id, "disabled": {"warranty": "Available after the delivery"}}
                for order_id in ids(_DISABLED)
            ),
        ],
        "faults": [
            fault | {"order_id": order_id, "operation": "unexpectedProblem"}
            for numbers, fault in (
                (_IN_DOUBT, {"status": 503, "after_accepting": True}),
                (_WITH_LINK, {"status": 400, "body": link}),
            )
            for order_id in ids(numbers)
        ],
    }


@attrs.frozen
class Program:
    """The program as it is typed in a folder, for a sandbox that runs."""

    folder: Path
    variables: dict[str, str]

    @property
    def inbox(self) -> str:
        """Where the sandbox shows what it got."""
        return f"{self.variables['SPAPI_MESSAGING_ENDPOINT']}/"

    @property
    def environ(self) -> dict[str, str]:
        """The environment: nothing of this machine is in it but where programs are."""
        path = os.pathsep.join((str(_PROGRAM.parent), os.environ["PATH"]))
        usual = {"PATH": path, "HOME": str(self.folder), "TZ": TIME_ZONE, "LANG": "C.UTF-8"}
        return usual | {"TERM": "xterm-256color"} | self.variables

    def bulk(self) -> list[str]:
        """Return the command line that sends."""
        return [_PROGRAM.name, "bulk", "orders.csv", "--marketplace", "DE", *_QUOTA]

    def run(self, *arguments: str) -> None:
        """Run a command to its end, which must be a good one."""
        line = [_PROGRAM.name, *arguments]
        subprocess.run(
            line, cwd=self.folder, env=self.environ, check=True, stdout=subprocess.DEVNULL
        )

    def accepted(self, limit: int = 1) -> dict[str, Any]:
        """Ask the sandbox for the newest messages, and how many there are."""
        url = f"{self.inbox}__sandbox__/messages?limit={limit}"
        with urlopen(Request(url, headers={"X-Sandbox": "1"})) as answer:
            page: dict[str, Any] = json.load(answer)
            return page


@contextmanager
def program_with_sandbox(folder: Path) -> Iterator[Program]:
    """Run the sandbox of a folder's scenario until the block is left."""
    program = Program(folder, {})
    path = shutil.which(_PROGRAM.name, path=program.environ["PATH"])
    line = [str(path), "sandbox", "--port", "0", *_QUOTA, "--scenario", "scenario.json"]
    with subprocess.Popen(
        line, cwd=folder, env=program.environ, stdout=subprocess.PIPE, text=True
    ) as sandbox:
        try:
            yield attrs.evolve(program, variables=_exported(sandbox))
        finally:
            sandbox.terminate()


def _exported(sandbox: "subprocess.Popen[str]") -> dict[str, str]:
    """Read the variables that a sandbox prints for clients, up to its last line."""
    found: dict[str, str] = {}
    for line in sandbox.stdout or ():
        match shlex.split(line, comments=True):
            case ["export", assignment]:
                name, _, value = assignment.partition("=")
                found[name] = value
            case _ if found:
                return found
    raise RuntimeError("the sandbox did not start")
