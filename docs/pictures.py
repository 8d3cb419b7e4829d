"""Draw the README's pictures from the real thing: a campaign on a terminal, its report, the inbox.

    python docs/pictures.py [--output docs/pictures] [--orders 240]

It needs the extra ``test`` and Chromium, and takes about a minute. A sandbox runs, ``bulk`` sends
to it on a terminal of 100 columns, and ``report`` makes a page of the journal; the browser of the
tests takes its picture and the inbox's. Each is drawn in light and in dark colours. Nothing but
public commands is used, so that it is run again after whatever changed how things look.
"""

import argparse
import base64
import io
import json
import shlex
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image
from rich.text import Text

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from example_campaign import TIME_ZONE, Program, program_with_sandbox, rows, write_files
from helpers.piped_browser import Browser
from terminal_picture import EmulatedTerminal, drawn_on_terminal, svg

SCHEMES = ("light", "dark")
_COLUMNS, _LINES = 100, 60
_MIDDLE = 0.6
"""The part of the messages that has gone out when the run's picture is taken, or soon after it."""
_WIDTH, _SCALE = 1280, 2
_REPORT_HEIGHT, _INBOX_HEIGHT = 1600, 760
"""Of the window. Of the report as many sections are shown as fit, and none is cut."""
_MARGIN = 12
_COLOURS = 256
"""Of a picture's palette. With fewer, amber becomes red: a doubt would look like a refusal."""
_PAUSE = 0.05

_FITTING = """(() => {
    const boxes = [...document.querySelectorAll("section")].map(e => e.getBoundingClientRect());
    const cuts = y => boxes.some(box => box.top < y && y < box.bottom);
    return Math.max(...boxes.map(box => box.bottom).filter(y => y < innerHeight && !cuts(y)));
})()"""
_AT_REST = """document.fonts.status === "loaded" && document.getAnimations().every(each =>
    each.playState !== "running" || each.effect.getComputedTiming().iterations === Infinity)"""
_OPEN = """(({order_id, text}) => {
    const isWhole = each => each.textContent === text && each.offsetParent
        && 0 < each.clientWidth && each.scrollWidth <= each.clientWidth;
    if ([...document.querySelectorAll("body *")].some(isWhole)) return true;
    [...document.querySelectorAll("button, a, [role=option]")]
        .find(each => each.offsetParent && each.textContent.includes(order_id))?.click();
    return false;
})"""
"""Whether a message is shown, all of its text; else press on its line in the list."""


def draw(output: Path, count: int) -> None:
    """Draw all pictures of a campaign of so many orders."""
    output.mkdir(parents=True, exist_ok=True)
    orders = rows(count)
    with TemporaryDirectory() as name, _browser() as browser:
        folder = Path(name)
        write_files(folder, orders)
        with program_with_sandbox(folder) as program:
            for moment, text in _campaign(program, count).items():
                for scheme in SCHEMES:
                    drawn = svg(text, title="spapi-messaging", scheme=scheme, columns=_COLUMNS)
                    (output / f"{moment}-{scheme}.svg").write_text(drawn, "utf-8")
            program.run("report", "orders.csv.journal", "-o", "report.html")
            for scheme in SCHEMES:
                page = (folder / "report.html").as_uri()
                _open(browser, page, scheme, _REPORT_HEIGHT)
                height = browser.value(_FITTING) + _MARGIN
                _shoot(browser, output / f"report-{scheme}.png", height)
                _open(browser, program.inbox, scheme, _INBOX_HEIGHT)
                _open_message(browser, program)
                _shoot(browser, output / f"inbox-{scheme}.png", _INBOX_HEIGHT)


def _campaign(program: Program, count: int) -> dict[str, Text]:
    """Send all, and return what the terminal shows in the middle and at the end."""
    screen, shown = EmulatedTerminal(_COLUMNS, _LINES), dict[str, Text]()
    typed = f"$ {shlex.join(program.bulk())}\r\n"
    screen.show(typed.encode())
    for drawn in drawn_on_terminal(
        program.bulk(), program.environ, program.folder, columns=_COLUMNS, lines=_LINES
    ):
        screen.show(drawn)
        if "run" not in shown and program.accepted()["total"] >= count * _MIDDLE:
            text = screen.text()
            if "in doubt" in text.plain:  # which the picture is to show; answers may come late
                shown["run"] = text
    if "run" not in shown:
        raise RuntimeError(f"the campaign went wrong:\n{screen.text().plain}")
    return shown | {"end": screen.text()}


@contextmanager
def _browser() -> Iterator[Browser]:
    binary = shutil.which("chromium") or shutil.which("google-chrome")
    if binary is None:
        sys.exit("pictures.py needs Chromium")
    with TemporaryDirectory() as profile:
        browser = Browser(binary, Path(profile))
        try:
            browser.connect()
            yield browser
        finally:
            browser.close()


def _open(browser: Browser, url: str, scheme: str, height: int) -> None:
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.ask("Emulation.setEmulatedMedia", features=[feature])
    size = {"width": _WIDTH, "height": height, "deviceScaleFactor": _SCALE, "mobile": False}
    browser.ask("Emulation.setDeviceMetricsOverride", **size)
    browser.ask("Emulation.setScrollbarsHidden", hidden=True)
    browser.ask("Emulation.setTimezoneOverride", timezoneId=TIME_ZONE)
    browser.ask("Page.navigate", url=url)
    _until(browser, f"location.href === {url!r} && document.readyState === 'complete'")


def _open_message(browser: Browser, program: Program) -> None:
    """Open a message with a text, a few rows below the newest, as a person would."""
    newest = program.accepted(20)["messages"]
    chosen = next(each for each in newest[3:] if each["text"])
    _until(browser, f"{_OPEN}({json.dumps(chosen)})")


def _until(browser: Browser, script: str, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not browser.value(script):
        if time.monotonic() > deadline:
            raise TimeoutError(f"never true in the browser: {script}")
        time.sleep(_PAUSE)


def _shoot(browser: Browser, file: Path, height: float) -> None:
    """Write the upper part of what the browser shows as a small PNG."""
    _until(browser, _AT_REST)
    part = {"x": 0, "y": 0, "width": _WIDTH, "height": height, "scale": 1}
    taken: Any = browser.ask("Page.captureScreenshot", format="png", clip=part)
    image = Image.open(io.BytesIO(base64.b64decode(taken["data"]))).convert("RGB")
    image.quantize(_COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


def main() -> None:
    """Draw what was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "pictures")
    parser.add_argument("--orders", type=int, default=240, help="of the campaign")
    arguments = parser.parse_args()
    draw(arguments.output, arguments.orders)
    for file in sorted(arguments.output.iterdir()):
        print(f"{file.name}: {file.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
