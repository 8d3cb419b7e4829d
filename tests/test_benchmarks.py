"""The benchmarks measure what they say: both sides send the same, and each is really in use."""

import importlib
import inspect
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import attrs
import pytest
from helpers.fault_server import FaultServer, serving

sys.path.append(str(Path(__file__).parents[1]))  # an installed package goes first

from benchmarks.__main__ import FIGURES
from benchmarks.answers import EMBEDDED, PLAIN, Answers, order_ids
from benchmarks.by_hand import ByHand, by_hand, open_http
from benchmarks.figures import Row, as_markdown
from benchmarks.profile import LIBRARIES, ROWS, Spent, row_of, table
from benchmarks.side_by_side import ours

ROOT = Path(__file__).parents[1]
TEXT = "Grüße, may we send you another one?"
SAME = ("x-amz-access-token", "content-type", "accept-encoding", "content-length")
SIZES = pytest.mark.parametrize("prefix", [PLAIN, EMBEDDED])


@attrs.frozen
class Sent:
    """One request, as far as it matters."""

    line: str
    headers: dict[str, str]
    body: bytes


def sent(server: FaultServer) -> list[Sent]:
    """Return the requests that a server got, without those for a token."""
    bodies = iter(server.posts)
    found = []
    for head in server.heads:
        line, *lines = head.decode().strip().split("\r\n")
        pairs = (each.partition(": ")[::2] for each in lines)
        headers = {name.lower(): value for name, value in pairs if name.lower() in SAME}
        headers["x-amz-access-token"] = headers["x-amz-access-token"][:5]  # each has its own
        found.append(Sent(line, headers, next(bodies) if line.startswith("POST") else b""))
    return found


async def answered(server: FaultServer, writer: Any) -> None:
    """Answer as the benchmarks' server does."""
    order_id = server.heads[-1].split(b"/orders/")[1][:19]
    answers = Answers(9000.0)
    is_post = server.heads[-1].startswith(b"POST")
    writer.write(answers.created() if is_post else answers.order(order_id))


async def requests_of(
    client: Callable[[str], AbstractAsyncContextManager[Callable[..., Awaitable[object]]]],
    order_id: str,
) -> list[Sent]:
    """Return what one discover and one send of a client are."""
    async with serving(answered) as server, client(server.url) as operation:
        await operation(order_id, TEXT)
        return sent(server)


@SIZES
async def test_ours_and_by_hand_send_the_same(prefix: str) -> None:
    """Method, path, query, body and the headers that count are the same to the letter."""
    order_id = next(order_ids(prefix))
    mine, raw = await requests_of(ours, order_id), await requests_of(by_hand, order_id)
    assert [each.line.partition(" ")[0] for each in mine] == ["GET", "POST"]
    assert TEXT.encode() in mine[1].body
    assert mine == raw


@pytest.mark.parametrize("text", ["", "x" * 2001])
async def test_by_hand_checks_the_length(text: str) -> None:
    """By hand nothing is sent that the model forbids."""
    async with serving(answered) as server, by_hand(server.url) as operation:
        with pytest.raises(ValueError, match="too short or too long"):
            await operation("902-0000000-0812628", text)
        assert not server.heads


@pytest.mark.parametrize(
    ("offered", "otherwise", "error"),
    [
        (b'"unexpectedProblem"', b'"unexpectedThing__"', LookupError),
        (b'"disabled":false', b'"disabled":1    ', ValueError),
        (b'"maxLength":2000', b'"maxLength":7   ', ValueError),
    ],
)
async def test_by_hand_looks_at_what_is_offered(
    offered: bytes, otherwise: bytes, error: type[Exception]
) -> None:
    """By hand the schema is read: a check that is left out would flatter the reference."""

    async def other(server: FaultServer, writer: Any) -> None:
        answer = Answers(9000.0).order(server.heads[-1].split(b"/orders/")[1][:19])
        assert offered in answer
        writer.write(answer.replace(offered, otherwise))

    async with serving(other) as server, by_hand(server.url) as operation:
        with pytest.raises(error):
            await operation("903-0000000-0812628", TEXT)
        assert not server.posts


