from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from starlette.testclient import TestClient

from steadypin.api import create_api
from steadypin.services import access
from steadypin.web import add_pages
from tests.support.rig import Rig, rig
from tests.web.serving import serving, setup_address
from tests.web.showcase import fill
from tests.web.visitor import BASE, QUIET, Visitor


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Rig]:
    """An installation on SQLite with a row of every kind."""
    with rig(f"sqlite:///{tmp_path / 'test.db'}", tmp_path) as made:
        fill(made)
        yield made


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Rig]:
    """An installation without anything in it."""
    with rig(f"sqlite:///{tmp_path / 'test.db'}", tmp_path) as made:
        yield made


@pytest.fixture
def visit() -> Callable[[Rig], Visitor]:
    """Makes a browser without scripts that was let in."""

    def make(of: Rig, base_url: str = BASE) -> Visitor:
        app = create_api(of.wired, base_url)
        add_pages(app, of.wired, base_url)
        client = TestClient(app, base_url=base_url, headers={"Accept": "text/html"}, follow_redirects=False)
        client.get(f"/setup/{access.new_setup_link(of.ctx)}")
        return Visitor(client)

    return make


@pytest.fixture
def site(shop: Rig) -> Iterator[str]:
    """The filled installation behind a socket."""
    with serving(shop.wired) as base_url:
        yield base_url


@pytest.fixture
def chromium(site: str) -> Iterator[Browser]:
    """Debian's Chromium. It comes last: while it runs, nothing else may run an event loop in this thread."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("needs Chromium; `make test` installs it where it can")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(shop: Rig, site: str, chromium: Browser) -> Iterator[Page]:
    """A page that was let in, in Berlin; at the end nothing may have gone wrong in it."""
    context = chromium.new_context(
        viewport={"width": 1280, "height": 900}, timezone_id="Europe/Berlin", locale="en-GB"
    )
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(setup_address(shop.wired, site))
    yield page
    context.close()
    assert wrong == []
