"""What an import would do with rows, and what would stop their Pins: nothing is stored.

rows -> plans as an import makes them -> Preflight of all that would become Pins, together -> Foreseen for each
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from steadypin.domain.findings import Finding, Level, in_order
from steadypin.domain.preflight.repeats import IDENTICAL
from steadypin.domain.words import Cause, Remedy
from steadypin.services import imports, preflighting
from steadypin.services.context import Context
from steadypin.services.imports import ImportRow, Outcome, Plan, RowError
from steadypin.services.preflighting import Planned
from steadypin.storage import imports as stored
from steadypin.storage.database import Tx

MOST_ROWS = 10_000
"""In one call: rows are compared with each other, so they come together."""
CHANGED_ROW = "changed_row"
_LINE = "line "


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would become of one row. `same_as_line`: an earlier row of the same call that is the same; `pin_id`: the Pin
    that it made in a former import."""

    line: int
    outcome: Outcome
    pin_id: str | None = None
    same_as_line: int | None = None
    errors: tuple[RowError, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows one check found something in, and what it is in the first of them."""

    check: str
    level: Level
    rows: int
    title: str


def foresee(
    ctx: Context, rows: Sequence[ImportRow], *, now: bool = False, allowed: frozenset[str] | None = None
) -> list[Foreseen]:
    """Each row in its order; of rows that would become Pins the Findings, the rows compared with each other too."""
    with ctx.store.read() as tx:
        plans = imports.plan(ctx, tx, rows, now=now, allowed=allowed)
        owners = {plan.pin.connection_id for plan in plans if plan.pin is not None}
        known = stored.known(tx, owners, [plan.key for plan in plans if plan.pin is not None])
        first: dict[str, int] = {}
        found = [_outcome(plan, known, first) for plan in plans]
        places = [place for place, each in enumerate(found) if each.outcome is Outcome.CREATED]
        seen = _findings(ctx, tx, [plans[place] for place in places])
        for place, findings in zip(places, seen, strict=True):
            found[place] = replace(found[place], findings=findings)
    return found


def summary(foreseen: Iterable[Foreseen]) -> list[Count]:
    """The Findings by check and level, the gravest and most frequent first."""
    rows: Counter[tuple[str, Level]] = Counter()
    titles: dict[tuple[str, Level], str] = {}
    for each in foreseen:
        seen = {(finding.check, finding.level): finding.title for finding in reversed(each.findings)}
        rows.update(seen.keys())
        for key, title in seen.items():
            titles.setdefault(key, title)
    gravest = (Level.BLOCKER, Level.WARNING, Level.PENDING, Level.OK)
    counts = [Count(check, level, count, titles[check, level]) for (check, level), count in rows.items()]
    return sorted(counts, key=lambda each: (gravest.index(each.level), -each.rows, each.check))


def _outcome(plan: Plan, known: Mapping[str, str], first: dict[str, int]) -> Foreseen:
    if plan.pin is None:
        return Foreseen(plan.line, Outcome.REFUSED, errors=tuple(plan.errors))
    if plan.key in known:
        return Foreseen(plan.line, Outcome.UNCHANGED, pin_id=known[plan.key])
    if plan.key in first:
        return Foreseen(plan.line, Outcome.UNCHANGED, same_as_line=first[plan.key])
    first[plan.key] = plan.line
    return Foreseen(plan.line, Outcome.CREATED)


def _findings(ctx: Context, tx: Tx, plans: Sequence[Plan]) -> list[tuple[Finding, ...]]:
    new = [(plan.line, plan.pin) for plan in plans if plan.pin is not None]
    asked = [Planned(f"{_LINE}{line}", pin.connection_id, pin.content, pin.due_at) for line, pin in new]
    changed = imports.changed_from(tx, [pin for _, pin in new])
    return [
        in_order([*map(_with_lines, found), *_changed_row(changed.get(pin.id, ()))])
        for (_, pin), found in zip(new, preflighting.of_many(ctx, tx, asked), strict=True)
    ]


def _with_lines(finding: Finding) -> Finding:
    """What a check says about another row is said by its line."""
    named = finding.evidence.get("pins")
    if not isinstance(named, list):
        return finding
    lines = [int(each.removeprefix(_LINE)) for each in named if each.startswith(_LINE)]
    if not lines:
        return finding
    others = [each for each in named if not each.startswith(_LINE)]
    title = finding.title
    if finding.check == IDENTICAL and not others:
        title = f"Line {lines[0]} is the same Pin at another time."
    return replace(finding, title=title, evidence={**finding.evidence, "pins": others, "lines": lines})


def _changed_row(twins: Sequence[str]) -> Iterable[Finding]:
    if twins:
        yield changed_row(twins)


def changed_row(twins: Sequence[str]) -> Finding:
    """What is said of a row beside whose Pin others stand that it seems to have made before it was changed."""
    return Finding(
        CHANGED_ROW,
        Level.WARNING,
        f"At its time the same image or link goes to the same board already: {twins[0]}. A changed row makes a second Pin.",
        f"If this row replaces it, cancel the former: `steadypin pins cancel {twins[0]}`.",
        Cause.DUPLICATE,
        Remedy.FIX_INPUT,
        {"pins": list(twins[:10])},
    )
