"""/_sim/, the home page and the pictures."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

from pinsim.control.acts import act
from pinsim.control.cast import default_cast
from pinsim.control.granted import app_page_token, consent_tokens, listed_grants
from pinsim.control.home import home_page
from pinsim.control.live import live_pins, registered_media
from pinsim.control.reading import BadControl, flag, one_of, only, optional_text, texts
from pinsim.control.seeding import describe, plant_more
from pinsim.product.routes import OPERATIONS
from pinsim.product.scopes import SCOPES
from pinsim.switches import BadSwitch
from pinsim.troubles import BadOrder
from pinsim.wire import Answer, Request, html_answer, json_answer
from pinsim.world.world import ENVIRONMENTS

if TYPE_CHECKING:
    from pinsim.sim import Sim


_LAST_SECOND = 253_000_000_000
"""A little before the year 9999 ends, the last that dates can say."""


async def answer(sim: Sim, request: Request) -> Answer:
    """Everything that is not Pinterest's own."""
    path = request.path
    if path == "/":
        return html_answer(200, home_page(sim))
    if path.startswith("/media/"):
        return _picture(sim, path.removeprefix("/media/"))
    if path.startswith("/avatars/"):
        return _avatar(path.removeprefix("/avatars/").removesuffix(".svg"))
    if not path.startswith("/_sim/"):
        return json_answer(404, {"error": "Nothing is here; the home page at / says what is."})
    return _control(sim, request)


def _control(sim: Sim, request: Request) -> Answer:
    found = _ROUTES.get(request.path.removeprefix("/_sim").rstrip("/"))
    if found is None:
        known = ", ".join(f"/_sim{path}" for path in _ROUTES)
        return json_answer(404, {"error": f"There is no {request.path}; there is {known}."})
    handler = found.get(request.method)
    if handler is None:
        return json_answer(405, {"error": f"{request.path} takes {', '.join(found)}."})
    try:
        return json_answer(200, handler(sim, request))
    except (BadControl, BadSwitch, BadOrder) as bad:
        return json_answer(400, {"error": str(bad)})


def _reset(sim: Sim, request: Request) -> object:
    sim.reset()
    return state(sim, request)


def _seed(sim: Sim, request: Request) -> object:
    wanted = _object(request, "app", "apps", "accounts", "tokens", "add")
    with_tokens, is_added = flag(wanted, "tokens", False), flag(wanted, "add", False)
    is_default = not wanted.keys() & {"app", "apps", "accounts"}
    seed = default_cast() if is_default else wanted
    if is_added:
        plant_more(sim.world, seed, sim.clock.now())
    else:
        sim.plant(seed)
    found = describe(sim.world)
    if with_tokens:
        for account in found["accounts"]:
            name, now = account["username"], sim.clock.now()
            account["tokens"] = consent_tokens(sim.world, name, now)
            account["sandbox_token"] = app_page_token(sim.world, name, now, "sandbox")
    return found


def _tokens(sim: Sim, request: Request) -> object:
    wanted = _object(request, "account", "environment", "app", "scopes", "from")
    account, app = (optional_text(wanted, name) or "" for name in ("account", "app"))
    environment = one_of(wanted, "environment", ENVIRONMENTS, "production")
    scopes, now = frozenset(texts(wanted, "scopes")), sim.clock.now()
    if not scopes <= SCOPES.keys():
        raise BadControl(f"scopes: out of {', '.join(SCOPES)}.")
    if one_of(wanted, "from", ("consent", "app_page"), "consent") == "consent":
        return consent_tokens(sim.world, account, now, environment, app, scopes)
    if scopes:
        raise BadControl("scopes: the app's page lets nobody choose them.")
    return app_page_token(sim.world, account, now, environment, app)


def _journal(sim: Sim, request: Request) -> object:
    entries = sim.journal.since(_whole(request, "since", 0))
    for key in ("operation", "account", "environment", "path"):
        wanted = request.param(key)
        if wanted:
            entries = [entry for entry in entries if entry[key] == wanted]
    return {"entries": entries[: _whole(request, "limit", len(entries))], "last": len(sim.journal)}


def _clear_journal(sim: Sim, request: Request) -> object:
    sim.journal.clear()
    return {"last": 0}


def _pins(sim: Sim, request: Request) -> object:
    everything = request.param("all").lower() in ("true", "1", "yes")
    return {"pins": live_pins(sim.world, everything)}


def _media(sim: Sim, request: Request) -> object:
    return {"media": registered_media(sim.world)}


def _faults(sim: Sim, request: Request) -> object:
    return {"faults": sim.faults.listed(sim.clock.now())}


