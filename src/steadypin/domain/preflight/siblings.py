"""The other Pins of an account that are near in time, and finding among them without going through all of them.

A file of ten thousand rows compares each row with all the others, so each question costs a few look-ups.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from urllib.parse import urlsplit

from steadypin.domain.attempts import Fingerprint
from steadypin.domain.links import normalise_link
from steadypin.domain.pacing.day import day_of
from steadypin.domain.pins import Content


@dataclass(frozen=True, slots=True)
class Looks:
    """By what Pins are alike: `whole` everything that goes to Pinterest, `pair` board, link and media, `site` the host."""

    whole: tuple[object, ...]
    pair: tuple[object, ...] | None
    site: str

    @classmethod
    def of(cls, content: Content) -> Looks:
        """Of one content. Without a link two Pins are no pair."""
        shown = (content.media.kind, *content.media.sources)
        link = normalise_link(content.link)
        whole = (Fingerprint.of(content).same_as, content.board_section_id or "", content.media)
        return cls(whole, (content.board_id, link, *shown) if link else None, site_of(content.link))


@dataclass(frozen=True, slots=True)
class Sibling:
    """Another Pin of the same account. `at`: when it went live, else when it is due."""

    id: str
    at: datetime
    live: bool
    looks: Looks


def site_of(link: str | None) -> str:
    """The host of a link without `www.`; '' for none."""
    try:
        host = urlsplit(link or "").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


class Siblings:
    """Siblings by what people ask about them. `pin_id` in each question names the Pin that asks and does not count."""

    def __init__(self, siblings: Sequence[Sibling], tz: tzinfo) -> None:
        self._all = siblings
        self._tz = tz
        self._own = {each.id: each for each in siblings}
        self._groups: defaultdict[Hashable, list[Sibling]] = defaultdict(list)
        for each in siblings:
            day, looks = day_of(each.at, tz), each.looks
            self._groups["live" if each.live else "ahead", day].append(each)
            if not each.live:
                self._groups["ahead"].append(each)
            self._groups["whole", looks.whole].append(each)
            if looks.pair is not None:
                self._groups["pair", looks.pair].append(each)
            if looks.site:
                self._groups["site", looks.site, day].append(each)

    def same(self, looks: Looks, at: datetime, within: timedelta) -> list[Sibling]:
        """Those that are alike in everything, so long before and after."""
        return self._around(("whole", looks.whole), at, within)

    def pairs(self, looks: Looks, at: datetime, within: timedelta) -> list[Sibling]:
        """Those with the same link and media on the same board, so long before and after."""
        return self._around(("pair", looks.pair), at, within) if looks.pair is not None else []

    def of_site(self, site: str, day: date, pin_id: str | None) -> int:
        """How many lead to that site on that day."""
        found = self._groups.get(("site", site, day), [])
        own = self._own.get(pin_id or "")
        mine = own is not None and own.looks.site == site and day_of(own.at, self._tz) == day
        return len(found) - mine

    def until(self, at: datetime, within: timedelta, pin_id: str | None) -> int:
        """How many go out at that moment or less than so long before."""
        own = self._own.get(pin_id or "")
        mine = own is not None and at - within < own.at <= at
        return bisect_right(self._all, at, key=_at) - bisect_right(self._all, at - within, key=_at) - mine

    def earlier_that_day(self, at: datetime, now: datetime, pin_id: str | None) -> int:
        """How many are live on the day of that moment or go out earlier on it; overdue ones go out now."""
        day = day_of(at, self._tz)
        live, ahead = self._groups.get(("live", day), []), self._groups.get(("ahead", day), [])
        count = bisect_right(live, at, key=_at)
        count += max(bisect_right(ahead, at, key=_at) - bisect_left(ahead, now, key=_at), 0)
        if day == day_of(now, self._tz) and now <= at:
            count += bisect_left(self._groups.get("ahead", []), now, key=_at)
        own = self._own.get(pin_id or "")
        if own is None:
            return count
        out_at = own.at if own.live else max(own.at, now)
        return count - (day_of(out_at, self._tz) == day and out_at <= at)

    def _around(self, group: Hashable, at: datetime, within: timedelta) -> list[Sibling]:
        found = self._groups.get(group, [])
        first, last = bisect_left(found, at - within, key=_at), bisect_right(found, at + within, key=_at)
        return found[first:last]


def _at(sibling: Sibling) -> datetime:
    return sibling.at
