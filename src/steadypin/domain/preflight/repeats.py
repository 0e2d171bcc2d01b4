"""Step 1: Pins that are too much alike, or too many at once: what Pinterest takes for spam.

Pinterest names repetition and many Pins from one site as reasons for its blocks, and no numbers; these are cautious.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice

from steadypin.domain.findings import Finding, Level
from steadypin.domain.pacing.day import day_of
from steadypin.domain.preflight.facts import Facts
from steadypin.domain.preflight.siblings import Looks, Sibling, Siblings
from steadypin.domain.words import Cause, Remedy

IDENTICAL = "identical"
"""The check whose blocker its user may accept: both Pins are wanted."""
WINDOW = timedelta(days=7)
"""The same link and media on one board within so long is told."""
MOST_OF_ONE_SITE = 15
"""More Pins to one site on one day than this are told."""
NEW_FOR = timedelta(days=30)
BURST = 5
BURST_WITHIN = timedelta(hours=1)
"""An account connected less than NEW_FOR ago with more than BURST Pins within BURST_WITHIN is told."""
_MOST_NAMED = 10


def repeat_findings(facts: Facts) -> Iterable[Finding]:
    """Identical, alike, many of one site, many at once."""
    if facts.account is None or facts.due_at is None:
        return
    due, beside = max(facts.due_at, facts.now), facts.account.beside
    looks = Looks.of(facts.content)
    yield from _alike(facts, beside, looks, due)
    if looks.site:
        count = beside.of_site(looks.site, day_of(due, facts.account.limits.tz), facts.pin_id) + 1
        yield from _of_one_site(looks.site, count)
    if due - facts.account.connection.created_at <= NEW_FOR:
        yield from _burst(beside.until(due, BURST_WITHIN, facts.pin_id) + 1)


def _alike(facts: Facts, beside: Siblings, looks: Looks, due: datetime) -> Iterable[Finding]:
    same = (each for each in beside.same(looks, due, WINDOW) if each.id != facts.pin_id and not each.live)
    identical = list(islice(same, _MOST_NAMED))
    if identical:
        yield Finding(
            IDENTICAL,
            Level.WARNING if IDENTICAL in facts.confirmed else Level.BLOCKER,
            f"The same Pin is scheduled already, for {identical[0].at:%Y-%m-%d %H:%M} UTC.",
            "Remove one of the two, or say that you want both.",
            Cause.DUPLICATE,
            Remedy.FIX_INPUT,
            {"pins": [each.id for each in identical]},
        )
        return
    pairs = beside.pairs(looks, due, WINDOW)
    again = list(islice((each for each in pairs if each.id != facts.pin_id), _MOST_NAMED))
    if again:
        nearest = _nearest(pairs, due, facts.pin_id)
        free_at = pairs[-1 if pairs[-1].id != facts.pin_id else -2].at + WINDOW
        yield Finding(
            "repeated",
            Level.WARNING,
            f"The same link with the same media is on this board on {nearest.at:%Y-%m-%d} as well; Pinterest may take "
            "it for spam.",
            f"Take another board or image, or a time after {free_at:%Y-%m-%d %H:%M} UTC.",
            Cause.DUPLICATE,
            Remedy.FIX_INPUT,
            {"pins": [each.id for each in again], "spaced_from": free_at.isoformat()},
        )


def _nearest(pairs: Sequence[Sibling], due: datetime, pin_id: str | None) -> Sibling:
    place = bisect_left(pairs, due, key=lambda each: each.at)
    near = [each for each in pairs[max(place - 2, 0) : place + 2] if each.id != pin_id]
    return min(near, key=lambda each: abs(each.at - due))


def _of_one_site(site: str, same: int) -> Iterable[Finding]:
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


def _burst(together: int) -> Iterable[Finding]:
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
