"""preflight: what would stop a Pin, or the rows of a file, before anybody sends them; and pins at-risk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from steadypin.cli import finding
from steadypin.cli.failures import ATTENTION
from steadypin.cli.importing import no_file, read, row_json
from steadypin.cli.setup import api, current
from steadypin.cli.shell import Shell, command
from steadypin.cli.shown import moment, styled
from steadypin.domain.csv_rows import CsvRow, Source
from steadypin.domain.findings import refusals
from steadypin.domain.texts import FieldError

if TYPE_CHECKING:
    from steadypin.cli.client import Client

_ROWS_TOGETHER = 10_000
_LISTED = 200
_PINS_NAMED = 5


def register(app: typer.Typer) -> None:
    """Add these commands."""
    pins = next(group.typer_instance for group in app.registered_groups if group.name == "pins")
    assert pins is not None

    @command(app, "preflight")
    def preflight(
        shell: Shell,
        file_or_pin: Annotated[
            str,
            typer.Argument(
                metavar="FILE|PIN", help="A CSV file as for import, or the id of a Pin.", show_default=False
            ),
        ],
    ) -> int | None:
        """Say what would stop a Pin at its time, or what an import of a file would do and what would stop its Pins. Nothing
        is stored or sent."""
        file = Path(file_or_pin)
        with api() as client:
            if file.suffix or file.exists():
                return _file(shell, client, file)
            found = client.get(f"/pins/{finding.pin_id(file_or_pin)}/preflight")
        if shell.json:
            shell.document(found)
        else:
            _tell_pin(shell, found)
        return None if found["passes"] else ATTENTION

    @command(pins, "at-risk")
    def at_risk(shell: Shell) -> int | None:
        """Say which Pins will not go out at their time, and why: by account and reason, then one by one."""
        with api() as client:
            found = client.get("/pins/at-risk")
            names = {each["id"]: each["username"] for each in client.get("/connections")["items"]}
        if shell.json:
            shell.document(found)
        elif not found["items"]:
            shell.say("No Pin is at risk, as far as is known.")
        else:
            for each in found["forecast"]:
                shell.say(foretold(each, names.get(each["connection_id"], each["connection_id"])))
            shell.table(("Pin", "Due", "Title", "Why"), map(_risky, found["items"][:_LISTED]))
            _and_more(shell, len(found["items"]))
        return ATTENTION if found["items"] else None


def foretold(forecast: Mapping[str, Any], account: str) -> str:
    """One line of a forecast: how many Pins, whose, from when on, because of what, and what to do."""
    count = forecast["pins"]
    pins, whose = ("1 Pin", "") if count == 1 else (f"{count} Pins", "from ")
    because = str(forecast["title"]).rstrip(".")
    return f"{pins} of {account} will not go out {whose}{_on(moment(forecast['first_at']), count)}, because: {because}. {forecast['fix']}"


def _on(when: str, count: int) -> str:
    return f"at {when}" if count == 1 else f"{when} on"


def _risky(pin: Mapping[str, Any]) -> Sequence[object]:
    why = next((each["title"] for each in pin["findings"] if each["level"] == "blocker"), "")
    return pin["id"], moment(pin["due_at"]), pin["title"], why


def _tell_pin(shell: Shell, found: Mapping[str, Any]) -> None:
    if found["findings"]:
        rows = (
            (each["step"], styled(each["level"]), each["title"], each["fix"]) for each in found["findings"]
        )
        shell.table(("Step", "", "What was found", "What to do"), rows)
    shell.say("Nothing would stop it." if found["passes"] else "It will not go out like this.")


def _file(shell: Shell, client: Client, file: Path) -> int | None:
    rows = read(file)
    looks, found = _Looks(file.parent), _nothing()
    with shell.progress() as progress:
        bar = progress.add_task("Looking", total=len(rows))
        for n in range(0, len(rows), _ROWS_TOGETHER):
            together = []
            for row in rows[n : n + _ROWS_TOGETHER]:
                together.append(looks.row(row))
                progress.advance(bar)
            _add(found, client.post("/imports/preflight", {"rows": together}))
    if shell.json:
        shell.document({"file": str(file), **found})
    else:
        _tell_file(shell, found)
    if len(rows) > _ROWS_TOGETHER:
        shell.note(f"Rows were compared with each other {_ROWS_TOGETHER} at a time.")
    return None if found["passes"] else ATTENTION


@dataclass(slots=True)
class _Looks:
    """Every file is looked at once where it is, however many rows show it; nothing is uploaded."""

    folder: Path
    _seen: dict[str, str | tuple[FieldError, ...]] = field(default_factory=dict)

    def row(self, row: CsvRow) -> dict[str, Any]:
        """The row as the API takes it, with the digest of its file, or with what is wrong with it."""
        if row.images:
            return self._carousel(row)
        if row.path is None:
            return row_json(row)
        seen = self._once(row.path)
        if isinstance(seen, str):
            return {**row_json(replace(row, path=None)), "digest": seen}
        return row_json(replace(row, path=None, errors=(*row.errors, *seen)))

    def _carousel(self, row: CsvRow) -> dict[str, Any]:
        images, errors = [], list(row.errors)
        for image in row.images:
            seen = self._once(image.path) if image.path is not None else ()
            if isinstance(seen, str):
                images.append(Source(url=f"sha256:{seen}"))
            else:
                errors += seen
                images += [image] if image.path is None else []
        return row_json(replace(row, images=tuple(images), errors=tuple(errors)))

    def _once(self, path: str) -> str | tuple[FieldError, ...]:
        if path not in self._seen:
            self._seen[path] = self._look(path)
        return self._seen[path]

    def _look(self, path: str) -> str | tuple[FieldError, ...]:
        from steadypin.bootstrap import look_at_media

        file = self.folder / Path(path).expanduser()
        if not file.exists():
            return (no_file(path),)
        try:
            look = look_at_media(current(), str(file))
            if refused := refusals("media", look.findings):
                return tuple(refused)
            with file.open("rb") as source:
                return hashlib.file_digest(source, "sha256").hexdigest()
        except OSError as error:
            sentence = f"{file} cannot be read: {error.strerror}. Correct the path, or let this user read it."
            return (FieldError("media", sentence),)


def _nothing() -> dict[str, Any]:
    return {"passes": True, "created": 0, "unchanged": 0, "refused": 0, "summary": [], "rows": []}


def _add(found: dict[str, Any], more: Mapping[str, Any]) -> None:
    found["passes"] = found["passes"] and more["passes"]
    for name in ("created", "unchanged", "refused"):
        found[name] += more[name]
    counted = {(each["check"], each["level"]): each for each in found["summary"]}
    for each in more["summary"]:
        known = counted.get((each["check"], each["level"]))
        if known is not None:
            known["rows"] += each["rows"]
        else:
            found["summary"].append(each)
    found["rows"] += more["rows"]


def _tell_file(shell: Shell, found: Mapping[str, Any]) -> None:
    words = (("created", "would be created"), ("unchanged", "unchanged"), ("refused", "would be refused"))
    shell.say(", ".join(f"{found[name]} {said}" for name, said in words) + ". Nothing was stored.")
    if found["summary"]:
        rows = (
            (each["check"], styled(each["level"]), each["rows"], each["title"]) for each in found["summary"]
        )
        shell.table(("Check", "", "Rows", "What was found, for example"), rows)
    lines = list(_lines(found["rows"]))
    if lines:
        shell.table(("Line", "", "What was found", "What to do"), lines[:_LISTED])
        _and_more(shell, len(lines))


def _lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[Sequence[object]]:
    """What deserves a word, row by row; what is only pending is in the summary."""
    for row in rows:
        for error in row["errors"]:
            yield row["line"], styled("refused"), f"{error['field']}: {error['reason']}", error["fix"]
        if row["same_as_line"] is not None:
            yield (
                row["line"],
                styled("unchanged"),
                f"The same as line {row['same_as_line']}.",
                "One Pin is made of both.",
            )
        for each in row["findings"]:
            if each["level"] in {"blocker", "warning"}:
                yield row["line"], styled(each["level"]), each["title"], each["fix"]


def _and_more(shell: Shell, count: int) -> None:
    if count > _LISTED:
        shell.note(f"… and {count - _LISTED} more; --json lists them all.")