async def test_by_hand_reads_the_answer() -> None:
    """By hand the request id and the rate of an answer are read, and another status is an error."""

    async def refused(server: FaultServer, writer: Any) -> None:
        if server.heads[-1].startswith(b"POST"):
            writer.write(Answers(9000.0).created().replace(b"201 Created", b"403 Refused"))
        else:
            await answered(server, writer)

    async with open_http() as http:
        async with serving(answered) as server:
            receipt = await ByHand(http=http, url=server.url).send("902-0000000-0812628", TEXT)
        assert receipt.request_id
        assert receipt.rate == 9000
        async with serving(refused) as server:
            with pytest.raises(RuntimeError, match="403"):
                await ByHand(http=http, url=server.url).send("902-0000000-0812628", TEXT)


@SIZES
def test_no_two_answers_are_the_same(prefix: str) -> None:
    """The same order answers with other bytes, and other orders with their own ids."""
    answers, ids = Answers(9000.0), order_ids(prefix)
    first, second = next(ids).encode(), next(ids).encode()
    assert answers.order(first) != answers.order(first)
    assert second in answers.order(second)
    assert first not in answers.order(second)
    _, body = answers.order(first).split(b"\r\n\r\n")
    assert b"Content-Length: %d\r\n" % len(body) in answers.order(first)
    assert len(body) == pytest.approx(1600 if prefix == PLAIN else 7500, rel=0.02)


@pytest.mark.parametrize("reader", ["json", "orjson"])
def test_each_reader_is_in_use(reader: str) -> None:
    """Where a row says json, neither side calls orjson, and where it says orjson, both do."""
    if reader == "orjson":
        pytest.importorskip("orjson")
    program = f"from benchmarks.side_by_side import take_reader; take_reader({reader!r})"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)


@pytest.mark.parametrize("name", FIGURES)
def test_each_figure_can_be_measured(name: str) -> None:
    """What the table names can be imported, and takes its options."""
    module = importlib.import_module(f"benchmarks.{name}")
    assert list(inspect.signature(module.measure).parameters) == ["options"]


def test_a_row_is_markdown() -> None:
    """A figure that has a bar in it does not make a column of it."""
    row = Row(what="a|b", ours="1 ms", met=True)
    assert as_markdown([row]).splitlines()[2] == r"| a\|b | 1 ms |  |  |  | met |"


@pytest.mark.parametrize(
    ("file", "name", "row"),
    [
        ("/x/spapi_messaging/transport/retry.py", "call", "transport"),
        ("/x/spapi_messaging/session.py", "send", "session"),
        ("/x/site-packages/spapi_messaging/errors.py", "f", "other rooms"),
        ("<attrs generated methods spapi_messaging.quota.pace.Pace>", "__init__", "quota"),
        ("<attrs generated methods benchmarks.by_hand.Sent>", "__init__", "the caller's own"),
        ("/spapi_messaging/site-packages/aiohttp/client.py", "_request", "aiohttp"),
        ("~", "<method 'feed_data' of 'aiohttp._http_parser.HttpParser' objects>", "aiohttp"),
        ("~", "<method 'get' of 'multidict._multidict.CIMultiDict' objects>", "yarl, multidict"),
        ("~", "<built-in method orjson.loads>", "json"),
        ("/lib/python3.11/json/decoder.py", "decode", "json"),
        ("~", "<method 'send' of '_socket.socket' objects>", "sockets"),
        ("~", "<method 'poll' of 'select.epoll' objects>", "selector"),
        ("/lib/python3.11/asyncio/events.py", "_run", "asyncio"),
        ("/lib/python3.11/contextlib.py", "__exit__", "the rest"),
        ("~", "<built-in method builtins.len>", None),
    ],
)
def test_a_profile_knows_each_row(file: str, name: str, row: str | None) -> None:
    """Each function is in the row of its room or library; a builtin is in its caller's."""
    assert row_of((file, 1, name)) == row
    assert row is None or row in ROWS


def test_a_profile_fits_into_a_terminal() -> None:
    """Every row is there, its shares are those of the sum, and no line is too long."""
    side = Spent(dict.fromkeys(ROWS, 123.4), dict.fromkeys(ROWS, 99.9), 512.3)
    lines = [*table(side, side)]
    assert len(lines) == len(ROWS) + 4
    assert max(map(len, lines)) <= 100
    assert f"{1 / len(ROWS):.1%}" in lines[2]
    assert set(LIBRARIES) < set(ROWS)
