"""Several processes that share one seller's quota, at a sandbox that enforces it."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import IO, Any

import attrs
import redis
from helpers.paths import HELPERS, PYTHONPATH
from helpers.served import served

from spapi_messaging.sandbox import DEFAULT_ACTIONS, Sandbox


@attrs.frozen(kw_only=True)
class Crowd:
    """What became of the runs of several processes."""

    rate: float
    burst: int
    calls: int
    """Calls of the script in Redis, since it last started."""
    throttled: int
    requests: int
    arrivals: list[float]
    """When each message was accepted, in the sandbox's seconds."""
    by_process: Counter[str]
    """Messages after the burst, which is for who comes first."""
    doubled: int
    outcomes: Counter[str]
    tasks_left: int

    @property
    def allowance(self) -> float:
        """Return the used share of what the quota allowed between the first and the last."""
        seconds = self.arrivals[-1] - self.arrivals[0]
        return len(self.arrivals) / (self.burst + self.rate * seconds)

    @property
    def unfairness(self) -> float:
        """Return by how much the most served process had more than the least served one."""
        return max(self.by_process.values()) / min(self.by_process.values()) - 1


def script_calls(url: str) -> int:
    with redis.Redis.from_url(url) as client:
        stats: Any = client.info("commandstats")
        return int(stats.get("cmdstat_evalsha", {}).get("calls", 0))


def crowd(
    url: str,
    *,
    namespace: str,
    rate: float,
    burst: int,
    seconds: float,
    processes: int = 4,
    meanwhile: Callable[[], object] = lambda: None,
) -> Crowd:
    """Let processes send for so many seconds; ``meanwhile`` is called when all have begun."""
    before = script_calls(url)
    plan: dict[str, Any] = {"rate": rate, "burst": burst, "latency": (0.02, 0.1)}
    with served(any_order=DEFAULT_ACTIONS, **plan) as sandbox, ExitStack() as stack:
        sizes = map(str, (rate, burst, processes, seconds))
        arguments = [url, namespace, *sizes]
        runs = [
            stack.enter_context(_run(sandbox, [str(number), *arguments]))
            for number in range(processes)
        ]
        for run in runs:
            assert _stream(run.stdout).readline() == "ready\n"
        for run in runs:
            _stream(run.stdin).write("\n")
            _stream(run.stdin).flush()
        meanwhile()
        reports = [json.loads(run.communicate(timeout=seconds + 60)[0]) for run in runs]
        messages = sorted(sandbox.messages(), key=lambda message: message.at)
        orders = Counter(message.order_id for message in messages)
        return Crowd(
            rate=rate,
            burst=burst,
            calls=max(0, script_calls(url) - before),
            throttled=sum(record.status == 429 for record in sandbox.requests),
            requests=len(sandbox.requests),
            arrivals=[message.at for message in messages],
            by_process=Counter(message.order_id[:3] for message in messages[burst:]),
            doubled=sum(count - 1 for count in orders.values()),
            outcomes=sum((Counter(report["outcomes"]) for report in reports), Counter()),
            tasks_left=sum(report["tasks left"] for report in reports),
        )


@contextmanager
def _run(sandbox: Sandbox, arguments: list[str]) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, str(HELPERS / "shared_run.py"), *arguments],
        env=os.environ | sandbox.environment | {"PYTHONPATH": PYTHONPATH},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _stream(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe
