"""import: a CSV file, row by row."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from steadypin.cli.failures import ATTENTION
from steadypin.cli.pin_media import source_json, upload
from steadypin.cli.setup import api
from steadypin.cli.shell import Shell, command
from steadypin.domain.csv_rows import CsvRow, Source, parse
from steadypin.domain.errors import InputRefused
from steadypin.domain.texts import FieldError

if TYPE_CHECKING:
    from steadypin.cli.client import Client

_ROWS_AT_ONCE = 1000
_BYTES_AT_ONCE = 512 * 1024
_LISTED = 200


def register(app: typer.Typer) -> None:
    """Add this command."""

    @command(app, "import")
    def import_file(
        shell: Shell,
        file: Annotated[
            Path,
            typer.Argument(help="A CSV file; paths in it are relative to its folder.", show_default=False),
        ],
        now: Annotated[
            bool, typer.Option("--now", help="Publish at once, whatever the due times in the file say.")
        ] = False,
    ) -> int | None:
        """Import Pins from a CSV file: Steadypin's own columns, or Pinterest's bulk template. A row that was imported
        before is recognised, so a corrected file can be imported again."""
        with api() as client:
            rows, results = take(shell, client, file, now=now)
        return _tell(shell, file, rows, results)


def read(file: Path) -> list[CsvRow]:
    """The rows of a file. Raises InputRefused, OSError."""
    if file.suffix.lower() in {".jsonl", ".ndjson"}:
        sentence = "JSON Lines files are not supported yet. Save the rows as CSV; nothing was imported."
        raise InputRefused([FieldError("file", sentence)])
    return parse(file.read_bytes())


def take(shell: Shell, client: Client, file: Path, *, now: bool) -> tuple[list[CsvRow], list[dict[str, Any]]]:
    """Import a file through the API: its rows, and the result of each. Raises InputRefused, OSError."""
    rows = read(file)
    uploads = _Uploads(client, file.parent)
    results: list[dict[str, Any]] = []
    with shell.progress() as progress:
        bar = progress.add_task("Importing", total=len(rows))
        for some in _batches(row_json(uploads.resolve(row)) for row in rows):
            results += client.post("/imports", {"rows": some, "now": now})["rows"]
            progress.advance(bar, len(some))
    return rows, results


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Some rows at a time: few enough for one transaction, and small enough for one request."""
    batch: list[dict[str, Any]] = []
    size = 0
    for row in rows:
        length = len(json.dumps(row, ensure_ascii=False).encode())
        if batch and (len(batch) >= _ROWS_AT_ONCE or size + length > _BYTES_AT_ONCE):
            yield batch
            batch, size = [], 0
        batch.append(row)
        size += length
    if batch:
        yield batch


@dataclass(slots=True)
class _Uploads:
    """Every file is uploaded once, however many rows show it."""

    client: Client
    folder: Path
    _done: dict[str, str | tuple[FieldError, ...]] = field(default_factory=dict)

    def resolve(self, row: CsvRow) -> CsvRow:
        """The row with a media id in place of its path, or with what is wrong with the file."""
        if row.images:
            found = [self._of(image) for image in row.images]
            images = tuple(each for each in found if isinstance(each, Source))
            errors = [error for each in found if not isinstance(each, Source) for error in each]
            return replace(row, images=() if errors else images, errors=(*row.errors, *errors))
        if row.path is None:
            return row
        one = self._of(Source(row.path))
        if isinstance(one, Source):
            return replace(row, path=None, media_id=one.media_id)
        return replace(row, path=None, errors=(*row.errors, *one))

    def _of(self, image: Source) -> Source | tuple[FieldError, ...]:
        """The same without a path, or what is wrong with its file."""
        if image.path is None:
            return image
        if image.path not in self._done:
            self._done[image.path] = self._upload(image.path)
        found = self._done[image.path]
        return Source(media_id=found) if isinstance(found, str) else found

    def _upload(self, path: str) -> str | tuple[FieldError, ...]:
        file = self.folder / Path(path).expanduser()
        if not file.exists():
            return (no_file(path),)
        try:
            return upload(self.client, file)
        except InputRefused as refused:
            return refused.errors


def no_file(path: str) -> FieldError:
    """What is said of a row whose file is not there."""
    sentence = f"There is no file {path} beside the table. Put it there, or correct the cell."
    return FieldError("media", sentence)


def row_json(row: CsvRow) -> dict[str, Any]:
    """The row as the API takes it."""
    names = (
        "connection",
        "board",
        "section",
        "title",
        "description",
        "alt_text",
        "link",
        "due_at",
        "url",
        "media_id",
    )
    cells: dict[str, Any] = {name: getattr(row, name) for name in names if getattr(row, name) is not None}
    if row.images:
        cells["images"] = [source_json(image) for image in row.images]
    errors = [{"field": error.field, "message": error.message} for error in row.errors]
    return {"line": row.line, **cells, "errors": errors}


def _tell(shell: Shell, file: Path, rows: Sequence[CsvRow], results: list[dict[str, Any]]) -> int | None:
    counts = dict.fromkeys(("created", "unchanged", "refused"), 0)
    for result in results:
        counts[result["outcome"]] += 1
    if shell.json:
        shell.document({"file": str(file), **counts, "rows": results})
    else:
        shell.say(", ".join(f"{count} {outcome}" for outcome, count in counts.items()) + ".")
        refused = [result for result in results if result["outcome"] == "refused"]
        if refused:
            lines = ((each["line"], error["field"], error["reason"], error["fix"])
                     for each in refused[:_LISTED] for error in each["errors"])  # fmt: skip
            shell.table(("Line", "Field", "Refused because", "What to do"), lines)
        if len(refused) > _LISTED:
            shell.note(f"… and {len(refused) - _LISTED} more; --json lists them all.")
        warned = [(each["line"], found["title"], found["fix"])
                  for each in results for found in each["findings"]]  # fmt: skip
        if warned:
            shell.table(("Line", "What to know", "What to do"), warned[:_LISTED])
        if any(row.keywords for row in rows):
            shell.note("The column Keywords was left out: Pinterest's API has no keywords.")
    return ATTENTION if counts["refused"] else None
