"""Step 4: media, text and link; what was seen elsewhere is passed on, what nobody has looked at is pending."""

from __future__ import annotations

from collections.abc import Iterable

from steadypin.domain.findings import Finding, Level
from steadypin.domain.preflight.facts import Facts
from steadypin.domain.texts import check_texts
from steadypin.domain.words import Cause, Remedy

_CAUSES = {"link": Cause.LINK}


def content_findings(facts: Facts) -> Iterable[Finding]:
    """What Pinterest would refuse, and what is worth knowing."""
    content = facts.content
    texts = {name: getattr(content, name) for name in ("title", "description", "alt_text", "link")}
    for error in check_texts(texts):
        cause = _CAUSES.get(error.field, Cause.CONTENT)
        yield Finding(error.field, Level.BLOCKER, error.message, "", cause, Remedy.FIX_INPUT)
    yield from (each for each in facts.media or () if each.level is not Level.OK)
    if facts.media is None or not content.media.ready:
        yield _pending("media", "The media has not been looked at yet.", Cause.MEDIA)
    if facts.link is not None:
        yield from (each for each in facts.link if each.level is not Level.OK)
    elif content.link:
        yield _pending("link", "The link has not been looked at yet.", Cause.LINK)


def _pending(check: str, title: str, cause: Cause) -> Finding:
    return Finding(
        check, Level.PENDING, title, "Nothing to do: Steadypin looks at it before its time.", cause
    )