def _order_faults(sim: Sim, request: Request) -> object:
    wanted = _json(request)
    orders = wanted if isinstance(wanted, list) else [wanted]
    made = sim.faults.order(orders, OPERATIONS, sim.clock.now())
    return {"faults": made} if isinstance(wanted, list) else made[0]


def _clear_faults(sim: Sim, request: Request) -> object:
    wanted = _whole(request, "id", 0) if request.param("id") else None
    return {"dropped": sim.faults.clear(wanted)}


def _clock(sim: Sim, request: Request) -> object:
    return {"now": sim.clock.now(), "offset_s": sim.clock.offset_s, "frozen": sim.clock.frozen}


def _move_clock(sim: Sim, request: Request) -> object:
    wanted = _object(request, "advance_s", "set", "frozen")
    frozen = flag(wanted, "frozen", sim.clock.frozen)
    seconds = 0.0 if wanted.keys() == {"frozen"} else _seconds(sim, wanted)
    if frozen != sim.clock.frozen:
        (sim.clock.freeze if frozen else sim.clock.thaw)()
    if "set" in wanted:
        sim.clock.set(seconds)
    else:
        sim.clock.advance(seconds)
    sim.world.settle(sim.clock.now())
    return _clock(sim, request)


def _seconds(sim: Sim, wanted: dict[str, Any]) -> float:
    """How far the clock is to go, or whereto."""
    seconds = wanted.get("advance_s", wanted.get("set"))
    is_both = {"advance_s", "set"} <= wanted.keys()
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or is_both:
        raise BadControl('Send {"advance_s": seconds} or {"set": epoch seconds}, with or without "frozen".')
    least = -sim.clock.now() if "advance_s" in wanted else 0
    if not least <= seconds < least + _LAST_SECOND:
        raise BadControl("The clock goes from 1970 to 9999.")
    return float(seconds)


def _switches(sim: Sim, request: Request) -> object:
    return sim.switches.as_dict()


def _set_switches(sim: Sim, request: Request) -> object:
    sim.switches.change(_object(request))
    return sim.switches.as_dict()


def state(sim: Sim, request: Request) -> dict[str, Any]:
    """A small summary."""
    realms = sim.world.realms.values()
    return {
        "seed": sim.seed,
        "now": sim.clock.now(),
        "offset_s": sim.clock.offset_s,
        "requests": len(sim.journal),
        "faults": len(sim.faults),
        "live_pins": {realm.environment: sum(map(len, realm.pins_of.values())) for realm in realms},
        **describe(sim.world),
    }


def _grants(sim: Sim, request: Request) -> object:
    return {"grants": listed_grants(sim.world, request.param("account"))}


def _act(sim: Sim, request: Request) -> object:
    act(sim.world, _object(request), sim.clock.now())
    return {"done": True}


_ROUTES: dict[str, dict[str, Callable[[Sim, Request], object]]] = {
    "/reset": {"POST": _reset},
    "/seed": {"POST": _seed},
    "/tokens": {"POST": _tokens},
    "/journal": {"GET": _journal, "DELETE": _clear_journal},
    "/pins": {"GET": _pins},
    "/media": {"GET": _media},
    "/grants": {"GET": _grants},
    "/faults": {"GET": _faults, "POST": _order_faults, "DELETE": _clear_faults},
    "/clock": {"GET": _clock, "POST": _move_clock},
    "/switches": {"GET": _switches, "PUT": _set_switches},
    "/state": {"GET": state},
    "/act": {"POST": _act},
}
PATHS = tuple(_ROUTES)
"""Every control route, without its `/_sim`."""


def _picture(sim: Sim, digest: str) -> Answer:
    found = sim.world.pictures.find(digest)
    if found is None:
        return Answer(404)
    return Answer(200, {"Content-Type": found[0].content_type, "Cache-Control": "max-age=86400"}, found[1])


def _avatar(person: str) -> Answer:
    letter = escape(person[:1].upper() or "?")
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><circle cx="32" cy="32" r="32" fill="#b3122d"/>'
        f'<text x="32" y="43" font-family="sans-serif" font-size="30" text-anchor="middle" fill="#fff">{letter}</text>'
        "</svg>"
    )
    return Answer(200, {"Content-Type": "image/svg+xml"}, svg.encode())


def _json(request: Request) -> Any:
    try:
        return json.loads(request.body or b"{}")
    except ValueError:
        raise BadControl("The body is not JSON.") from None


def _object(request: Request, *members: str) -> dict[str, Any]:
    """The JSON object sent; where `members` are named it may have no others."""
    found = _json(request)
    if not isinstance(found, dict):
        raise BadControl("The body is not a JSON object.")
    if members:
        only(found, members, request.path)
    return found


def _whole(request: Request, name: str, default: int) -> int:
    text = request.param(name)
    if text and not text.isdecimal():
        raise BadControl(f"{name}: a whole number.")
    return int(text) if text else default
