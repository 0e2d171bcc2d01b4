"""What it means for a link that its look ended before the page."""

from __future__ import annotations

from dataclasses import dataclass

from steadypin.domain.findings import Finding, Level
from steadypin.domain.link_seen import LinkSeen, TroubleKind
from steadypin.domain.words import Cause, Remedy

_AGAIN = "It is looked at again before the Pin goes out. If it stays so, the website needs help."
_CHECK = "Open the link in a private browser window and check where it ends."


@dataclass(frozen=True, slots=True)
class _Meaning:
    check: str
    title: str
    fix: str
    remedy: Remedy = Remedy.FIX_INPUT
    level: Level = Level.WARNING


_MEANINGS = {
    TroubleKind.INVALID: _Meaning(
        "link.leads_nowhere", "The link leads to something that is no web address", _CHECK
    ),
    TroubleKind.SCHEME: _Meaning("link.leads_nowhere", "The link leads away from the web", _CHECK),
    TroubleKind.USER: _Meaning(
        "link.leads_nowhere", "The link leads to an address with a name or password inside", _CHECK
    ),
    TroubleKind.PORT: _Meaning(
        "link.leads_nowhere", "The link leads to a port that no browser opens", _CHECK
    ),
    TroubleKind.PRIVATE: _Meaning(
        "link.private",
        "The link leads into a private network",
        "Link to the public address of the page.",
        level=Level.BLOCKER,
    ),
    TroubleKind.PRIVATE_NAME: _Meaning(
        "link.private_name",
        "As seen from this computer, the link leads into a private network",
        "Open it from outside, for example on a phone without Wi-Fi. If it works there, nothing is wrong.",
    ),
    TroubleKind.UNKNOWN_HOST: _Meaning(
        "link.unreachable",
        "There is no website of this name",
        "Check the spelling, and whether the domain is paid for.",
    ),
    TroubleKind.UNREACHED: _Meaning(
        "link.unreachable", "The website cannot be reached", _AGAIN, Remedy.RETRY_LATER
    ),
    TroubleKind.TLS: _Meaning(
        "link.unreachable",
        "The website cannot be opened over https",
        "Have its certificate mended, and try again.",
    ),
    TroubleKind.SILENT: _Meaning(
        "link.unreachable", "The website did not answer in time", _AGAIN, Remedy.RETRY_LATER
    ),
    TroubleKind.CUT: _Meaning(
        "link.unreachable", "The website broke off its answer", _AGAIN, Remedy.RETRY_LATER
    ),
    TroubleKind.UNREADABLE: _Meaning(
        "link.unreachable", "The website answers in a way that cannot be read", _CHECK, Remedy.RETRY_LATER
    ),
    TroubleKind.LOOP: _Meaning(
        "link.loop", "The link goes in circles for visitors who bring no cookies", _CHECK
    ),
    TroubleKind.HOPS: _Meaning(
        "link.loop", "The link leads from redirect to redirect without an end", _CHECK
    ),
}
_PARTLY = {
    TroubleKind.SILENT: _Meaning(
        "link.slow",
        "The page did not come to its end in time",
        "Have the website made faster.",
        Remedy.RETRY_LATER,
    ),
    TroubleKind.CUT: _Meaning(
        "link.cut", "The page was broken off before its end", _AGAIN, Remedy.RETRY_LATER
    ),
}
"""With a page of which enough came to be judged."""


def came_partly(seen: LinkSeen) -> bool:
    """Whether a page was there, but not to its end."""
    has_head = seen.status == 200 and bool(seen.title or seen.og_title)
    return has_head and seen.trouble is not None and seen.trouble.kind in _PARTLY


def trouble_findings(seen: LinkSeen) -> tuple[Finding, ...]:
    """The Finding of a trouble; none without one."""
    trouble = seen.trouble
    if trouble is None:
        return ()
    meaning = _PARTLY[trouble.kind] if came_partly(seen) else _MEANINGS[trouble.kind]
    title = f"{meaning.title}: {trouble.words}."
    evidence = {"trouble": trouble.kind.value, "url": trouble.url, "hops": [hop.url for hop in seen.hops]}
    return (Finding(meaning.check, meaning.level, title, meaning.fix, Cause.LINK, meaning.remedy, evidence),)
