"""What an import would do with rows, said without doing it."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from steadypin.domain.connections import Connection
from steadypin.services import compose, foreseeing
from steadypin.services.foreseeing import Foreseen
from steadypin.services.imports import ImportRow, Outcome
from steadypin.storage import media
from tests.services.test_imports import row, take
from tests.support.rig import Rig

NOT_KEPT = hashlib.sha256(b"a file that nobody uploaded").hexdigest()


@pytest.fixture
def account(home: Rig) -> Connection:
    return home.connect()


def foresee(home: Rig, *rows: ImportRow, **options: Any) -> list[Foreseen]:
    return foreseeing.foresee(home.ctx, rows, **options)


def checks(found: Foreseen) -> list[tuple[str, str]]:
    return [(each.check, each.level.value) for each in found.findings if each.level.value != "pending"]


def test_nothing_is_stored_and_every_row_has_its_outcome(home: Rig, account: Connection) -> None:
    take(home, row(home, 2))
    found = foresee(home, row(home, 2), row(home, 3), row(home, 3), row(home, 4, board="Nowhere"))
    assert [each.outcome for each in found] == [
        Outcome.UNCHANGED,
        Outcome.CREATED,
        Outcome.UNCHANGED,
        Outcome.REFUSED,
    ]
    assert found[2].same_as_line == 3
    assert found[3].errors[0].field == "board"
    assert len(compose.page(home.ctx, compose.PinFilter(), 10)) == 1


def test_rows_are_compared_with_each_other_and_named_by_their_lines(home: Rig, account: Connection) -> None:
    same: dict[str, Any] = {"title": "Soup", "link": "https://shop.example/soup"}
    found = foresee(
        home,
        row(home, 2, **same, due_at="2030-03-01T09:00:00Z"),
        row(home, 3, **same, due_at="2030-03-02T09:00:00Z"),
        row(home, 4, title="Salad", due_at="2030-03-02T09:00:00Z"),
    )
    assert [checks(each) for each in found] == [[("identical", "blocker")], [("identical", "blocker")], []]
    (identical,) = (each for each in found[1].findings if each.check == "identical")
    assert identical.title == "Line 2 is the same Pin at another time."
    assert identical.evidence == {"pins": [], "lines": [2]}


def test_a_file_that_was_not_uploaded_is_pending_and_still_compared(home: Rig, account: Connection) -> None:
    cells: dict[str, Any] = {"board": "Garden ideas", "title": "Soup", "digest": NOT_KEPT}
    found = foresee(
        home,
        ImportRow(2, **cells, due_at="2030-03-01T09:00:00Z"),
        ImportRow(3, **cells, due_at="2030-03-01T09:00:00Z"),
        ImportRow(4, **cells, due_at="2030-03-02T09:00:00Z"),
    )
    assert [each.outcome for each in found] == [Outcome.CREATED, Outcome.UNCHANGED, Outcome.CREATED]
    assert {each.check for each in found[0].findings} == {"identical", "media"}


def test_a_row_whose_file_was_uploaded_before_is_recognised_by_its_digest(
    home: Rig, account: Connection
) -> None:
    (first,) = take(home, row(home, 2))
    media_id = compose.get(home.ctx, first.pin_id or "").content.media.media_id or ""
    with home.store.read() as tx:
        digest = media.get_many(tx, [media_id])[media_id].digest
    (found,) = foresee(home, row(home, 2, digest=digest))
    assert (found.outcome, found.pin_id) == (Outcome.UNCHANGED, first.pin_id)


def test_a_changed_row_is_told_beside_the_pin_that_it_made_before(home: Rig, account: Connection) -> None:
    (first,) = take(home, row(home, 2, title="Suop"))
    corrected = row(home, 2, title="Soup")
    (found,) = foresee(home, corrected)
    assert checks(found) == [("changed_row", "warning")]
    assert any(f"steadypin pins cancel {first.pin_id}" in each.fix for each in found.findings)
    (second,) = take(home, corrected)
    assert (second.outcome, second.twins) == (Outcome.CREATED, (first.pin_id,))
    compose.cancel(home.ctx, first.pin_id or "")
    (third,) = take(home, row(home, 2, title="Soup!"))
    assert third.twins == (second.pin_id,)


def test_the_summary_counts_rows_by_check(home: Rig, account: Connection) -> None:
    rows = [row(home, n, title=f"Soup {n}", due_at="2020-01-01T00:00:00Z") for n in range(2, 7)]
    counts = foreseeing.summary(foresee(home, *rows))
    (past,) = (each for each in counts if each.check == "past")
    assert past.rows == 5
