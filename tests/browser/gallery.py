"""Pictures of the gallery of panels: how they are taken, kept and compared.

Accepted ones lie in `tests/browser/accepted/`, by panel and theme, with the version of the browser that drew them. They are compared
by the share of pixels that differ, and only where letters are drawn as they were then: fonts and browsers differ between machines.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page

ACCEPTED = Path(__file__).parent / "accepted"
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
# Shows how this machine draws letters and buttons; it is no panel.
TYPE = "type"
# A pixel differs if a channel does by more than this (of 255): less is what rounding in another processor makes.
CHANNEL = 32
# A picture differs if more than this share of its pixels do: some 200 of a small panel.
SHARE = 0.002
_DEADLINE_S = 180.0
_BETWEEN_MS = 250
_READY = """() => document.fonts.status === 'loaded'
  && document.querySelectorAll('[data-panel]:not([data-panel=loading]) [aria-busy=true]').length === 0
  && document.querySelectorAll('[data-panel]').length > 5"""

# Whole pixels: the gallery is laid out so that panels have no fractions.
_BOXES = """() => Object.fromEntries([...document.querySelectorAll('[data-panel]')].map(one => {
  const box = one.getBoundingClientRect();
  return [one.dataset.panel, [box.left, box.top, box.right, box.bottom].map(Math.round)];
}))"""

Picture = np.ndarray


@contextmanager
def gallery(browser: Browser, url: str, theme: Theme) -> Iterator[Page]:
    """A page with all panels, at a fixed size, time zone and language, and without motion."""
    context = browser.new_context(
        viewport={"width": 1320, "height": 900},
        color_scheme=theme,
        device_scale_factor=1,
        locale="en-US",
        reduced_motion="reduce",
        timezone_id="UTC",
    )
    context.set_default_timeout(_DEADLINE_S * 1000)
    page = context.new_page()
    page.goto(f"{url}/gallery")
    page.wait_for_function(_READY, polling=_BETWEEN_MS)
    # All of it in sight: what is out of sight need not be drawn.
    page.set_viewport_size({"width": 1320, "height": page.evaluate("document.documentElement.scrollHeight")})
    try:
        yield page
    finally:
        context.close()


def pictures(page: Page) -> dict[str, Picture]:
    """All panels as they look now, by name: uint8, (height, width, 3)."""
    whole = _pixels(io.BytesIO(page.screenshot(animations="disabled", caret="hide")))
    boxes: dict[str, list[int]] = page.evaluate(_BOXES)
    return {name: whole[top:bottom, left:right] for name, (left, top, right, bottom) in boxes.items()}


def still_pictures(page: Page) -> dict[str, Picture]:
    """All panels once they no longer change."""
    deadline = time.monotonic() + _DEADLINE_S
    last = pictures(page)
    while time.monotonic() < deadline:
        page.wait_for_timeout(_BETWEEN_MS)
        now = pictures(page)
        if now.keys() == last.keys() and all(np.array_equal(now[name], last[name]) for name in now):
            return now
        last = now
    raise AssertionError("The panels of the gallery never come to rest.")


def accepted(name: str, theme: Theme) -> Picture | None:
    """The last accepted picture of a panel, None if there is none."""
    file = _file(name, theme)
    return _pixels(file) if file.exists() else None


def share_of_difference(one: Picture, other: Picture) -> float:
    """The share of pixels that differ, 0 to 1; 1 for pictures of different sizes."""
    return 1.0 if one.shape != other.shape else float(_differing(one, other).mean())


def changed(page: Page, theme: Theme, patience_s: float = 30.0) -> dict[str, Picture]:
    """The panels that look otherwise than accepted, as they look now; what is still being drawn has `patience_s` to come to it."""
    deadline = time.monotonic() + patience_s
    while True:
        found = {name: now for name, now in pictures(page).items() if differs(now, accepted(name, theme))}
        if not found or time.monotonic() > deadline:
            return found
        page.wait_for_timeout(_BETWEEN_MS)


def differs(now: Picture, wanted: Picture | None) -> bool:
    """Returns whether more of a picture differs than what rounding makes."""
    return wanted is None or share_of_difference(now, wanted) > SHARE


def is_same_machine(page: Page, browser: Browser, theme: Theme) -> bool:
    """Returns whether this browser draws letters and buttons as the one did that drew the accepted pictures."""
    is_version = json.loads((ACCEPTED / "machine.json").read_text())["chromium"] == _major(browser)
    return is_version and not differs(still_pictures(page)[TYPE], accepted(TYPE, theme))


def write_difference(now: Picture, name: str, theme: Theme, folder: Path) -> Path:
    """Writes the accepted picture, the present one and where they differ, side by side; returns the file."""
    wanted = accepted(name, theme)
    parts = [now] if wanted is None else [wanted, now]
    if wanted is not None and wanted.shape == now.shape:
        parts.append(np.where(_differing(wanted, now)[..., None], np.uint8([255, 0, 0]), now // 3 + 160))
    sheet = np.full((max(part.shape[0] for part in parts), sum(part.shape[1] for part in parts), 3), 255, np.uint8)
    at = 0
    for part in parts:
        sheet[: part.shape[0], at : at + part.shape[1]] = part
        at += part.shape[1]
    file = folder / f"{name}-{theme}.png"
    Image.fromarray(sheet).save(file)
    return file


def accept(browser: Browser, url: str) -> int:
    """Makes the present pictures the accepted ones; returns how many bytes they take."""
    taken: dict[Path, Picture] = {}
    for theme in THEMES:
        with gallery(browser, url, theme) as page:
            taken |= {_file(name, theme): now for name, now in still_pictures(page).items()}
    ACCEPTED.mkdir(exist_ok=True)
    for old in ACCEPTED.glob("*.webp"):
        old.unlink()
    for file, now in taken.items():
        Image.fromarray(now).save(file, lossless=True)
    (ACCEPTED / "machine.json").write_text(json.dumps({"chromium": _major(browser)}) + "\n")
    return sum(file.stat().st_size for file in ACCEPTED.iterdir())


def _differing(one: Picture, other: Picture) -> np.ndarray:
    return np.abs(one.astype(np.int16) - other).max(axis=2) > CHANNEL


def _file(name: str, theme: Theme) -> Path:
    return ACCEPTED / f"{name}-{theme}.webp"


def _pixels(file: Path | io.BytesIO) -> Picture:
    with Image.open(file) as image:
        return np.asarray(image.convert("RGB"))


def _major(browser: Browser) -> str:
    return browser.version.split(".")[0]
