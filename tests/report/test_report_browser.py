"""The report in a browser: nothing asked for, nothing complained of, nothing wider than the screen, and on paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not CHROMIUM.exists():
        pytest.skip(f"needs {CHROMIUM}, which isn't here")
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(params=[(1280, 900), (390, 844)], ids=["desktop", "phone"])
def opened(browser: Any, page: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    width, height = request.param
    tab = browser.new_page(viewport={"width": width, "height": height})
    tab.asked, tab.said = [], []
    tab.on("request", lambda asked: tab.asked.append(asked.url))
    tab.on("console", lambda said: tab.said.append(said.text))
    tab.on("pageerror", lambda error: tab.said.append(str(error)))
    tab.goto(page.as_uri())
    yield tab
    tab.close()


def test_it_asks_for_nothing_and_complains_of_nothing(opened: Any) -> None:
    assert [url for url in opened.asked if not url.startswith(("file:", "data:"))] == []
    assert opened.said == []


def test_nothing_is_wider_than_the_screen(opened: Any) -> None:
    opened.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    inner, scrolled = opened.evaluate("[window.innerWidth, document.documentElement.scrollWidth]")
    assert scrolled <= inner
    wide = """[...document.querySelectorAll('main *')].filter(one => !one.closest('.scroll')
        && one.getBoundingClientRect().right > window.innerWidth + 1).map(one => one.outerHTML.slice(0, 80))"""
    assert opened.evaluate(wide) == []


def test_pictures_are_drawn_and_described(opened: Any) -> None:
    shown = opened.evaluate(
        "[...document.images].map(one => [one.complete && one.naturalWidth > 0, one.alt.length, one.currentSrc.length])"
    )
    assert shown and all(drawn and described > 30 and source > 1000 for drawn, described, source in shown)


def test_phones_get_the_narrow_picture(opened: Any) -> None:
    width = opened.evaluate("document.images[0].naturalWidth")
    assert width == (320 if opened.viewport_size["width"] == 390 else 640)


def test_words_contrast_with_their_ground(opened: Any) -> None:
    """WCAG 2.2, 1.4.3: 4.5 to 1 for text."""
    colors = opened.evaluate(
        """[...document.querySelectorAll('body *')].filter(one => [...one.childNodes].some(
            part => part.nodeType == 3 && part.data.trim()) && one.getClientRects().length).map(one => {
            let at = one, ground = 'rgba(0, 0, 0, 0)';
            while (at && ground == 'rgba(0, 0, 0, 0)') { ground = getComputedStyle(at).backgroundColor; at = at.parentElement; }
            return getComputedStyle(one).color + '|' + ground; })"""
    )

    def light(color: str) -> float:
        parts = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for pair in set(colors):
        dark, bright = sorted(light(color) for color in pair.split("|"))
        assert (bright + 0.05) / (dark + 0.05) >= 4.5, pair


def test_on_paper(browser: Any, page: Path) -> None:
    tab = browser.new_page()
    tab.goto(page.as_uri())
    paper = tab.pdf(prefer_css_page_size=True)
    tab.close()
    assert paper.startswith(b"%PDF")
    assert 3 <= len(re.findall(rb"/Type\s*/Page\b", paper)) <= 30
