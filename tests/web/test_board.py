"""What the page shows."""

import re
from dataclasses import replace
from html import unescape

from steadypin.domain.accounts import Broken
from steadypin.domain.connections import Grant, Owner
from steadypin.domain.pins import Pin
from steadypin.domain.words import Cause, Remedy
from steadypin.services import breaking, connecting, watching
from steadypin.storage import connections
from tests.web.test_forms import named


def card(text: str, pin: Pin) -> str:
    """The words of one Pin's card."""
    inside = text.partition(f'id="{pin.id}">')[2].partition("</li>")[0]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", re.sub(r"</?time[^>]*>", "", inside))).split())


def test_every_pin_says_where_it_stands_and_why(shop, visit):
    text = visit(shop).read()
    held = card(text, named(shop, "Table for six"))
    assert "Held" in held
    assert "Step 3 of 6: board" in held
    assert "cause: board" in held
    assert "remedy: fix the Pin" in held
    assert "What Pinterest said: 404 code 40" in held
    assert "Board not found." in held
    deferred = card(text, named(shop, "Rhubarb"))
    assert "Next try at 2026-03-01 09:05 UTC, because: Pinterest's rate limit" in deferred
    assert "may be live" in card(text, named(shop, "Elderflower"))
    live = named(shop, "Lemon cake")
    assert f'href="{live.permalink}"' in text
    assert "live since 2026-03-01 09:00 UTC" in card(text, live)
    assert "Garden ideas · spring_shop" in card(text, live)


def test_evidence_stands_side_by_side_with_a_button_for_each_candidate(shop, visit):
    pin = named(shop, "Strawberry")
    text = visit(shop).read()
    shown = card(text, pin)
    assert "Sent On the board: 813744226420795884" in shown
    assert "Strawberry tart | The Spring Shop" in shown
    assert 'aria-label="It is live as 813744226420795884"' in text


def test_stages_are_tabs_with_counts(shop, visit):
    visitor = visit(shop)
    words = visitor.words()
    assert (
        "All 8 Held 2 Confirming 1 Sending 0 Preparing 0 Scheduled 2 Draft 0 Published 2 Cancelled 1" in words
    )
    held = visitor.words("/?stage=held")
    assert "Strawberry tart" in held
    assert "Lemon cake" not in held
    assert "No Pin is draft." in visitor.words("/?stage=draft")
    assert "Lemon cake" in visitor.words("/?stage=nonsense")


def test_long_lists_are_paged(shop, visit):
    owner = connecting.listing(shop.ctx)[0]
    media = shop.media()
    for n in range(30):
        shop.clock.advance(1)
        shop.pin(owner, f"Bulk {n:02}", 86400, media=media)
    visitor = visit(shop)
    first = visitor.read("/?stage=scheduled")
    assert first.count('<li class="pin"') == 25
    older = re.search(
        r'href="(/\?stage=scheduled&amp;after=[^"]+)"|href="(/\?stage=scheduled&after=[^"]+)"', first
    )
    assert older is not None
    second = visitor.read((older[1] or older[2]).replace("&amp;", "&"))
    assert second.count('<li class="pin"') == 7
    assert not set(re.findall(r"Bulk \d\d", first)) & set(re.findall(r"Bulk \d\d", second))
    assert visitor.read("/?stage=scheduled&after=pin_none").count('<li class="pin"') == 25


def test_the_live_part_costs_nothing_while_nothing_changes(shop, visit):
    visitor = visit(shop)
    address = re.search(r'hx-get="([^"]+)"', visitor.read("/?stage=held"))
    assert address is not None
    again = address[1].replace("&amp;", "&")
    assert visitor.client.get(again).status_code == 204
    pin = named(shop, "Table for six")
    visitor.send(f"/pins/{pin.id}/cancel")
    changed = visitor.client.get(again)
    assert changed.status_code == 200
    assert changed.text.lstrip().startswith('<div id="live"')
    assert "Table for six" not in changed.text


def test_whatever_users_write_is_text(shop, visit):
    owner = connecting.listing(shop.ctx)[0]
    evil = "\"><script>alert(1)</script><b x='{{7*7}}"
    shop.pin(owner, evil, 86400, alt_text=evil, description=evil)
    text = visit(shop).read()
    assert "<script>alert" not in text
    assert "{{7*7}}" in text


def test_a_thumbnail_is_small_and_kept_by_the_browser(shop, visit):
    visitor, pin = visit(shop), named(shop, "Lemon cake")
    answer = visitor.client.get(f"/media/{pin.content.media.media_id}/thumb")
    assert answer.headers["content-type"] == "image/jpeg"
    assert "private" in answer.headers["cache-control"]
    assert len(answer.content) < 20_000
    assert visitor.client.get("/media/med_none/thumb").status_code == 404


def test_a_lost_picture_leaves_a_gap_not_an_error(shop, visit):
    media = shop.media("#123456")
    visitor = visit(shop)
    for file in (shop.folder / "media").glob("*/*"):
        file.unlink()
    assert visitor.client.get(f"/media/{media.media_id}/thumb").status_code == 404
    assert visitor.read()


def test_many_connections_are_cut_short_and_the_broken_one_stands_first(shop, visit):
    owner = connecting.listing(shop.ctx)[0]
    grant = Grant("a", "r", owner.scopes, owner.access_expires_at, owner.refresh_expires_at, owner.created_at)

    def many(tx):
        for n in range(20):
            more = replace(owner, id=f"con_{n}", account_id=f"{n}", username=f"account {n:02}")
            connections.insert(tx, more, grant, shop.seal)
        connections.mark_broken(tx, "con_19", "the permission was withdrawn", version=1)

    shop.store.write(many)
    text = visit(shop).read()
    assert re.findall(r'<li id="connection-(\w+)"', text)[0] == "con_19"
    assert text.count('<li id="connection-') == 12
    assert "and 9 more" in text
    assert "the permission was withdrawn. Connect the Pinterest account account 19 again" in text


def test_a_broken_account_says_its_cause_who_looks_after_it_and_can_be_checked(shop, visit):
    account = connecting.listing(shop.ctx)[0]
    watching.set_owner(shop.ctx, account.id, Owner("Kim <b>", "kim@shop.example"))
    why = Broken("it leads elsewhere", Cause.ACCOUNT, Remedy.RECONNECT, "account-replaced", "Sign in anew.")
    shop.store.write(lambda tx: breaking.breaks(shop.ctx, tx, account.id, why, version=1))
    visitor = visit(shop)
    words = visitor.words()
    assert "it leads elsewhere. Sign in anew." in words
    assert "Cause: account. Remedy: reconnect." in words
    assert "Looked after by Kim &lt;b&gt; · kim@shop.example" in visitor.read()
    assert f"The connection to {account.username} is broken: it leads elsewhere since" in words
    visitor.send(f"/connections/{account.id}/check")
    shop.drain()
    assert connecting.get(shop.ctx, account.id).broken is None
