"""Made-up rows of every kind, to test the page and to look at it (`python -m tests.web.pictures FOLDER`)."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from PIL import Image, ImageDraw

from steadypin.domain.app_access import Sign
from steadypin.domain.attempts import Attempt, Fingerprint, OutcomeKind
from steadypin.domain.connections import Connection
from steadypin.domain.failures import classify
from steadypin.domain.native import read_native
from steadypin.domain.operations import Category
from steadypin.domain.pins import Media, MediaKind, Pin
from steadypin.services import app_access, connecting, duty_work, intake, look_ahead, looking, transitions
from steadypin.services.app_access import Seen
from steadypin.storage import app_calls, attempts, pins
from steadypin.storage.database import Tx
from tests.support.rig import Rig

RATE_LIMIT = b'{"code": 8, "message": "You have exceeded your rate limit. Try again later."}'
GONE_BOARD = b'{"code": 40, "message": "Board not found."}'


def picture(rig: Rig, first: str, second: str) -> Media:
    """A kept picture: a slope of two colours with a circle on it."""
    image = Image.new("RGB", (1000, 1500), first)
    draw = ImageDraw.Draw(image)
    draw.polygon([(0, 1500), (1000, 1500), (1000, 700)], fill=second)
    draw.ellipse((300, 300, 700, 700), fill="white")
    buffer = io.BytesIO()
    image.save(buffer, "JPEG")

    async def pieces() -> AsyncIterator[bytes]:
        yield buffer.getvalue()

    kept = asyncio.run(intake.keep(rig.ctx, pieces(), None))
    return Media(MediaKind.IMAGE, media_id=kept.media.id)


def fill(rig: Rig) -> dict[str, Pin]:
    """One Pin of every kind; answers them by a short name."""
    shop = rig.connect()
    made: dict[str, Pin] = {}

    def add(name: str, title: str, due_in: float, colours: tuple[str, str], **content: Any) -> Pin:
        rig.clock.advance(1)
        made[name] = rig.pin(shop, title, due_in, media=picture(rig, *colours), **content)
        return made[name]

    add("live", "Lemon cake with poppy seeds", 0, ("#f2c14e", "#f78154"))
    rig.drain()
    add(
        "scheduled",
        "A week of spring salads: seven bowls that take ten minutes",
        86400,
        ("#9bc53d", "#5b8e7d"),
    )
    add("deferred", "Rhubarb crumble", 0, ("#e55381", "#f9b4c4"))
    add(
        "board_gone",
        "Table for six: how to lay it",
        0,
        ("#3d5a80", "#98c1d9"),
        description="Linen, stoneware, light.",
    )
    add("doubt", "Strawberry tart", 0, ("#d1495b", "#edae49"), description="With a little basil.")
    add("confirming", "Elderflower syrup", 0, ("#cdb4db", "#a2d2ff"))
    add("twin", "Asparagus, three ways", 0, ("#606c38", "#dda15e"))
    add("cancelled", "Easter wreath", 3600, ("#b56576", "#e56b6f"))
    rig.store.write(lambda tx: _tell(rig, tx, shop, made))
    return {name: rig.get(pin) for name, pin in made.items()}


def _tell(rig: Rig, tx: Tx, shop: Connection, made: dict[str, Pin]) -> None:
    """Bring the Pins into their stages by the same transitions that publishing uses."""
    ctx = rig.ctx
    slow = classify(read_native("pins/create", 429, RATE_LIMIT, {"x-pinterest-rid": "4711"}))
    until = tx.now + timedelta(minutes=5)
    transitions.go_again(tx, made["deferred"], until, "Pinterest's rate limit", transitions.trouble_of(slow))
    gone = classify(read_native("pins/create", 404, GONE_BOARD, {"x-pinterest-rid": "4712"}))
    transitions.hold(tx, made["board_gone"], transitions.trouble_of(gone))
    transitions.cancel(tx, made["cancelled"])
    for name in ("doubt", "confirming", "twin"):
        attempt = Attempt(
            f"att_{name}", made[name].id, shop.id, 1, "w1", tx.now, Fingerprint.of(made[name].content)
        )
        attempts.write_intent(tx, attempt)
        assert pins.mark_sending(tx, made[name], attempt.id)
    _may_be_live(rig, tx, made["confirming"])
    doubt = _may_be_live(rig, tx, made["doubt"])
    candidate = {
        "pinterest_pin_id": "813744226420795884",
        "created_at": (tx.now + timedelta(seconds=2)).isoformat(),
        "title": "Strawberry tart | The Spring Shop",
        "description": "With a little basil.",
        "alt_text": "",
        "link": doubt.content.link or "",
    }
    reason = "a Pin that Steadypin cannot explain appeared on the board at that time"
    evidence = {"found": reason, "candidates": [candidate]}
    attempts.write_outcome(tx, "att_doubt", OutcomeKind.LOOK, evidence=evidence)
    transitions.hold(tx, doubt, looking._ask_a_person(doubt, reason))
    sent = _row(tx, made["twin"])
    transitions.went_live(tx, sent, "813744226420795885", ctx.policy)
    looking.add_twin(tx, _row(tx, sent), "813744226420795886", "att_twin")


def _may_be_live(rig: Rig, tx: Tx, pin: Pin) -> Pin:
    transitions.confirm_at(
        tx, _row(tx, pin), tx.now + timedelta(seconds=25), transitions.no_reply_kept(tx.now)
    )
    return _row(tx, pin)


def _row(tx: Tx, pin: Pin) -> Pin:
    found = pins.get_row(tx, pin.id)
    assert found is not None
    return found


def put_at_risk(rig: Rig) -> list[Pin]:
    """Pins of a second account, which is then disconnected, as the look-ahead finds them."""
    second = rig.connect("second_shop")
    made = [
        rig.pin(second, title, 3 * 86400 + n * 3600, media=picture(rig, *colours))
        for n, (title, colours) in enumerate(
            (
                ("Linen napkins, folded five ways", ("#8d99ae", "#edf2f4")),
                ("A shelf for herbs", ("#52796f", "#cad2c5")),
                ("Bread for a picnic", ("#bc6c25", "#fefae0")),
            )
        )
    ]
    connecting.disconnect(rig.ctx, second.id)
    rig.store.write(lambda tx: look_ahead.ask(tx, made))
    look_ahead_now(rig)
    return made


def look_ahead_now(rig: Rig) -> None:
    """What the loop of duties does about what was asked."""
    rig.clock.advance(3)
    handlers = {look_ahead.KIND: look_ahead.handle}
    while found := rig.store.write(lambda tx: duty_work.claim(rig.ctx, tx, 100, handlers)):
        for duty in found:
            rig.run(duty_work.work(rig.ctx, duty, handlers))


def lose_a_board(rig: Rig) -> str:
    """Pins wait for a board that is deleted on Pinterest; answers its id."""
    (account, *_) = connecting.listing(rig.ctx)
    garden = next(
        each.id for each in connecting.boards_of(rig.ctx, account.id) if each.name == "Garden ideas"
    )
    rig.pin(account, "Raised beds", 86400, board_id=garden)
    rig.pin(account, "A pond in a tub", 90000, board_id=garden)
    rig.sim_control("POST", "/_sim/act", {"do": "delete_board", "board": "Garden ideas"})
    connecting.sync_boards(rig.ctx, account.id)
    rig.drain()
    return garden


def refused_for_trial(rig: Rig) -> None:
    """As if Pinterest had just refused a Pin because the App has Trial access, and some of its day were used."""
    said = b'{"code": 29, "message": "Apps with Trial access may not create Pins in production"}'
    native = read_native("pins/create", 403, said, {"x-pinterest-rid": "4713"}).to_json()

    def work(tx: Tx) -> None:
        app_access.note(tx, Seen(Sign.TRIAL_REFUSAL, "production", native))
        for _ in range(37):
            app_calls.spend(tx, Category.ORG_READ)
        app_calls.spend(tx, Category.ORG_WRITE)

    rig.store.write(work)
