"""The reconnect link in a real browser: copied on the page, opened by a stranger, through the strict policy."""

from playwright.sync_api import Browser, Page, expect

from tests.support.rig import Rig


def test_a_link_is_copied_and_leads_a_stranger_to_the_consent_page(
    shop: Rig, page: Page, chromium: Browser
) -> None:
    page.locator("summary", has_text="Reconnect by somebody else").first.click()
    page.get_by_role("button", name="Make a reconnect link").first.click()
    field = page.locator("#link")
    expect(field).to_be_visible()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    address = field.input_value()
    context = chromium.new_context(java_script_enabled=False)
    stranger = context.new_page()
    stranger.route(
        "http://pinsim.test/**", lambda route: route.fulfill(body="consent", content_type="text/html")
    )
    stranger.goto(address)
    expect(stranger.get_by_role("heading", level=1)).to_contain_text("Reconnect the Pinterest account")
    stranger.get_by_role("button", name="Go to Pinterest").click()
    stranger.wait_for_url("http://pinsim.test/oauth/**")
    names = [cookie.get("name", "") for cookie in context.cookies()]
    assert len(names) == 1
    assert "_link_lnk_" in names[0]
    context.close()
