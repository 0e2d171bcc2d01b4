"""The judge of the proof `kill`: the simulator's journal and its live Pins against the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from steadypin.domain.attempts import OutcomeKind
from steadypin.domain.words import Remedy, Stage
from steadypin.storage.engines import Engines
from steadypin.storage.schema import attempts, outcomes, pins, twins
from tests.proofs.kill_home import DOUBTFUL

RESTING = (Stage.PUBLISHED.value, Stage.HELD.value, Stage.CANCELLED.value)
REPLIED = (OutcomeKind.MADE, OutcomeKind.NOT_MADE, OutcomeKind.DOUBT)
SETTLED = (OutcomeKind.MADE, OutcomeKind.NOT_MADE, OutcomeKind.ADOPTED, OutcomeKind.ABSENT)
LATE, LATE_201 = "late writes kept as evidence", "of them late 201"
_MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Judgement:
    """Figures to print, and every sentence about what did not hold."""

    figures: dict[str, object]
    wrong: list[str]


def unfinished(engines: Engines) -> int:
    """How many Pins still have something ahead of them."""
    with engines.reader.connect() as conn:
        query = sa.select(sa.func.count()).select_from(pins).where(pins.c.stage.not_in(RESTING))
        return int(conn.execute(query).scalar_one())


def judge(
    engines: Engines, live: list[dict[str, Any]], journal: list[dict[str, Any]], expected: int
) -> Judgement:
    """Compare what Steadypin believes with what is really there."""
    with engines.reader.connect() as conn:
        rows = conn.execute(sa.select(pins)).all()
        tried = conn.execute(sa.select(attempts).order_by(attempts.c.at, attempts.c.id)).all()
        learned = conn.execute(sa.select(outcomes).order_by(outcomes.c.n)).all()
        known_twins = set(conn.execute(sa.select(twins.c.pinterest_pin_id)).scalars())
    creates = [entry for entry in journal if entry["operation"] == "pins/create"]
    late = [each for each in learned if each.kind == OutcomeKind.LATE.value]
    late_ids = {each.pinterest_pin_id for each in late} - {None}
    kinds = Counter(each.kind for each in learned)
    replied = {each.attempt_id for each in learned if each.kind in REPLIED}
    figures: dict[str, object] = {
        "Pins": len(rows),
        "live Pins": len(live),
        "creates at Pinterest": len(creates),
        "doubtful replies": sum(entry["fault"] in DOUBTFUL for entry in creates),
        "creates without any reply on record": sum(each.id not in replied for each in tried),
        "adopted from the board": kinds["adopted"] - _adopted_late(learned),
        "adopted from a late reply": _adopted_late(learned),
        "absent, so sent again": kinds["absent"],
        "held": sum(row.stage == Stage.HELD.value for row in rows),
        LATE: len(late),
        LATE_201: len(late_ids),
    }  # fmt: skip
    ours = {row.pinterest_pin_id for row in rows} - {None}
    wrong = [
        *([f"{expected - len(rows)} rows are missing"] if len(rows) != expected else []),
        *_of_rows(rows, live),
        *_of_live(rows, live),
        *_of_attempts(tried, learned),
        *(f"the late 201 about {each} is known to no row" for each in sorted(late_ids - ours - known_twins)),
    ]
    return Judgement(figures, wrong)


def shown(judgement: Judgement) -> str:
    """For printing."""
    lines = [f"  {name:42} {value}" for name, value in judgement.figures.items()]
    lines += [f"  WRONG: {sentence}" for sentence in judgement.wrong[:_MOST_SHOWN]]
    if len(judgement.wrong) > _MOST_SHOWN:
        lines.append(f"  … and {len(judgement.wrong) - _MOST_SHOWN} more")
    return "\n".join(lines)


def _adopted_late(learned: Iterable[Any]) -> int:
    return sum(each.kind == OutcomeKind.ADOPTED.value and each.evidence == "late reply" for each in learned)


def _of_rows(rows: Iterable[Any], live: list[dict[str, Any]]) -> Iterable[str]:
    """Lost: a row that says it is live and is not, that still moves, or that is held without being in doubt."""
    there: dict[str, set[str]] = {}
    for item in live:
        there.setdefault(item["link"], set()).add(item["id"])
    for row in rows:
        found = there.get(row.link, set())
        if row.stage == Stage.PUBLISHED.value:
            if row.pinterest_pin_id not in found:
                yield f"lost: {row.id} is published as {row.pinterest_pin_id}, live are {found or 'none'}"
        elif row.stage == Stage.HELD.value:
            if row.open_attempt_id is None or (row.trouble or {}).get("remedy") != Remedy.CONFIRM.value:
                yield f"lost: {row.id} is held for {row.trouble}"
        else:
            yield f"lost: {row.id} is left in {row.stage}"


def _of_live(rows: Iterable[Any], live: list[dict[str, Any]]) -> Iterable[str]:
    """Doubled: two live Pins of one row; and a live Pin that no row explains."""
    counted = Counter(item["link"] for item in live)
    for link, count in counted.items():
        if count > 1:
            yield f"doubled: {link} is live {count} times"
    explained = {row.pinterest_pin_id for row in rows}
    waiting = {row.link for row in rows if row.open_attempt_id is not None}
    for item in live:
        if item["id"] not in explained and item["link"] not in waiting and counted[item["link"]] == 1:
            yield f"unknown: {item['id']} ({item['link']}) is live, and no row knows it"


def _of_attempts(tried: Iterable[Any], learned: Iterable[Any]) -> Iterable[str]:
    """A create may leave only when every earlier Attempt of its Pin was settled."""
    settled = {each.attempt_id: each.at for each in reversed(list(learned)) if each.kind in SETTLED}
    former: dict[str, Any] = {}
    for attempt in tried:
        earlier = former.get(attempt.pin_id)
        if earlier is not None and (earlier.id not in settled or settled[earlier.id] > attempt.at):
            yield f"sent in doubt: {attempt.id} left before {earlier.id} was settled"
        former[attempt.pin_id] = attempt
