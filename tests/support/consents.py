"""The simulated consent page, as a person goes through it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

from pinsim import Request as SimRequest
from steadypin.services import connecting
from steadypin.services.connecting import Wanted
from tests.support.rig import Rig


def give(rig: Rig, url: str, username: str, deny: Sequence[str] = ()) -> tuple[str, str]:
    """Give access as that account, some boxes not ticked; answers (state, code)."""
    for name, value in {"auto_consent": username, "deny_scopes": list(deny)}.items():
        setattr(rig.sim.switches, name, value)
    query = [(name, found[0]) for name, found in parse_qs(urlsplit(url).query).items()]
    answer = asyncio.run(rig.sim.answer(SimRequest("GET", "/oauth/", query)))
    back = parse_qs(urlsplit(answer.header("Location")).query)
    return back["state"][0], back["code"][0]


def consented(
    rig: Rig, username: str = "spring_shop", deny: Sequence[str] = (), wanted: Wanted | None = None
) -> tuple[str, str]:
    """Begin a consent and give access; answers (state, code)."""
    return give(rig, connecting.authorize(rig.ctx, wanted=wanted).url, username, deny)
