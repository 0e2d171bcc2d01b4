"""Giving access: scopes, whose browser it was, whose account it is, and several at once."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from steadypin.domain.connections import Connection
from steadypin.domain.errors import Conflict, NotThere
from steadypin.domain.operations import MINIMUM_SCOPES, SECRET_SCOPES
from steadypin.domain.scopes import COSTS
from steadypin.domain.words import Stage
from steadypin.pinterest.wire import Reply, Request
from steadypin.services import compose, connecting, reconnect_links, resuming
from steadypin.services.connecting import NotConnected, Wanted, digest
from steadypin.services.resuming import How
from steadypin.storage import connections, lanes
from steadypin.storage.database import Store, Tx
from steadypin.storage.engines import open_engines
from steadypin.storage.schema import grants
from steadypin.storage.schema import reconnect_links as links
from tests.support.consents import consented, give
from tests.support.rig import Rig

SECRETS = Wanted(secret_boards=True)


def finish(home: Rig, found: tuple[str, str], browser: str | None = None) -> Connection:
    return home.run(connecting.finish(home.wired, *found, browser=browser))


def refused(home: Rig, found: tuple[str, str], browser: str | None = None) -> str:
    with pytest.raises(NotConnected) as raised:
        finish(home, found, browser)
    return str(raised.value)


def stored(home: Rig) -> list[tuple[Any, ...]]:
    with home.store.read() as tx:
        rows = tx.conn.execute(
            sa.select(grants.c.connection_id, grants.c.version, grants.c.access_token, grants.c.scopes)
        )
        return [tuple(row) for row in rows]


# scopes


def test_denied_scopes_are_all_named_with_what_they_cost_and_nothing_is_stored(home: Rig) -> None:
    sentence = refused(home, consented(home, deny=("boards:write", "user_accounts:read")))
    for scope in ("boards:write", "user_accounts:read"):
        assert f"Without {scope}: {COSTS[scope]}" in sentence
    assert "pins:write" not in sentence
    assert sentence.endswith("Connect again, and leave these boxes ticked.")
    assert stored(home) == []
    assert finish(home, consented(home)).scopes == set(MINIMUM_SCOPES)


def test_a_reply_without_scopes_gave_those_asked_for(home: Rig) -> None:
    home.sim.switches.token_scope = "omitted"
    assert finish(home, consented(home)).scopes == set(MINIMUM_SCOPES)
    assert finish(home, consented(home, wanted=SECRETS)).scopes == {*MINIMUM_SCOPES, *SECRET_SCOPES}


def test_secret_boards_are_asked_for_only_on_request_and_all_goes_on_without_them(home: Rig) -> None:
    assert "secret" not in connecting.authorize(home.ctx).url
    found = finish(home, consented(home, deny=("pins:write_secret", "pins:read_secret"), wanted=SECRETS))
    assert found.scopes == {*MINIMUM_SCOPES, "boards:read_secret", "boards:write_secret"}


def test_what_works_is_not_replaced_by_what_may_do_less(home: Rig) -> None:
    shop = finish(home, consented(home, wanted=SECRETS))
    before = stored(home)
    sentence = refused(home, consented(home))
    assert f"Without pins:write_secret: {COSTS['pins:write_secret']}" in sentence
    assert "Nothing was changed." in sentence
    assert stored(home) == before
    connecting.disconnect(home.ctx, shop.id)
    assert finish(home, consented(home)).scopes == set(MINIMUM_SCOPES)


def test_bringing_a_connection_back_asks_for_what_it_had(home: Rig) -> None:
    shop = finish(home, consented(home, wanted=SECRETS))
    connecting.disconnect(home.ctx, shop.id)
    found = finish(home, consented(home, wanted=Wanted(brings_back=shop.id)))
    assert (found.id, found.scopes) == (shop.id, frozenset({*MINIMUM_SCOPES, *SECRET_SCOPES}))


@pytest.mark.parametrize("swapped", [{"access_token": "pinr_"}, {"refresh_token": "pina_"}])
def test_swapped_tokens_are_not_stored(
    home: Rig, swapped: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = home.pinterest.send

    async def send(request: Request, *more: Any) -> Reply:
        reply = await real(request, *more)
        if request.operation.id != "oauth/token":
            return reply
        said = json.loads(reply.body)
        for name, prefix in swapped.items():
            said[name] = prefix + said[name][5:]
        return replace(reply, body=json.dumps(said).encode())

    monkeypatch.setattr(home.pinterest, "send", send)
    assert "nothing was stored. Try to connect again. (The token reply holds" in refused(
        home, consented(home)
    )
    assert stored(home) == []


# whose browser


def test_a_consent_is_finished_only_in_the_browser_that_began_it(home: Rig) -> None:
    state, code = consented(home, wanted=Wanted(browser="mine"))
    for other in (None, "theirs", ""):
        assert "begun in another browser" in refused(home, (state, code), other)
    assert stored(home) == []
    assert connecting.begun(home.ctx, state, "theirs") is None
    assert finish(home, (state, code), "mine").username == "spring_shop"
    assert "used already" in refused(home, (state, code), "mine")


def test_the_code_of_another_account_under_a_stolen_state_connects_nothing(home: Rig) -> None:
    state, _ = consented(home, wanted=Wanted(browser="mine"))
    _, code = consented(home, "second_shop")
    refused(home, (state, code), "theirs")
    assert stored(home) == []


def test_the_redirect_address_is_that_of_the_beginning(home: Rig) -> None:
    found = consented(home)
    home.use(app=replace(home.ctx.app, redirect_uri="http://127.0.0.1:8080/elsewhere"))
    assert finish(home, found).username == "spring_shop"


# whose account


def test_another_account_is_refused_where_one_is_expected(home: Rig) -> None:
    shop = finish(home, consented(home))
    before = stored(home)
    sentence = refused(home, consented(home, "second_shop", wanted=Wanted(brings_back=shop.id)))
    assert sentence.startswith("This brings back spring_shop, but access was given for second_shop.")
    assert stored(home) == before
    other = finish(home, consented(home, "second_shop"))
    assert other.id != shop.id
    with pytest.raises(NotThere):
        connecting.authorize(home.ctx, wanted=Wanted(brings_back="con_none"))


def test_two_browsers_and_one_account_make_one_connection(home: Rig) -> None:
    one, two = consented(home, wanted=Wanted(browser="a")), consented(home, wanted=Wanted(browser="b"))
    first = finish(home, two, "b")
    pin_before = stored(home)
    second = finish(home, one, "a")
    assert first.id == second.id
    assert [row[1] for row in pin_before] == [1]
    assert [row[1] for row in stored(home)] == [2]
    home.drain()
    assert connecting.boards_of(home.ctx, first.id)


def test_two_accounts_at_once_make_two(home: Rig) -> None:
    one, two = consented(home, "spring_shop"), consented(home, "second_shop")
    names = {finish(home, two).username, finish(home, one).username}
    assert names == {"spring_shop", "second_shop"}
    assert len(stored(home)) == 2


def test_two_processes_that_store_one_account_at_once_make_one_connection(home: Rig) -> None:
    """The other process stores it after this one has looked, and commits while this one waits."""
    shop = finish(home, consented(home))
    with home.store.read() as tx:
        grant = connections.read_grant(
            tx.conn.execute(sa.select(grants, grants.c.connection_id.label("id"))).one(), home.ctx.seal
        )
    other = Store(open_engines(home.url), home.clock.now)
    stored_there, may_commit = threading.Event(), threading.Event()
    mine, theirs = (replace(shop, id=name, account_id="another") for name in ("con_mine", "con_theirs"))

    def there(tx: Tx) -> bool:
        made = connections.insert(tx, theirs, grant, home.ctx.seal)
        lanes.open_lane(tx, theirs.id)
        stored_there.set()
        assert may_commit.wait(30)
        return made

    begun = other.submit(there)
    assert stored_there.wait(30)
    here = home.store.submit(lambda tx: connections.insert(tx, mine, grant, home.ctx.seal))
    may_commit.set()
    assert begun.result(30)
    assert not here.result(30)
    other.close()
    assert [each.id for each in connecting.listing(home.ctx) if each.account_id == "another"] == [
        "con_theirs"
    ]


# reconnect links


def broken(home: Rig) -> Connection:
    shop = finish(home, consented(home))
    home.drain()
    home.pin(shop)
    connecting.disconnect(home.ctx, shop.id)
    home.drain()
    return shop


def by_link(home: Rig, token: str, username: str = "spring_shop", browser: str = "b") -> tuple[str, str]:
    return give(home, reconnect_links.begin(home.ctx, token, browser)[1].url, username)


def dead(home: Rig, token: str) -> str:
    for use in (
        lambda: reconnect_links.look(home.ctx, token),
        lambda: reconnect_links.begin(home.ctx, token, "b"),
    ):
        with pytest.raises((Conflict, NotThere)) as raised:
            use()
    return str(raised.value)


def test_a_link_brings_its_account_back_once(home: Rig) -> None:
    shop = broken(home)
    made = reconnect_links.make(home.ctx, shop.id, asked_by="The spring team")
    seen = reconnect_links.look(home.ctx, made.token)
    assert (seen.connection.username, seen.link.asked_by, seen.usable) == (
        "spring_shop",
        "The spring team",
        False,
    )
    assert (seen.by_itself, seen.on_your_word) == (1, 0)
    assert finish(home, by_link(home, made.token), "b").id == shop.id
    assert resuming.preview(home.ctx, shop.id).count(How.GONE_ON) == 1
    home.run_out(120)
    assert compose.counts(home.ctx)[Stage.PUBLISHED] == 1
    assert "it works once" in dead(home, made.token)


def test_a_link_can_be_tried_again_until_it_has_worked(home: Rig) -> None:
    shop = broken(home)
    token = reconnect_links.make(home.ctx, shop.id).token
    state, _ = by_link(home, token)
    with pytest.raises(NotConnected, match="Access was not given"):
        home.run(connecting.finish(home.wired, state, None, "access_denied", "b"))
    sentence = refused(home, by_link(home, token, "second_shop"), "b")
    assert "brings back spring_shop, but access was given for second_shop" in sentence
    assert [each.username for each in connecting.listing(home.ctx)] == ["spring_shop"]
    assert connecting.get(home.ctx, shop.id).disconnected_at is not None
    assert finish(home, by_link(home, token), "b").id == shop.id


def test_of_two_browsers_with_one_link_the_second_is_told_that_it_is_used(home: Rig) -> None:
    token = reconnect_links.make(home.ctx, broken(home).id).token
    one, two = by_link(home, token, browser="a"), by_link(home, token, browser="b")
    finish(home, two, "b")
    before = stored(home)
    assert "used or revoked meanwhile" in refused(home, one, "a")
    assert stored(home) == before


def test_a_link_ends_can_be_revoked_and_only_its_digest_is_kept(home: Rig) -> None:
    shop = broken(home)
    made = reconnect_links.make(home.ctx, shop.id)
    begun = by_link(home, made.token)
    with home.store.read() as tx:
        (row,) = tx.conn.execute(sa.select(links)).all()
    assert made.token not in map(str, row)
    assert row.digest == digest(made.token)
    assert reconnect_links.revoke(home.ctx, shop.id) == 1
    assert "was taken back" in dead(home, made.token)
    assert "used or revoked meanwhile" in refused(home, begun, "b")
    late = reconnect_links.make(home.ctx, shop.id)
    home.clock.advance(7 * 86400)
    assert "This link ended on" in dead(home, late.token)
    assert "is not known" in dead(home, "x")
    assert reconnect_links.revoke(home.ctx, shop.id) == 0
    for act in (reconnect_links.make, reconnect_links.revoke):
        with pytest.raises(NotThere):
            act(home.ctx, "con_none")
