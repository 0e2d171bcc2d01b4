"""Which rule fits a reply best: the level of its match first, then how much it asks for, then the longest fragment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from steadypin.domain.native import Native
from steadypin.domain.rules.fold import find, fold
from steadypin.domain.rules.model import LEVELS, Match, Rule

CREATES = ("pins/create", "pins/save", "boards/create", "board_sections/create")
"""Sending one of these twice can leave two things on Pinterest."""

OUTSIDE = ("media/source", "media/upload", "oauth/authorize")
"""Not Pinterest's JSON API: only rules that name these places may speak about them."""


@dataclass(frozen=True, slots=True, order=True)
class Fit:
    """How well a rule fits; the greatest wins. `length` is that of the longest fragment found."""

    level: int
    asked: int
    length: int


def best(rules: Iterable[Rule], native: Native, environment: str) -> tuple[Rule, Fit]:
    """The rule that fits best, the earlier of two equals. Raises LookupError when none does."""
    text = told(native)
    found: tuple[Rule, Fit] | None = None
    for rule in rules:
        fit = fits(rule, native, environment, text)
        if fit is not None and (found is None or fit > found[1]):
            found = rule, fit
    if found is None:
        raise LookupError("no rule fits, not even the one for everything else")
    return found


def told(native: Native) -> str:
    """The folded sentences of a reply; the whole body where no sentence was found in it."""
    return _told(native.exception or "", native.message, native.detail, native.body)


@lru_cache(maxsize=64)
def _told(exception: str, message: str, detail: str, body: str) -> str:
    said = "\n".join(part for part in (exception, message, detail) if part)
    return fold(said if message or detail else f"{exception} {body}")


def fits(rule: Rule, native: Native, environment: str, text: str) -> Fit | None:
    """How well one rule fits, or None when it does not."""
    match = rule.match
    if not _place(match, native.endpoint) or not _numbers(match, native) or _too_weak(rule, native):
        return None
    if match.environment and match.environment != environment:
        return None
    if match.forms and native.form not in match.forms:
        return None
    if any(find(fragment, text) for fragment in match.not_fragments):
        return None
    length = _text(match, text)
    if length is None:
        return None
    return Fit(LEVELS.index(rule.level), _asked(match), length)


def _text(match: Match, text: str) -> int | None:
    if not match.has_text:
        return 0
    wanted = [find(fragment, text) for fragment in match.all_fragments]
    if not all(wanted):
        return None
    options = [*match.fragments, *(f"|{name.lower()}|" for name in match.exceptions)]
    chosen = [find(fragment, text) for fragment in options]
    if options and not any(chosen):
        return None
    return max([*wanted, *chosen])


def _place(match: Match, endpoint: str) -> bool:
    if not match.endpoints:
        return endpoint not in OUTSIDE
    return any(_covers(word, endpoint) for word in match.endpoints)


def _covers(word: str, endpoint: str) -> bool:
    match word:
        case "@any":
            return True
        case "@create":
            return endpoint in CREATES or endpoint == ""
        case "@repeat":
            return endpoint not in CREATES and endpoint != "" and endpoint not in OUTSIDE
        case _:
            return endpoint == word or (word.endswith("*") and endpoint.startswith(word[:-1]))


def _numbers(match: Match, native: Native) -> bool:
    return (not match.codes or native.code in match.codes) and admits(match, native.status)


def admits(match: Match, status: int | None) -> bool:
    """Whether a reply of this status may be judged by the match."""
    if match.statuses and not any(_is(word, status) for word in match.statuses):
        return False
    return not any(_is(word, status) for word in match.not_statuses)


def _too_weak(rule: Rule, native: Native) -> bool:
    """A word or a code says little beside a server's error, a limit, or a create that claims to have succeeded."""
    if native.status is None or rule.level not in ("hint", "code"):
        return False
    strong = native.status >= 500 or native.status in (408, 429)
    claimed = rule.level == "hint" and native.status < 400 and _covers("@create", native.endpoint)
    named = [word for word in rule.match.statuses if word != "4xx"]
    return (strong or claimed) and not any(_is(word, native.status) for word in named)


def _is(word: str, status: int | None) -> bool:
    if word == "none" or status is None:
        return word == "none" and status is None
    return word == f"{status // 100}xx" or word == str(status)


def _asked(match: Match) -> int:
    place = (
        0
        if not match.endpoints or "@any" in match.endpoints
        else 4
        if match.endpoints[0].startswith("@")
        else 8
    )
    return (
        place
        + 16 * bool(match.environment)
        + 2 * bool(match.codes)
        + bool(match.statuses)
        + bool(match.forms)
    )
