"""A headless Chromium, spoken to by the Chrome DevTools Protocol over a websocket."""

import asyncio
import json
import os
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import attrs

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--window-size=1400,900",
    "--remote-debugging-port=0",
)

_CODES = {"Escape": 27, "End": 35, "Home": 36, "Delete": 46}
"""Keys that do something in a browser by themselves; without its code Escape closes no dialog."""


@attrs.define
class Page:
    """A page of a browser, or the browser itself. ``events`` are all that it told, in order."""

    socket: aiohttp.ClientWebSocketResponse
    events: list[dict[str, Any]] = attrs.field(factory=list)
    _answers: dict[int, asyncio.Future[Any]] = attrs.field(factory=dict)
    _calls: int = 0

    async def call(self, method: str, *, within: float = 10, **parameters: Any) -> Any:
        self._calls += 1
        answer = self._answers[self._calls] = asyncio.get_running_loop().create_future()
        await self.socket.send_json({"id": self._calls, "method": method, "params": parameters})
        return await asyncio.wait_for(answer, within)

    async def listen(self) -> None:
        async for frame in self.socket:
            told = json.loads(frame.data)
            if "id" not in told:
                self.events.append(told)
            elif "error" in told:
                self._answers.pop(told["id"]).set_exception(RuntimeError(told["error"]["message"]))
            else:
                self._answers.pop(told["id"]).set_result(told["result"])

    def told(self, *methods: str) -> list[dict[str, Any]]:
        return [event["params"] for event in self.events if event["method"] in methods]

    async def open(self, url: str) -> None:
        for domain in ("Page", "Runtime", "Network", "Log", "Accessibility"):
            await self.call(f"{domain}.enable")
        await self.call("Page.navigate", url=url)
        await self.until("location.protocol !== 'about:' && document.readyState === 'complete'")

    async def run(self, script: str, *, within: float = 10) -> Any:
        """Evaluate an expression in the page, awaiting a promise."""
        answer = await self.call(
            "Runtime.evaluate",
            within=within,
            expression=script,
            awaitPromise=True,
            returnByValue=True,
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    async def until(self, script: str, seconds: float = 10) -> Any:
        """Wait until an expression is true, and return its value."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not (value := await self.run(script)):
            assert asyncio.get_running_loop().time() < deadline, f"never true: {script}"
            await asyncio.sleep(0.02)
        return value

    async def press(self, key: str) -> None:
        text = key if len(key) == 1 else ""
        how = {"key": key, "windowsVirtualKeyCode": _CODES.get(key, 0)}
        await self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **how)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **how)

    async def become(self, width: int, height: int = 900, scheme: str = "light") -> None:
        """Have a window of this size, and prefer light or dark."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        await self.call("Emulation.setDeviceMetricsOverride", **size)
        feature = {"name": "prefers-color-scheme", "value": scheme}
        await self.call("Emulation.setEmulatedMedia", features=[feature])

    async def click(self, selector: str) -> None:
        """Press the mouse on the middle of an element, as a person would."""
        spot = await self.until(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)}); if (!e) return;"
            "e.scrollIntoView({block: 'center'}); const b = e.getBoundingClientRect();"
            "return b.width && {x: b.x + b.width / 2, y: b.y + b.height / 2}; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            await self.call(
                "Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **spot
            )


@contextmanager
def running(profile: Path) -> Iterator[str]:
    """Run a browser with an empty profile, and end it; its address is returned."""
    assert BROWSER is not None
    with subprocess.Popen(
        [BROWSER, *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"HOME": str(profile)},
    ) as process:
        try:
            yield f"http://127.0.0.1:{_port(profile / 'DevToolsActivePort')}"
        finally:
            process.terminate()


def _port(file: Path) -> int:
    for _ in range(3000):  # the first start on a machine reads all of it from its disk
        with suppress(OSError, IndexError, ValueError):
            return int(file.read_text().splitlines()[0])
        time.sleep(0.02)
    raise AssertionError("the browser did not start")


@asynccontextmanager
async def browsing(browser: str) -> AsyncIterator[Page]:
    """Open a page in a context of its own: with no other's cookies, storage or cache."""
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{browser}/json/version") as answer:
            root = (await answer.json())["webSocketDebuggerUrl"]
        async with _attached(http, root) as whole:
            context = await whole.call("Target.createBrowserContext")
            try:
                target = await whole.call(
                    "Target.createTarget", url="about:blank", width=1400, height=900, **context
                )
                url = f"{root.partition('/devtools/')[0]}/devtools/page/{target['targetId']}"
                async with _attached(http, url) as page:
                    yield page
            finally:
                await whole.call("Target.disposeBrowserContext", **context)


@asynccontextmanager
async def _attached(http: aiohttp.ClientSession, url: str) -> AsyncIterator[Page]:
    async with http.ws_connect(url, max_msg_size=0) as socket:
        page = Page(socket)
        listener = asyncio.create_task(page.listen())
        try:
            yield page
        finally:
            listener.cancel()
            with suppress(asyncio.CancelledError):
                await listener
