"""From a native reply to what a person can act on: which step broke, what is wrong, who heals it.

    Native -> classify -> Failure(cause, remedy, step, title, meaning, fix, by_itself, native)

The knowledge is data (rules/failures.toml); this file only chooses the rule and fills in its words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from steadypin.domain.native import Native
from steadypin.domain.rules import bodies
from steadypin.domain.rules.checks import check_rules
from steadypin.domain.rules.fold import fold
from steadypin.domain.rules.matching import CREATES, best
from steadypin.domain.rules.model import Rule, load_aliases, load_rules
from steadypin.domain.words import Cause, Remedy, Step

__all__ = ["Failure", "Rule", "alias", "check_rules", "classify", "rule", "rules"]

REFUSES = frozenset({401, 403, 404, 405, 409, 413, 422, 429})
"""With Pinterest's own JSON around them, these statuses prove that a create was refused (docs/architecture.md)."""

NOT_SENT = "not-sent"
"""The rule for a request of which nothing left this machine."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong, for people and for `judge`.

    `leaves_doubt`: on a create, this reply does not prove that nothing was made. `refresh_first`: refresh the token
    once and resend once before asking anybody. `names` holds what the text names: missing scopes, a feature.
    `wait` names a list of waits in policy.toml.
    """

    cause: Cause
    remedy: Remedy
    step: Step
    rule: str
    title: str
    meaning: str
    fix: str
    by_itself: str
    native: Native
    names: tuple[str, ...] = ()
    leaves_doubt: bool = False
    refresh_first: bool = False
    wait: str = ""


def classify(native: Native, *, environment: str = "production", left: bool | None = None) -> Failure:
    """The Failure of a reply. Total: what no rule knows is cause `unknown`, remedy `report`, rule `unknown`.

    `left`, where it is known: at least one byte of the request's body may have left this machine.
    """
    if "api-sandbox.pinterest.com/v5" in native.body:
        environment = "sandbox"
    chosen = _alias_pasted(native) or best(load_rules(), native, environment)[0]
    if native.status is None and left is False and chosen.leaves_doubt:
        chosen = rule(NOT_SENT)  # the exception alone reads as a lost answer
    names = _names(chosen, native)
    return Failure(
        cause=chosen.cause,
        remedy=chosen.remedy,
        step=chosen.step or step_of(native.endpoint),
        rule=chosen.id,
        title=_fill(chosen.title, names, native),
        meaning=_fill(chosen.meaning, names, native),
        fix=_fill(chosen.fix, names, native),
        by_itself=_fill(chosen.by_itself, names, native),
        native=native,
        names=names,
        leaves_doubt=_leaves_doubt(chosen, native, left),
        refresh_first=chosen.refresh_first,
        wait=chosen.wait,
    )


def rules() -> tuple[Rule, ...]:
    """Every rule, in the order of the reference."""
    return load_rules()


def rule(rule_id: str) -> Rule:
    """The rule with this id. Raises KeyError when there is none."""
    return _by_id()[rule_id]


def alias(name: str) -> Rule:
    """The rule behind a common name (`unauthorized`, `429`, `access tier`, …). Raises KeyError when there is none."""
    return rule(_aliases()[_plain(name)])


def step_of(endpoint: str) -> Step:
    """The step of the chain to which a call belongs."""
    if endpoint.startswith(("oauth/", "token/")) or endpoint == "user_account/get":
        return Step.TOKEN_AND_SCOPES
    if endpoint == "media/source":
        return Step.MEDIA_AND_TEXT
    if endpoint.startswith("media/"):
        return Step.VIDEO_PROCESSING
    if endpoint.startswith(("boards/", "board_sections/")) and not endpoint.endswith("list_pins"):
        return Step.BOARD
    return Step.PUBLISH


def _leaves_doubt(chosen: Rule, native: Native, left: bool | None) -> bool:
    """The one decision whether a create may have been made all the same; nothing else in the product asks this.

    Without a reply it is what `left` says, else what the rule knows of the exception. With one, only a refusal in
    Pinterest's own JSON proves that nothing was made, and a 400 only when its text names the fault: Pinterest also
    answers 400 to creates that it could not finish ("Something went wrong on our end").
    """
    if native.endpoint not in CREATES and native.endpoint != "":
        return False
    if native.status is None:
        return left if left is not None else chosen.leaves_doubt or chosen.level == "nothing"
    refused = native.status in REFUSES or (native.status == 400 and chosen.match.has_text)
    return chosen.leaves_doubt or not refused or not _pinterests_own(chosen, native)


def _pinterests_own(chosen: Rule, native: Native) -> bool:
    """Whether Pinterest itself said this. A pasted sentence that a rule knows stands for the JSON it was taken from."""
    if native.pasted and chosen.match.has_text and bodies.form(native.excerpt) == "text":
        return True
    return native.is_object


_SCOPE = re.compile(
    r"\b(?:boards|pins|user_accounts|ads|catalogs|billing|biz_access|msot):(?:read|write)(?:_secret)?\b"
)
_FEATURE = re.compile(r"restricted feature[s]?\W{1,4}(?:named?\W+)?([a-z][a-z0-9_-]{2,60})", re.I)


def _names(chosen: Rule, native: Native) -> tuple[str, ...]:
    text = f"{native.message}\n{native.detail}"
    pattern = {"scopes": _SCOPE, "feature": _FEATURE}.get(chosen.names)
    return tuple(dict.fromkeys(pattern.findall(text))) if pattern is not None else ()


def _fill(words: str, names: tuple[str, ...], native: Native) -> str:
    return words.replace("{names}", ", ".join(names) or "not named").replace(
        "{message}", native.message.strip()
    )


def _alias_pasted(native: Native) -> Rule | None:
    """A name pasted alone, without a status, leads to its rule."""
    if (
        native.status is not None
        or native.code is not None
        or native.exception is not None
        or len(native.body) > 60
    ):
        return None
    target = _aliases().get(_plain(native.body)) if native.body.strip() else None
    return rule(target) if target is not None else None


def _plain(name: str) -> str:
    return fold(name).replace("_", " ").strip(" .!:")


@cache
def _by_id() -> dict[str, Rule]:
    return {known.id: known for known in load_rules()}


@cache
def _aliases() -> dict[str, str]:
    return {_plain(name): target for name, target in load_aliases().items()}
