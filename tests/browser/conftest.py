"""One real training, one server over it, and a fresh browser page for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from kerascope.server.static_files import STATIC
from tests.browser.dashboard import CHROMIUM, CHROMIUM_ARGUMENTS, TIMEOUT_MS, Account, run_module, serving


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        message = "chromium is not installed (Debian: apt-get install chromium), so nothing was tested in a browser"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    assert (STATIC / "index.html").is_file(), "The dashboard is not built. Run `make web`."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def trained(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the two runs of `training.py`. Tests that use it leave it as it is."""
    store = tmp_path_factory.mktemp("trained")
    assert run_module("tests.browser.training", store).wait(400) == 0
    return store


@pytest.fixture(scope="session")
def server(trained: Path) -> Iterator[str]:
    with serving(trained) as url:
        yield url


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with its own storage. At the end it must have had no errors and talked to this machine only."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light")
    context.set_default_timeout(TIMEOUT_MS)
    page = context.new_page()
    account = Account(page)
    page.account = account  # type: ignore[attr-defined]
    yield page
    context.close()
    assert account.hosts <= {"127.0.0.1"}
    assert account.errors == []
