"""What will not go out is said on the page in time: a mark, a tab, and a forecast by account."""

from __future__ import annotations

from tests.web.showcase import look_ahead_now, put_at_risk
from tests.web.test_board import card


def test_pins_at_risk_have_a_mark_a_tab_and_a_forecast(shop, visit):
    visitor = visit(shop)
    look_ahead_now(shop)
    assert "At risk" not in visitor.words()
    risky = put_at_risk(shop)
    visitor.client.cookies.set("unrelated", "x")
    shop.clock.advance(2)
    text = visit(shop).read()
    words = visit(shop).words()
    assert "3 Pins of second_shop will not go out from" in words
    assert "At risk 3" in words
    shown = card(text, risky[0])
    assert "At risk Scheduled" in shown
    assert "It will not go out at its time:" in shown
    assert "step 2: token and scopes cause: token remedy: reconnect the account" in shown


def test_the_tab_lists_them_nearest_first(shop, visit):
    risky = put_at_risk(shop)
    text = visit(shop).read("/?stage=at_risk")
    assert text.count('<li class="pin"') == 3
    places = [text.index(f'id="{pin.id}"') for pin in risky]
    assert places == sorted(places)
    assert 'name="stage" value="at_risk"' in text
    assert "Older" not in text
    later = visit(shop).read(f"/?stage=at_risk&after={risky[0].id}")
    assert later.count('<li class="pin"') == 2


def test_without_risks_the_tab_says_so(shop, visit):
    assert "No Pin is at risk, as far as is known." in visit(shop).words("/?stage=at_risk")
