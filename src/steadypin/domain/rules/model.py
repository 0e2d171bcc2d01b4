"""The rules as values: failures.toml and aliases.toml read once, strictly, into `Rule`s."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from steadypin.domain.words import Cause, Remedy, Step

LEVELS = ("nothing", "status", "code", "hint", "phrase")
"""How much a rule's match says, least first: a specific sentence beats a telling word, a code, a bare status."""

BY_ENDPOINT = "by_endpoint"
STEP_WORDS: Mapping[str, Step | None] = {**{step.name.lower(): step for step in Step}, BY_ENDPOINT: None}

MARKS = frozenset({"S", "S-old", "S-5.28", "D", "H", "Q", "R", "I"})
"""Evidence: official spec, an older one, the 5.28 delta, docs page, help page, official code, report, inference."""


@dataclass(frozen=True, slots=True)
class Match:
    """When a rule fits. Empty lists ask for nothing; see matching.py for how they are read."""

    endpoints: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    not_statuses: tuple[str, ...] = ()
    codes: tuple[int, ...] = ()
    fragments: tuple[str, ...] = ()
    all_fragments: tuple[str, ...] = ()
    not_fragments: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    environment: str = ""

    @property
    def has_text(self) -> bool:
        """Whether words of the reply take part in the decision."""
        return bool(self.fragments or self.all_fragments or self.exceptions)


@dataclass(frozen=True, slots=True)
class Example:
    """A reply that this rule decides: the arguments of `read_native`, or an exception's name and message."""

    endpoint: str = ""
    status: int | None = None
    body: str = ""
    exception: str | None = None
    environment: str = "production"


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of failure. `id` never changes, so links, stored attempts and webhooks may carry it.

    `step` None means: the step of the endpoint that was called. `rows` are the catalogue rows it stands for.
    `leaves_doubt`: the reply does not prove that nothing was made. `refresh_first`: refresh the token once and
    resend once before a person is asked. `wait` names a list of waits in policy.toml.
    """

    id: str
    since: str
    rows: tuple[str, ...]
    level: str
    match: Match
    cause: Cause
    remedy: Remedy
    step: Step | None
    title: str
    meaning: str
    fix: str
    by_itself: str
    evidence: tuple[str, ...]
    examples: tuple[Example, ...]
    leaves_doubt: bool = False
    refresh_first: bool = False
    wait: str = ""
    names: str = ""
    order: int = field(default=0, compare=False)


class BadRules(ValueError):
    """The data is unsound; the text starts with the id of the rule."""


@cache
def load_rules() -> tuple[Rule, ...]:
    """Every rule, in the order of the file. Raises `BadRules` on a missing field or an unknown word."""
    data = tomllib.loads(files("steadypin.domain.rules").joinpath("failures.toml").read_text("utf-8"))
    return read_rules(data)


@cache
def load_aliases() -> Mapping[str, str]:
    """The names under which common references list a failure, each with the id of its rule."""
    data = tomllib.loads(files("steadypin.domain.rules").joinpath("aliases.toml").read_text("utf-8"))
    return {str(name): str(rule) for table in data.values() for name, rule in table.items()}


def read_rules(data: Mapping[str, object]) -> tuple[Rule, ...]:
    """Rules from parsed TOML: a list `rule` of tables."""
    tables = data.get("rule")
    if not isinstance(tables, list):
        raise BadRules("rules: no list of tables named rule")
    return tuple(_rule(table, order) for order, table in enumerate(tables))


def _rule(table: Mapping[str, object], order: int) -> Rule:
    name = str(table.get("id", f"rule number {order + 1}"))
    try:
        rule = Rule(
            id=_word(table, "id"),
            since=_word(table, "since"),
            rows=_words(table, "rows"),
            level=_one_of(table, "level", LEVELS),
            match=_match(table.get("match")),
            cause=Cause(_word(table, "cause")),
            remedy=Remedy(_word(table, "remedy")),
            step=STEP_WORDS[_one_of(table, "step", tuple(STEP_WORDS))],
            title=_word(table, "title"),
            meaning=_word(table, "meaning"),
            fix=_word(table, "fix"),
            by_itself=_word(table, "by_itself"),
            evidence=_words(table, "evidence"),
            examples=tuple(_example(item) for item in _tables(table, "example")),
            leaves_doubt=_flag(table, "leaves_doubt"),
            refresh_first=_flag(table, "refresh_first"),
            wait=str(table.get("wait", "")),
            names=str(table.get("names", "")),
            order=order,
        )
    except (KeyError, ValueError, TypeError) as problem:
        raise BadRules(f"{name}: {problem}") from problem
    unknown = set(table) - ({*Rule.__slots__, "example"} - {"order", "examples"})
    if unknown:
        raise BadRules(f"{name}: unknown field {', '.join(sorted(unknown))}")
    return rule


_MATCH_FIELDS = {
    "endpoints": "endpoints", "statuses": "statuses", "not_statuses": "not_statuses", "codes": "codes",
    "any": "fragments", "all": "all_fragments", "not": "not_fragments", "exceptions": "exceptions",
    "forms": "forms", "environment": "environment",
}  # fmt: skip


def _match(value: object) -> Match:
    if not isinstance(value, dict):
        raise ValueError("match is missing")
    if unknown := set(value) - set(_MATCH_FIELDS):
        raise ValueError(f"unknown word in match: {', '.join(sorted(unknown))}")
    given = {_MATCH_FIELDS[key]: item for key, item in value.items()}
    codes = tuple(int(code) for code in given.pop("codes", ()))
    environment = str(given.pop("environment", ""))
    return Match(
        codes=codes,
        environment=environment,
        **{key: tuple(str(item) for item in items) for key, items in given.items()},
    )


def _example(table: Mapping[str, object]) -> Example:
    if unknown := set(table) - set(Example.__slots__):
        raise ValueError(f"unknown word in example: {', '.join(sorted(unknown))}")
    status, exception = table.get("status"), table.get("exception")
    return Example(
        endpoint=str(table.get("endpoint", "")),
        status=status if isinstance(status, int) else None,
        body=str(table.get("body", "")),
        exception=str(exception) if exception is not None else None,
        environment=str(table.get("environment", "production")),
    )


def _word(table: Mapping[str, object], key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{key} is missing")
    return value.strip()


def _words(table: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = table.get(key)
    if not isinstance(value, list):
        raise ValueError(f"{key} is missing")
    return tuple(str(item) for item in value)


def _one_of(table: Mapping[str, object], key: str, known: tuple[str, ...]) -> str:
    value = _word(table, key)
    if value not in known:
        raise ValueError(f"{key} {value} is none of {', '.join(known)}")
    return value


def _flag(table: Mapping[str, object], key: str) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise ValueError(f"{key} must be true or false")
    return value


def _tables(table: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    value = table.get(key)
    if not isinstance(value, list) or not value:
        raise ValueError(f"{key} is missing")
    return value
