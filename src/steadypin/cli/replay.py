"""errors replay: what today's rules say about the replies that were stored."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from steadypin.cli.setup import current
from steadypin.cli.shell import Shell
from steadypin.cli.shown import moment

if TYPE_CHECKING:
    from steadypin.services.replaying import Replayed

WORD = "replay"
"""`steadypin errors replay`; no rule may have this id."""


def tell(shell: Shell) -> None:
    """Classify every stored reply again and show those that are told differently now."""
    from steadypin.services import replaying

    read, changed = 0, []
    with replaying.reading(current().database_url) as store:
        for each in replaying.replay(store):
            read += 1
            if each.changed:
                changed.append(each)
    if shell.json:
        shell.document({"read": read, "changed": len(changed), "items": [_item(each) for each in changed]})
        return
    if changed:
        shell.table(("Pin", "When", "Answer", "Told then", "Told now", "What happened"), map(_row, changed))
    shell.say(
        f"Stored replies read: {read}. Told differently by today's rules: {len(changed)}. Nothing was changed."
    )


def _item(each: Replayed) -> dict[str, Any]:
    return {
        "pin_id": each.pin_id,
        "attempt_id": each.attempt_id,
        "at": each.at.isoformat(),
        "kind": each.kind.value,
        "was": asdict(each.was),
        "now": {**asdict(each.now), "step": int(each.failure.step), "title": each.failure.title},
        "native": each.failure.native.to_json(),
    }


def _row(each: Replayed) -> tuple[object, ...]:
    native = each.failure.native
    return (
        each.pin_id,
        moment(each.at.isoformat()),
        native.status or native.exception,
        f"{each.was.rule} ({each.was.remedy})",
        f"{each.now.rule} ({each.now.remedy})",
        each.failure.title,
    )
