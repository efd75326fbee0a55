"""Every panel with fixed data looks as it was last accepted (`scripts/accept_gallery.py` accepts how they look now)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import gallery
from tests.browser.dashboard import Account, serving

ROOT = Path(__file__).parents[2]
# Kinds that are drawn by the browser alone, or like another kind.
_NOT_SHOWN = {
    "html-file",  # a frame of the page that was logged
    "html/separated",
    "video-file",  # the browser's own player
    "video/separated",
    "image-file",  # as images/separated
    "audio/separated",
    "object3D/separated",
}


@pytest.fixture(scope="module")
def url(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over an empty store: the gallery brings its own data."""
    with serving(tmp_path_factory.mktemp("empty")) as url:
        yield url


def skip_elsewhere(page: Page, browser: Browser, theme: gallery.Theme) -> None:
    if not gallery.is_same_machine(page, browser, theme):
        pytest.skip("this browser draws letters otherwise than the one that drew the accepted pictures")


@pytest.mark.parametrize("theme", gallery.THEMES)
def test_every_panel_looks_as_accepted(url: str, browser: Browser, theme: gallery.Theme, tmp_path: Path) -> None:
    with gallery.gallery(browser, url, theme) as page:
        skip_elsewhere(page, browser, theme)
        changed = gallery.changed(page, theme)
    files = [str(gallery.write_difference(now, name, theme, tmp_path)) for name, now in changed.items()]
    assert list(changed) == [], f"Look at {files}. If this is meant, run scripts/accept_gallery.py."


def test_a_panel_that_changed_is_told_and_its_difference_is_drawn(url: str, browser: Browser, tmp_path: Path) -> None:
    with gallery.gallery(browser, url, "light") as page:
        skip_elsewhere(page, browser, "light")
        assert gallery.changed(page, "light") == {}
        page.add_style_tag(content="[data-panel=chart-bar] * { color: red !important }")
        changed = gallery.changed(page, "light", patience_s=1.0)
    assert list(changed) == ["chart-bar"]
    assert gallery.write_difference(changed["chart-bar"], "chart-bar", "light", tmp_path).stat().st_size > 0


def test_the_gallery_shows_every_kind_of_panel_and_asks_nobody(url: str, browser: Browser) -> None:
    registry = (ROOT / "web/src/panels/registry.ts").read_text(encoding="utf-8")
    table = registry.split("const PANELS", 1)[1].split("};", 1)[0]
    kinds = set(re.findall(r'^ {2}"?([\w/-]+)"?[:,]', table, re.MULTILINE))
    entries = (ROOT / "web/src/gallery/entries.ts").read_text(encoding="utf-8")
    assert len(kinds) > 15
    assert kinds - _NOT_SHOWN <= set(re.findall(r'entry\("[\w-]+", "([\w/-]+)"', entries))
    with browser.new_context() as context:
        page = context.new_page()
        account = Account(page)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{url}/gallery/lines")
        page.get_by_role("application").wait_for()
    assert account.errors == []
    assert [one for one in asked if "/api/" in one] == []


def test_accepted_pictures_are_of_panels_that_are_there_and_small(url: str, browser: Browser) -> None:
    files = list(gallery.ACCEPTED.glob("*.webp"))
    with gallery.gallery(browser, url, "light") as page:
        wanted = {f"{name}-{theme}.webp" for name in gallery.pictures(page) for theme in gallery.THEMES}
    assert {file.name for file in files} == wanted
    assert sum(file.stat().st_size for file in files) < 1_500_000
