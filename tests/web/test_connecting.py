"""Connecting in real browsers: the page's button, Pinterest's consent page, and the way back; all real processes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.installation import Installation, installation
from tests.web.visitor import QUIET


@pytest.fixture
def place(tmp_path) -> Iterator[Installation]:
    with installation(tmp_path) as made:
        yield made


@pytest.fixture
def chromium(place: Installation) -> Iterator[Browser]:
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("needs Chromium; `make test` installs it where it can")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield browser
        browser.close()


def let_in(place: Installation, chromium: Browser) -> Page:
    """A browser of its own, with a session."""
    page = chromium.new_context().new_page()
    page.set_default_timeout(60_000)
    page.goto(place.answer("open")["url"])
    return page


def go_to_consent(place: Installation, page: Page, account: str) -> None:
    page.get_by_role("button", name="Connect").first.click()
    page.wait_for_url(f"{place.sim.base_url}/oauth/**")
    page.get_by_role("radio", name=account).check()


def is_connected(page: Page, account: str) -> None:
    expect(page.get_by_text(f"{account} is connected.")).to_be_visible()
    expect(page.locator(".connections strong", has_text=account)).to_be_visible()


def test_scopes_that_were_not_allowed_are_explained_and_then_allowed(
    place: Installation, chromium: Browser
) -> None:
    page = let_in(place, chromium)
    go_to_consent(place, page, "spring_shop")
    for scope in ("boards:write", "pins:write"):
        page.get_by_role("checkbox", name=scope).uncheck()
    page.get_by_role("button", name="Give access").click()
    expect(page.get_by_role("heading", name="The account was not connected")).to_be_visible()
    expect(page.locator("main")).to_contain_text("boards:write")
    expect(page.locator("main")).to_contain_text("pins:write")
    expect(page.locator("main")).not_to_contain_text("pins:read")
    page.get_by_role("link", name="Pins").click()
    expect(page.get_by_text("Connect your Pinterest account first")).to_be_visible()

    go_to_consent(place, page, "spring_shop")
    page.get_by_role("button", name="Give access").click()
    is_connected(page, "spring_shop")
    (known,) = place.answer("connections")["items"]
    assert (known["username"], known["status"]) == ("spring_shop", "connected")


def test_two_browsers_that_connect_at_once_do_not_meet(place: Installation, chromium: Browser) -> None:
    first, second = let_in(place, chromium), let_in(place, chromium)
    go_to_consent(place, first, "spring_shop")
    go_to_consent(place, second, "second_shop")
    second.get_by_role("button", name="Give access").click()
    first.get_by_role("button", name="Give access").click()
    is_connected(first, "spring_shop")
    is_connected(second, "second_shop")

    for page in (first, second):
        go_to_consent(place, page, "second_shop")
    for page in (first, second):
        page.get_by_role("button", name="Give access").click()
    for page in (first, second):
        is_connected(page, "second_shop")
    known = place.answer("connections")["items"]
    assert [each["username"] for each in known] == ["second_shop", "spring_shop"]


def test_the_sandbox_is_connected_from_the_page_of_the_app(place: Installation, chromium: Browser) -> None:
    page = let_in(place, chromium)
    page.get_by_role("link", name="App", exact=True).click()
    page.get_by_role("button", name="Connect in the sandbox").click()
    page.wait_for_url(f"{place.sim.base_url}/oauth/**")
    page.get_by_role("button", name="Give access").click()
    is_connected(page, "spring_shop")
    expect(page.locator(".connections .tag", has_text="sandbox")).to_be_visible()
