"""Hops: pages that send their visitor elsewhere."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from pinsim.web.pages import markup
from pinsim.web.visit import Visit
from pinsim.wire import Answer, html_answer

_STATUSES = ("301", "302", "303", "307", "308")


def chain(visit: Visit) -> Answer:
    """`n` hops with `status` to a fine page."""
    left = visit.whole("n", 1, 1000)
    return _to(visit, f"/web/hops?n={left - 1}&status={_status(visit)}" if left > 1 else "/web/page")


def loop(visit: Visit) -> Answer:
    """Round and round over three places."""
    here = visit.whole("at", 0, 2)
    return _to(visit, f"/web/loop?at={(here + 1) % 3}&status={_status(visit)}")


def deeper(visit: Visit) -> Answer:
    """A new address at every hop, for ever."""
    return _to(visit, f"/web/deeper?at={visit.whole('at', 0) + 1}")


def itself(visit: Visit) -> Answer:
    """To where the visitor is."""
    return _to(visit, visit.request.path)


def away(visit: Visit) -> Answer:
    """To `url`, whatever that is."""
    return _to(visit, visit.text("url", "/web/page"))


def secure(visit: Visit) -> Answer:
    """To the same host over https, which nobody speaks here."""
    return _to(visit, f"https://{visit.header('host').partition(':')[0]}/web/page")


def short(visit: Visit) -> Answer:
    """As a shortener does: a few letters that lead somewhere; `url` says where."""
    return _to(visit, visit.text("url", f"/web/page?title={quote(visit.rest or 'short')}"))


def nowhere(visit: Visit) -> Answer:
    """A redirect that does not say where to."""
    return Answer(int(_status(visit)), {})


def refresh(visit: Visit) -> Answer:
    """A page that moves on by itself to `url` after `wait` seconds."""
    return _refreshing(visit.text("url", "/web/page"), visit.whole("wait", 0, 86400))


def refresh_loop(visit: Visit) -> Answer:
    """Two pages that send their visitor to each other."""
    here = visit.whole("at", 0, 1)
    return _refreshing(f"/web/refresh-loop?at={1 - here}", 0)


def reload(visit: Visit) -> Answer:
    """A page that loads itself anew after `wait` seconds."""
    return html_answer(200, markup(head=f'<meta http-equiv="refresh" content="{visit.whole("wait", 300)}">'))


def _refreshing(url: str, wait: int) -> Answer:
    tag = f'<meta http-equiv="Refresh" content="{wait}; URL=\'{escape(url)}\'">'
    return html_answer(200, markup("One moment", tag))


def _status(visit: Visit) -> str:
    return visit.one_of("status", _STATUSES, "302")


def _to(visit: Visit, url: str) -> Answer:
    return Answer(int(_status(visit)), {"Location": quote(url, safe="!#$%&'()*+,/:;=?@[]~\\\t")})
