"""Is the data sound? Every problem is a sentence that starts with the id of the rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from steadypin.domain.native import Native, native_from_exception, read_native
from steadypin.domain.rules.matching import admits, best, fits, told
from steadypin.domain.rules.model import MARKS, BadRules, Example, Rule, load_aliases, load_rules
from steadypin.domain.rules.policy import load_policy
from steadypin.domain.words import Remedy

ROWS = frozenset([*(str(row) for row in range(1, 85)), "82a", "2.6"])
"""The project's catalogue of Pinterest's errors: 84 rows, 82a, and the section on OAuth errors."""


def check_rules(rules: Iterable[Rule] | None = None) -> list[str]:
    """Every fault of the rules (those shipped, unless others are given); an empty list when there is none."""
    try:
        known = tuple(rules) if rules is not None else load_rules()
    except BadRules as problem:
        return [str(problem)]
    return [
        *_identities(known),
        *_words(known),
        *_examples(known),
        *(_shipped(known) if rules is None else ()),
    ]


def native_of(example: Example) -> Native:
    """The reply that an example describes."""
    if example.exception is not None:
        return native_from_exception(example.endpoint, example.exception, example.body)
    return read_native(example.endpoint, example.status, example.body, {})


def _identities(rules: tuple[Rule, ...]) -> Iterator[str]:
    for name, count in Counter(rule.id for rule in rules).items():
        if count > 1:
            yield f"{name}: {count} rules have this id"
    for title, count in Counter(rule.title for rule in rules).items():
        if count > 1:
            first = next(rule for rule in rules if rule.title == title)
            yield f"{first.id}: {count} rules have its title"


def _words(rules: tuple[Rule, ...]) -> Iterator[str]:
    waits = load_policy().waits
    for rule in rules:
        if rule.id != rule.id.lower() or " " in rule.id or "_" in rule.id:
            yield f"{rule.id}: an id is written in small letters with dashes"
        for row in rule.rows:
            if row not in ROWS:
                yield f"{rule.id}: unknown row {row}"
        for mark in rule.evidence:
            if mark not in MARKS:
                yield f"{rule.id}: unknown evidence mark {mark}"
        if not rule.evidence:
            yield f"{rule.id}: no evidence"
        if rule.wait and rule.wait not in waits:
            yield f"{rule.id}: unknown wait {rule.wait}"
        if (rule.remedy is Remedy.RETRY_LATER) != bool(rule.wait):
            yield f"{rule.id}: a wait belongs to retry_later, and only to it"
        yield from _dangers(rule)


def _dangers(rule: Rule) -> Iterator[str]:
    match = rule.match
    if rule.remedy is Remedy.RECONNECT and rule.level not in ("hint", "code"):
        for status in (500, 503, 429, 408):
            if admits(match, status):
                yield f"{rule.id}: status {status} must never end a connection"
    if rule.remedy is Remedy.CONFIRM and not rule.leaves_doubt:
        yield f"{rule.id}: confirm without doubt"
    if rule.level in ("hint", "phrase") and not match.has_text:
        yield f"{rule.id}: level {rule.level} without words"
    if rule.level in ("status", "code", "nothing") and match.has_text:
        yield f"{rule.id}: level {rule.level} with words"


def _examples(rules: tuple[Rule, ...]) -> Iterator[str]:
    for rule in rules:
        for number, example in enumerate(rule.examples, 1):
            native = native_of(example)
            winner, top = best(rules, native, example.environment)
            if winner is not rule:
                yield f"{rule.id}: example {number} leads to {winner.id}"
                if number == len(rule.examples) == 1:
                    yield f"{rule.id}: unreachable by its own examples"
            text = told(native)
            for other in rules:
                if other is not winner and fits(other, native, example.environment, text) == top:
                    yield f"{rule.id}: example {number} fits {winner.id} and {other.id} equally well"


def _shipped(rules: tuple[Rule, ...]) -> Iterator[str]:
    covered = {row for rule in rules for row in rule.rows}
    for row in sorted(ROWS - covered):
        yield f"rows: nothing stands for row {row}"
    ids = {rule.id for rule in rules}
    for name, target in load_aliases().items():
        if target not in ids:
            yield f"{target}: the alias {name} leads to no rule"
