"""The home page: what this is, who is there and what is live."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from pinsim.clock import stamp
from pinsim.looks import document
from pinsim.world.account import Account
from pinsim.world.board import Board
from pinsim.world.pin import Pin
from pinsim.world.realm import Realm

if TYPE_CHECKING:
    from pinsim.sim import Sim

_SHOWN = 60
_TITLE = "A Pinterest to practise on"


def home_page(sim: Sim) -> str:
    """The whole page; the newest Pins of both environments, at most 60 of each."""
    now = stamp(sim.clock.now()).replace("T", " ")
    body = (
        "<p>pinsim answers like Pinterest's API v5 and remembers what was published. Nothing is published "
        "anywhere else, and no real account is touched.</p>"
        f"<p class=small>It is {now} UTC here. {len(sim.journal)} requests so far. The API is under "
        "<code>/v5/</code>, its sandbox under <code>/sandbox/v5/</code>, the consent page at <code>/oauth/</code>; "
        'steering under <a href="/_sim/state"><code>/_sim/</code></a>: '
        '<a href="/_sim/journal">journal</a>, <a href="/_sim/pins">Pins</a>, <a href="/_sim/media">uploads</a>, '
        '<a href="/_sim/faults">faults</a>, '
        '<a href="/_sim/switches">switches</a>.</p>'
    )
    production, sandbox = sim.world.realms["production"], sim.world.realms["sandbox"]
    body += _wall(production, "Live Pins")
    if any(len(shelf) for shelf in sandbox.pins_of.values()):
        body += _wall(sandbox, "Pins in the sandbox")
    body += "<h2>Accounts</h2><div class=accounts>"
    body += "".join(_account(production, each) for each in production.accounts.values())
    return document(_TITLE, body + "</div>")


def _wall(realm: Realm, heading: str) -> str:
    newest = _newest(realm)
    count = sum(len(shelf) for shelf in realm.pins_of.values())
    head = f"<h2>{heading} <span class=small>{count}</span></h2>"
    if not newest:
        return head + "<p class=empty>Nothing is live yet. Publish something and reload.</p>"
    more = f"<p class=small>The newest {len(newest)} of {count}.</p>" if count > len(newest) else ""
    return head + "<div class=wall>" + "".join(_pin(realm, pin) for pin in newest) + "</div>" + more


def _newest(realm: Realm) -> list[Pin]:
    found: list[Pin] = []
    for shelf in realm.pins_of.values():
        for mark, _ in zip(shelf.walk("newest"), range(_SHOWN), strict=False):
            found.append(realm.pins[mark[1]])
    return sorted(found, key=lambda pin: pin.seq, reverse=True)[:_SHOWN]


def _pin(realm: Realm, pin: Pin) -> str:
    picture = pin.slides[pin.cover].picture
    kind = _kind(pin)
    text = escape(pin.alt_text or pin.title or "A Pin without words")
    board = realm.boards[pin.board_id].name
    return (
        f'<article class=pin><img loading=lazy src="/media/{picture.digest}" alt="{text}" '
        f'width="{picture.width}" height="{picture.height}" style="height:auto">'
        f"<b>{escape(pin.title or 'Untitled')}</b>"
        f"<span class=small>{escape(pin.account.username)} › {escape(board)}{kind}<br>"
        f"{stamp(pin.created_at).replace('T', ' ')}{_link(pin.link)}</span></article>"
    )


def _kind(pin: Pin) -> str:
    if pin.video is not None:
        filing = pin.video.media.filing
        return f" · video of {filing.film.duration_s:g} s" if filing else " · video"
    return f" · carousel of {len(pin.slides)}" if len(pin.slides) > 1 else ""


def _link(link: str | None) -> str:
    return f'<br><a rel="noreferrer" href="{escape(link)}">{escape(link)}</a>' if link else ""


def _account(realm: Realm, account: Account) -> str:
    boards = [board for board in realm.boards_of[account.person].values() if board.owner is account]
    tier = f" · {account.access} access" if account.access else ""
    state = " · <span class=bad>suspended</span>" if account.suspended else ""
    return (
        f"<section class=card><h3>{escape(account.username)}</h3>"
        f"<span class=small>{account.account_type.lower()} account{tier}{state} · {len(boards)} boards</span>"
        f"<ul>{''.join(_board(board) for board in boards)}</ul></section>"
    )


def _board(board: Board) -> str:
    privacy = "" if board.privacy == "PUBLIC" else f" <span class=small>{board.privacy.lower()}</span>"
    archived = " <span class=small>archived</span>" if board.archived else ""
    return f"<li><span>{escape(board.name)}{privacy}{archived}</span><span class=small>{len(board.shelf)}</span></li>"
