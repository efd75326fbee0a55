"""Accepts how the panels of the gallery look now: takes their pictures into `tests/browser/accepted/`.

    python scripts/accept_gallery.py

The dashboard must be built (`make web`). Look at the changed pictures before they are committed.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.browser import gallery
from tests.browser.dashboard import CHROMIUM, CHROMIUM_ARGUMENTS, serving


def main() -> int:
    """Takes all pictures; returns 0."""
    with tempfile.TemporaryDirectory() as store, serving(Path(store)) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        size_bytes = gallery.accept(browser, url)
        browser.close()
    print(f"{len(list(gallery.ACCEPTED.glob('*.webp')))} pictures, {size_bytes / 1e6:.2f} MB, in {gallery.ACCEPTED}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
