"""The checks of a Pin's link: its text, what a visitor saw who followed it, and its end if it is signed.

    link, LinkSeen | None -> link_findings -> Findings

A blocker is what Pinterest is known to refuse, or what no visitor from outside could ever open. What the web may heal by
itself until the Pin is due is a warning: a page that is not there yet, a server that is busy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import datetime
from itertools import pairwise
from urllib.parse import urlsplit

from steadypin.domain.findings import Finding, Level, blockers
from steadypin.domain.link_refusals import SiteRefusal
from steadypin.domain.link_seen import LinkSeen
from steadypin.domain.link_shape import ascii_host, blocker, shape_findings, warning
from steadypin.domain.link_troubles import came_partly, trouble_findings
from steadypin.domain.signed_urls import expires_at
from steadypin.domain.words import Remedy

RISKS = frozenset(
    {
        "link.busy",
        "link.leads_nowhere",
        "link.loop",
        "link.missing",
        "link.private_name",
        "link.server",
        "link.shortener",
        "link.unreachable",
    }
)
"""Warnings that, like every blocker, put a Pin at risk when its time comes near."""

_FOLLOWED_ALL_THE_SAME = frozenset({"link.length", "link.blocked"})
_PAGES = frozenset({"HTML", "XML", "text", "unknown", ""})
_SLOW_S = 8.0
_FEW_LETTERS = 1000
_SIGN_IN = re.compile(r"(?:^|[/_.-])(?:log-?in|sign-?in|log-?on|sso|auth|wp-login)(?=[/_.?-]|$)", re.I)
_SIGN_IN_TITLE = re.compile(
    r"\b(?:log ?in|sign in|log on|members only|anmelden|connexion|iniciar sesi[oó]n)\b", re.I
)
_NOT_FOUND = re.compile(
    r"^\W*(?:error )?404\s*(?:$|[-–—|:·]|error|page|not)|\b(?:page|seite|article|product) (?:was )?(?:not found|nicht gefunden|doesn.t exist)\b|"
    r"^\W*not found\b|\bno longer available\b|\bpage introuvable\b|\bp[aá]gina no encontrada\b",
    re.I,
)


def link_findings(
    link: str | None,
    seen: LinkSeen | None,
    *,
    now: datetime,
    due_at: datetime | None = None,
    title: str | None = None,
    claimed: Collection[str] | None = None,
    allowed: Callable[[str], bool] = lambda host: False,
    refusal: SiteRefusal | None = None,
) -> tuple[Finding, ...]:
    """Everything to be said about the link of a Pin; nothing for none.

    `seen` None: nobody has looked yet. `title` is the Pin's own. `claimed` are the account's websites, None when they
    cannot be read. `allowed`: hosts that the operator lets be private. `refusal`: Pinterest has refused
    another link to the same site. One Finding `link` of level ok when all is well.
    """
    if not link:
        return ()
    found = [*shape_findings(link, allowed), *_refusal(refusal)]
    if any(each.check not in _FOLLOWED_ALL_THE_SAME for each in blockers(found)):
        return tuple(found)
    found += _signature(link, due_at or now)
    if seen is not None:
        found += _seen(seen, title)
    found += _claims(link, claimed)
    return tuple(found) if any(each.level is not Level.OK for each in found) else (_fine(seen), *found)


def _seen(seen: LinkSeen, title: str | None) -> list[Finding]:
    found = [*trouble_findings(seen)]
    if seen.trouble is not None and not came_partly(seen):
        return found
    found += _way(seen)
    if seen.status != 200:
        return [*found, _status(seen)]
    if seen.no_pin:
        found.append(_no_pin(seen))
    wall = _login(seen)
    if wall is not None:
        return [*found, wall]
    return [*found, *_page(seen), *_title(seen, title)]


def _refusal(refusal: SiteRefusal | None) -> list[Finding]:
    if refusal is None:
        return []
    said = f": '{refusal.words}'" if refusal.words else "."
    title = f"Pinterest has refused another Pin that leads to {refusal.site}{said}"
    fix = "Link to another website, or wait until a Pin to this one is accepted again. Sending more to it makes it worse."
    evidence = {"site": refusal.site, "rule": refusal.rule, "at": refusal.at.isoformat()}
    return [blocker("link.blocked", title, fix, evidence)]


def _way(seen: LinkSeen) -> list[Finding]:
    """What there is to say about the hops."""
    urls = [hop.url for hop in seen.hops]
    if len(urls) < 2:
        return []
    found = []
    evidence = {"hops": [{"url": hop.url, "status": hop.status, "by": hop.by} for hop in seen.hops]}
    if any(_scheme(one) == "https" and _scheme(other) == "http" for one, other in pairwise(urls)):
        text = "The link leads from https to plain http, which browsers warn of."
        found.append(warning("link.downgrade", text, "Let the website redirect to https only.", evidence))
    if any(hop.by == "refresh" for hop in seen.hops):
        text = "A page on the way sends its visitors on by itself. Pinterest may take that for a trick of spammers."
        found.append(warning("link.refresh", text, f"Link to {seen.final_url} directly.", evidence))
    is_plain = len(urls) == 2 and _site(urls[0]) == _site(urls[1])
    if is_plain:
        text = f"The link leads on to {seen.final_url}, on the same website."
        found.append(Finding("link.redirect", Level.OK, text, evidence=evidence))
    else:
        text = f"The link leads over {len(urls) - 1} redirects to {seen.final_url}. Pinterest asks for direct links."
        if len(urls) == 2:
            text = f"The link leads to another website, {seen.final_url}. Pinterest asks for direct links."
        found.append(warning("link.redirect", text, f"Link to {seen.final_url} directly.", evidence))
    return found


def _status(seen: LinkSeen) -> Finding:
    status = seen.status or 0
    said = f"The page answers {status}"
    evidence = {"status": status, "url": seen.final_url, "retry_after_s": seen.retry_after_s}
    if status in (404, 410):
        gone = "it is gone" if status == 410 else "it is not there"
        fix = "Check the address. If the page is published later, have it there before the Pin goes out."
        return warning("link.missing", f"{said}: {gone}.", fix, evidence)
    if status in (401, 407):
        return warning(
            "link.login", f"{said}: it asks for a login.", "Link to a page for everybody.", evidence
        )
    if status in (408, 425, 429):
        fix = "Nothing to do; it is looked at again before the Pin goes out."
        return warning(
            "link.busy", f"{said}: too many visits, or too busy.", fix, evidence, Remedy.RETRY_LATER
        )
    if status >= 500:
        fix = "It is looked at again before the Pin goes out. If it stays so, the website needs help."
        return warning("link.server", f"{said}: the website has trouble.", fix, evidence, Remedy.RETRY_LATER)
    if status >= 400:
        fix = "Open it in a private browser window. If you see the page there, the website turns away programs only."
        return warning("link.refused", f"{said} to a visitor without a login.", fix, evidence)
    return warning(
        "link.status", f"{said} and shows nothing.", "Open it in a browser and check it.", evidence
    )


def _no_pin(seen: LinkSeen) -> Finding:
    title = 'The page forbids saving to Pinterest (<meta name="pinterest" content="nopin">), so Pinterest refuses it.'
    fix = "Remove the mark if the page is yours, or link to another page."
    return blocker("link.no_pin", title, fix, {"url": seen.final_url})


def _login(seen: LinkSeen) -> Finding | None:
    path, start = urlsplit(seen.final_url).path, urlsplit(seen.url).path
    was_sent = len(seen.hops) > 1 and _SIGN_IN.search(path) and not _SIGN_IN.search(start)
    asks = seen.has_password and (seen.letters < _FEW_LETTERS or _SIGN_IN_TITLE.search(seen.title))
    if not was_sent and not asks:
        return None
    title = "The link ends at a login, so most visitors see nothing of the page."
    evidence = {"url": seen.final_url, "title": seen.title, "asks_for_password": seen.has_password}
    return warning("link.login", title, "Link to a page that everybody can read.", evidence)


def _page(seen: LinkSeen) -> list[Finding]:
    evidence = {"url": seen.final_url, "kind": seen.kind, "content_type": seen.content_type}
    found = []
    has_head = bool(seen.title or seen.og_title)
    if seen.kind == "empty":
        text = "The page is empty."
        return [warning("link.empty", text, "Open it in a browser and check it.", evidence)]
    if seen.kind not in _PAGES:
        text = f"The link leads to a file ({seen.kind}), not to a page."
        return [warning("link.type", text, "Link to the page on which it is shown.", evidence)]
    if seen.content_type and not re.match(r"(?:text/|application/(?:xhtml\+)?xml)", seen.content_type, re.I):
        said = seen.content_type.partition(";")[0]
        text = f"The page says that it is {said}; browsers may save it instead of showing it."
        found.append(warning("link.type", text, "Let the website send it as text/html.", evidence))
    if _NOT_FOUND.search(seen.title):
        text = f"The page answers 200, but calls itself '{seen.title}'."
        found.append(warning("link.missing", text, "Open it in a browser and check the address.", evidence))
    if seen.is_framed:
        text = "The page only frames other pages, so Pinterest reads nothing in it."
        found.append(warning("link.frames", text, "Link to the framed page itself.", evidence))
    if not has_head and seen.truncated and seen.trouble is None:
        text = "Nothing was found in the first half megabyte of the page, where its title should be."
        found.append(warning("link.unread", text, "Open it in a browser and check it.", evidence))
    if seen.seconds > _SLOW_S:
        text = f"The page took {seen.seconds:.0f} seconds. Visitors leave, and Pinterest may not wait."
        found.append(warning("link.slow", text, "Have the website made faster.", {"seconds": seen.seconds}))
    return found


def _title(seen: LinkSeen, title: str | None) -> list[Finding]:
    theirs = seen.og_title
    if not theirs or (title and _comparable(theirs) == _comparable(title)):
        return []
    evidence = {"title": title, "og_title": theirs, "url": seen.final_url}
    if not title:
        text = f"The Pin has no title; Pinterest may show the one of the page: '{theirs}'."
        return [Finding("link.title", Level.OK, text, evidence=evidence)]
    text = f"Pinterest may replace the title by the one of the page: '{theirs}'."
    return [warning("link.title", text, "Use the same title on the page (og:title), or accept it.", evidence)]


def _signature(link: str, when: datetime) -> list[Finding]:
    ends = expires_at(link)
    if ends is None:
        return []
    evidence = {"expires_at": ends.isoformat()}
    fix = "Link to a page with a lasting address."
    if ends <= when:
        text = f"The link is signed and ends at {ends:%Y-%m-%d %H:%M} UTC, before the Pin goes out."
        return [blocker("link.expires", text, fix, evidence)]
    text = f"The link is signed and ends at {ends:%Y-%m-%d %H:%M} UTC. Pins are found for years."
    return [warning("link.expires", text, fix, evidence)]


def _claims(link: str, claimed: Collection[str] | None) -> list[Finding]:
    if not claimed:
        return []
    site = _site(link)
    is_ours = any(site == _bare(each) or site.endswith(f".{_bare(each)}") for each in claimed)
    text = (
        f"{site} is claimed by this account."
        if is_ours
        else f"{site} is not among the account's claimed websites."
    )
    return [Finding("link.claimed", Level.OK, text, evidence={"site": site, "is_claimed": is_ours})]


def _fine(seen: LinkSeen | None) -> Finding:
    if seen is None:
        return Finding(
            "link",
            Level.OK,
            "The link is a whole address. Nobody has followed it yet.",
            evidence={"looked": False},
        )
    named = f": '{seen.title}'" if seen.title else ""
    evidence = {"looked": True, "url": seen.final_url, "seconds": seen.seconds}
    return Finding("link", Level.OK, f"The link leads to a page that answers{named}.", evidence=evidence)


def _scheme(url: str) -> str:
    return urlsplit(url).scheme.lower()


def _site(url: str) -> str:
    host = urlsplit(url).hostname or ""
    return (ascii_host(host) or host).removesuffix(".").removeprefix("www.")


def _bare(website: str) -> str:
    """A claimed website as it is listed: a host, or an address."""
    return _site(website if "//" in website else f"//{website}")


def _comparable(text: str) -> str:
    return " ".join(text.split()).casefold()
