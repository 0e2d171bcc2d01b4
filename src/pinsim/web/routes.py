"""Routes: every place under /web/ by its name."""

from __future__ import annotations

from pinsim.web import files, hops, lines, pages, signing, walls
from pinsim.web.visit import BadVisit, Place, Visit
from pinsim.wire import Answer, Request, html_answer, json_answer

PREFIX = "/web/"
OPERATION = "web"
"""What the journal calls a visit."""

PLACES: dict[str, Place] = {
    "page": pages.fine,
    "plain": pages.no_open_graph,
    "no-pin": pages.no_pin,
    "soft-404": pages.soft_404,
    "empty": pages.empty,
    "broken": pages.broken,
    "frames": pages.framed,
    "charset": pages.charset,
    "late-head": pages.late_head,
    "hops": hops.chain,
    "loop": hops.loop,
    "deeper": hops.deeper,
    "self": hops.itself,
    "to": hops.away,
    "to-https": hops.secure,
    "go": hops.short,
    "to-nowhere": hops.nowhere,
    "odd-location": lines.odd_location,
    "refresh": hops.refresh,
    "refresh-loop": hops.refresh_loop,
    "reload": hops.reload,
    "login": walls.login,
    "login-form": walls.login_form,
    "newsletter": walls.newsletter,
    "members": walls.to_login,
    "unauthorised": walls.unauthorised,
    "forbidden": walls.forbidden,
    "cookies": walls.cookies,
    "browsers-only": walls.browsers_only,
    "no-head": walls.no_head,
    "status": walls.status,
    "image.jpg": files.image,
    "mistyped-image": files.mistyped_image,
    "mistyped-page": files.mistyped_page,
    "hotlink.jpg": files.hotlink,
    "download": files.download,
    "ranged": files.ranged,
    "packed": files.packed,
    "bomb": files.bomb,
    "sign": signing.sign,
    "signed": signing.signed,
    "silent": lines.silent,
    "dropped": lines.dropped,
    "slow": lines.slow,
    "drip": lines.drip,
    "stall": lines.stall,
    "endless": lines.endless,
    "miscounted": lines.miscounted,
    "untyped": lines.untyped,
    "headers": lines.headers,
}


def answer(request: Request, now: float) -> Answer:
    """What is at a place; 404 where none is, 400 for a parameter that cannot be read."""
    name, _, rest = request.path.removeprefix(PREFIX).partition("/")
    place = PLACES.get(name)
    if place is None:
        return html_answer(404, pages.markup("Page not found"))
    if request.method not in ("GET", "HEAD"):
        return Answer(405, {"Allow": "GET, HEAD"})
    try:
        return place(Visit(request, rest, now))
    except BadVisit as bad:
        return json_answer(400, {"error": str(bad)})
