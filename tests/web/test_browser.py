"""The page in a real browser: live, in place, in the reader's time, in both themes, at both sizes."""

import pytest
from playwright.sync_api import expect

from steadypin.services import compose, pausing
from tests.web.serving import setup_address
from tests.web.test_forms import named

SOON = 6000
"""Milliseconds: three of the page's own beats."""

CONTRAST = """() => {
  const dot = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const number = (colour) => { dot.clearRect(0, 0, 1, 1); dot.fillStyle = colour; dot.fillRect(0, 0, 1, 1);
    return [...dot.getImageData(0, 0, 1, 1).data]; };
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, n) => sum + c * [.2126, .7152, .0722][n], 0);
  const ground = (e) => { for (; e; e = e.parentElement) { const c = number(getComputedStyle(e).backgroundColor);
    if (c[3] > 252) return c; } return [255, 255, 255]; };
  const faint = [];
  for (const e of document.body.querySelectorAll("*")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.checkVisibility() || e.closest(".visually-hidden, .skip")) continue;
    const [a, b] = [light(number(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < 4.5) faint.push(`${ratio.toFixed(2)} ${e.className || e.tagName}: ${e.textContent.trim().slice(0, 40)}`);
  }
  return faint;
}"""

NAMELESS = """() => [...document.querySelectorAll("button, input:not([type=hidden]), a, img, summary")].filter((e) =>
  !(e.textContent.trim() || e.getAttribute("aria-label") || e.labels?.length || e.hasAttribute("alt"))).map((e) => e.outerHTML)"""


def test_what_happens_elsewhere_appears_by_itself_and_disturbs_nobody(shop, page):
    pin, other = named(shop, "Table for six"), named(shop, "Strawberry")
    page.locator(f"#{pin.id} summary").click()
    field = page.locator(f"#live-as-{other.id}")
    field.fill("81374")
    page.evaluate("window.stayed = true")
    compose.cancel(shop.ctx, named(shop, "A week of").id)
    cancelled = page.locator(".pin", has_text="A week of spring salads").locator(".tag.stage")
    expect(cancelled).to_have_text("Cancelled", timeout=SOON)
    expect(page.get_by_role("link", name="Cancelled")).to_contain_text("2")
    assert page.locator(f"#{pin.id} details").get_attribute("open") is not None
    expect(field).to_have_value("81374")
    expect(field).to_be_focused()
    assert page.evaluate("window.stayed")


def test_after_a_change_the_idle_page_is_answered_with_nothing_once_a_beat(shop, page):
    for title in ("A week of", "Table for six"):
        compose.cancel(shop.ctx, named(shop, title).id)
        card = page.locator(".pin", has_text=title)
        expect(card.locator(".tag.stage")).to_have_text("Cancelled", timeout=SOON)
    answers = []
    page.on("response", lambda answer: answers.append(answer.status) if "/live" in answer.url else None)
    page.wait_for_timeout(5000)
    assert set(answers) == {204}
    assert 2 <= len(answers) <= 3


def test_buttons_work_in_place(shop, page):
    page.evaluate("window.stayed = true")
    page.get_by_role("button", name="Pause everything").click()
    expect(page.get_by_text("Everything is paused since")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("Everything is paused since")).to_be_hidden()
    assert pausing.state(shop.ctx).at is None
    page.get_by_role("button", name="Cancel Table for six").click()
    expect(page.get_by_text("Cancelled. If it was on its way already")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete the second Pin").click()
    expect(page.get_by_text("The second Pin is deleted on Pinterest in a moment")).to_be_visible()
    page.get_by_role("button", name="It is live as 813744226420795884").click()
    expect(page.get_by_text("Noted that it is live.")).to_be_visible()
    assert page.evaluate("window.stayed")


def test_a_question_answered_with_no_changes_nothing(shop, page):
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="It is not live").click()
    page.wait_for_timeout(300)
    assert named(shop, "Strawberry").in_doubt


def test_connect_reaches_the_consent_page_through_the_strict_policy(shop, page):
    page.route("http://pinsim.test/**", lambda route: route.fulfill(body="consent", content_type="text/html"))
    page.get_by_role("button", name="Connect another account").click()
    page.wait_for_url("http://pinsim.test/oauth/**")


def test_times_are_the_readers_own(shop, page):
    card = page.locator(".pin", has_text="A week of spring salads")
    expect(card.locator("time")).to_have_text("2 Mar 2026, 10:00")
    assert card.locator("time").get_attribute("title") == "Europe/Berlin"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_everything_is_readable_named_and_inside_the_screen(shop, site, chromium, scheme, width):
    pausing.pause_all(shop.ctx, "Stock-taking.")
    context = chromium.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    page = context.new_page()
    page.goto(setup_address(shop.wired, site))
    for details in page.locator("summary").all():
        details.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate(NAMELESS) == []
    page.goto(f"{site}/api/docs")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CONTRAST) == []
    context.close()


def test_without_scripts_reading_and_buttons_work(shop, site, chromium):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(setup_address(shop.wired, site))
    page.goto(f"{site}/?stage=held")
    expect(page.locator(".pin")).to_have_count(2)
    page.get_by_role("button", name="Cancel Table for six").click()
    assert page.url == f"{site}/?stage=held"
    expect(page.locator(".pin")).to_have_count(1)
    context.close()


def test_the_keyboard_reaches_the_content_first(shop, page):
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
