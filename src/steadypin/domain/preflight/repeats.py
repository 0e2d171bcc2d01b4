"""Step 1: Pins that are too much alike, or too many at once: what Pinterest takes for spam.

Pinterest names repetition and many Pins from one site as reasons for its blocks, and no numbers; these are cautious.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta, tzinfo

from steadypin.domain.findings import Finding, Level
from steadypin.domain.pacing.day import day_of
from steadypin.domain.preflight.facts import Facts, Looks, Sibling
from steadypin.domain.words import Cause, Remedy

WINDOW = timedelta(days=7)
"""The same link and media on one board within so long is told."""
MOST_OF_ONE_SITE = 15
"""More Pins to one site on one day than this are told."""
NEW_FOR = timedelta(days=30)
BURST = 5
BURST_WITHIN = timedelta(hours=1)
"""An account connected less than NEW_FOR ago with more than BURST Pins within BURST_WITHIN is told."""


def repeat_findings(facts: Facts) -> Iterable[Finding]:
    """Identical, alike, many of one site, many at once."""
    if facts.account is None or facts.due_at is None:
        return
    due, tz = max(facts.due_at, facts.now), facts.account.limits.tz
    near = [each for each in facts.account.near(due, WINDOW) if each.id != facts.pin_id]
    looks = Looks.of(facts.content)
    yield from _alike(facts, looks, due, near)
    if looks.site:
        yield from _of_one_site(looks.site, day_of(due, tz), tz, near)
    if due - facts.account.connection.created_at <= NEW_FOR:
        yield from _burst(due, near)


def _alike(facts: Facts, looks: Looks, due: datetime, near: Sequence[Sibling]) -> Iterable[Finding]:
    identical = [each for each in near if each.looks.whole == looks.whole and not each.live]
    if identical:
        yield Finding(
            "identical",
            Level.WARNING if "identical" in facts.confirmed else Level.BLOCKER,
            f"The same Pin is scheduled already, for {identical[0].at:%Y-%m-%d %H:%M} UTC.",
            "Remove one of the two, or say that you want both.",
            Cause.DUPLICATE,
            Remedy.FIX_INPUT,
            {"pins": [each.id for each in identical[:10]]},
        )
        return
    again = [each for each in near if looks.pair is not None and each.looks.pair == looks.pair]
    if again:
        nearest = min(again, key=lambda each: abs(each.at - due))
        free_at = max(each.at for each in again) + WINDOW
        yield Finding(
            "repeated",
            Level.WARNING,
            f"The same link with the same media is on this board on {nearest.at:%Y-%m-%d} as well; Pinterest may take "
            "it for spam.",
            f"Take another board or image, or a time after {free_at:%Y-%m-%d %H:%M} UTC.",
            Cause.DUPLICATE,
            Remedy.FIX_INPUT,
            {"pins": [each.id for each in again[:10]], "spaced_from": free_at.isoformat()},
        )


def _of_one_site(site: str, day: date, tz: tzinfo, near: Sequence[Sibling]) -> Iterable[Finding]:
    same = sum(each.looks.site == site and day_of(each.at, tz) == day for each in near) + 1
    if same > MOST_OF_ONE_SITE:
        yield Finding(
            "one_site",
            Level.WARNING,
            f"{same} Pins lead to {site} on that day; Pinterest's spam protection looks at just that.",
            f"Spread them: no more than {MOST_OF_ONE_SITE} a day to one site.",
            Cause.SPAM_BLOCK,
            Remedy.FIX_INPUT,
            {"site": site, "pins": same},
        )


def _burst(due: datetime, near: Sequence[Sibling]) -> Iterable[Finding]:
    together = sum(timedelta(0) <= due - each.at < BURST_WITHIN for each in near) + 1
    if together > BURST:
        apart = BURST_WITHIN / BURST
        yield Finding(
            "burst",
            Level.WARNING,
            f"{together} Pins within an hour, on an account that was connected less than a month ago, may look like spam.",
            f"Leave {apart // timedelta(minutes=1)} minutes between them at first.",
            Cause.SPAM_BLOCK,
            Remedy.FIX_INPUT,
            {"pins": together, "apart_s": apart.total_seconds()},
        )
