"""Step 4: media, text and link; what was seen elsewhere is passed on, what nobody has looked at is pending."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from steadypin.domain.findings import Finding, Level, blockers
from steadypin.domain.link_checks import link_findings
from steadypin.domain.preflight.facts import Facts
from steadypin.domain.text_checks import text_findings
from steadypin.domain.words import Cause


def content_findings(facts: Facts) -> Iterable[Finding]:
    """What Pinterest would refuse, and what is worth knowing."""
    content = facts.content
    texts = {name: getattr(content, name) for name in ("title", "description", "alt_text", "link")}
    yield from (each for each in text_findings(texts) if each.level is not Level.OK)
    yield from (each for each in facts.media or () if each.level is not Level.OK)
    if facts.media is None or not content.media.ready:
        yield _pending("media", "The media has not been looked at yet.", Cause.MEDIA)
    link = _link(facts) if facts.link is None else facts.link
    yield from (each for each in link if each.level is not Level.OK)


def _link(facts: Facts) -> Sequence[Finding]:
    """Of a link that nobody has followed yet: what its text says, and that it is pending unless that is enough."""
    told = link_findings(
        facts.content.link, None, now=facts.now, due_at=facts.due_at, allowed=facts.may_be_private
    )
    if not facts.content.link or blockers(told):
        return told
    return (*told, _pending("link", "The link has not been looked at yet.", Cause.LINK))


def _pending(check: str, title: str, cause: Cause) -> Finding:
    return Finding(
        check, Level.PENDING, title, "Nothing to do: Steadypin looks at it before its time.", cause
    )
