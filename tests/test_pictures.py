"""The README's pictures can be drawn again, and show what they are for."""

import html
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from functools import partial
from importlib.resources import files
from pathlib import Path

import pytest
from helpers.paths import ROOT
from PIL import Image, ImageStat

pytestmark = pytest.mark.slow

ORDERS = 60
SCHEMES = ("light", "dark")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("chromium") is None and shutil.which("google-chrome") is None:
        pytest.skip("there is no Chromium on this machine")
    folder = tmp_path_factory.mktemp("pictures")
    script = [sys.executable, "docs/pictures.py", "--output", str(folder)]
    subprocess.run([*script, "--orders", str(ORDERS)], cwd=ROOT, check=True, timeout=120)
    return folder


def words(picture: Path) -> str:
    """Return what an SVG has as text."""
    texts = re.findall(r"<text[^>]*>(.*?)</text>", picture.read_text("utf-8"))
    return "\n".join(html.unescape(text).replace("\xa0", " ") for text in texts)


def is_readable(foreground: str, background: str) -> bool:
    """Say whether two colours differ as much as large letters need (WCAG 2.2)."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(foreground), luminance(background)))
    return (high + 0.05) / (low + 0.05) >= 3


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_run_is_shown_in_its_middle_and_at_its_end(pictures: Path, scheme: str) -> None:
    middle, end = (words(pictures / f"{moment}-{scheme}.svg") for moment in ("run", "end"))
    for shown in (middle, end):
        assert "$ spapi-messaging bulk orders.csv --marketplace DE" in shown
        assert "confirmDeliveryDetails" in shown
        assert "in doubt" in shown
        assert not re.search(r"(?<![\w.:])/\w+/", shown), "no path of this machine"
    done = [int(found) for found in re.findall(rf"(\d+)(?:/| of ){ORDERS}\b", middle)]
    assert ORDERS / 2 <= done[0] < ORDERS
    assert re.search(rf"{ORDERS}(/| of ){ORDERS}\b", end)


@pytest.mark.parametrize("moment", ["run", "end"])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_terminals_picture_loads_nothing_and_has_its_schemes_colours(
    pictures: Path, scheme: str, moment: str
) -> None:
    drawn = (pictures / f"{moment}-{scheme}.svg").read_text("utf-8")
    assert "url(http" not in drawn
    assert "@font-face" not in drawn
    background = {"light": "#ffffff", "dark": "#0d1117"}[scheme]
    assert f'fill="{background}"' in drawn
    letters = re.findall(r"-r1 \{ fill: (#[0-9a-f]{6})", drawn)
    assert letters
    assert all(is_readable(letter, background) for letter in letters)


@pytest.mark.parametrize("page", ["report", "inbox"])
def test_a_pages_picture_is_small_and_not_blank(pictures: Path, page: str) -> None:
    brightness = {}
    for scheme in SCHEMES:
        file = pictures / f"{page}-{scheme}.png"
        assert file.stat().st_size < 200_000
        with Image.open(file) as image:
            assert image.width == 2560
            assert image.height > 1200
            plain = image.convert("RGB")
            assert len(plain.getcolors(1 << 24) or ()) > 50
            grey = ImageStat.Stat(plain.convert("L"))
            assert grey.stddev[0] > 10
            brightness[scheme] = grey.mean[0]
    assert brightness["light"] > 200
    assert brightness["dark"] < 60


def distance(one: Iterable[int], other: Iterable[int]) -> int:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_doubt_has_another_colour_than_a_refusal(pictures: Path, scheme: str) -> None:
    style = files("spapi_messaging.cli.report").joinpath("report.css").read_text("utf-8")
    palette = re.findall(r":root \{(.*?)\}", style, re.DOTALL)[SCHEMES.index(scheme)]
    wanted = [
        bytes.fromhex(colour)
        for colour in re.findall(r"--(?:sent|refused|not-sent|in-doubt): #([0-9a-f]{6})", palette)
    ]
    with Image.open(pictures / f"report-{scheme}.png") as image:
        found = image.convert("RGB").getcolors(1 << 24) or ()
    colours = [colour for _, colour in found if isinstance(colour, tuple)]
    assert len(wanted) == 4
    for colour in wanted:
        # A palette of so few moves a colour, by less than half of what two of them are apart (95).
        assert min(map(partial(distance, colour), colours)) < 45
