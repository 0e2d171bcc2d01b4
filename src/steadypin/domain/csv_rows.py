"""A CSV file of Pins, row by row: Steadypin's own columns, or Pinterest's bulk template as it stands.

    bytes -> parse -> CsvRow, CsvRow, …        InputRefused when the file as a whole cannot be read

A row keeps what the user wrote; what can be seen to be wrong without asking anybody is in its `errors`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from steadypin.domain.errors import InputRefused
from steadypin.domain.media import MediaKind
from steadypin.domain.media_shape import NOT_YET, check_count
from steadypin.domain.texts import FieldError

COLUMNS = (
    "connection",
    "board",
    "section",
    "title",
    "description",
    "alt_text",
    "link",
    "media",
    "cover",
    "due_at",
)
TEMPLATE = {
    "title": "title",
    "media url": "media",
    "pinterest board": "board",
    "thumbnail": "cover",
    "description": "description",
    "link": "link",
    "publish date": "due_at",
    "keywords": "keywords",
}
"""Pinterest's bulk template, its column -> ours. The API has no keywords, so they are read and left out."""

_NAMES = {name.replace("_", " "): name for name in COLUMNS} | TEMPLATE
_REQUIRED = ("board", "media")
_TEXTS = ("title", "description", "alt_text")
_DELIMITERS = ",;\t"
_BETWEEN = "|"
_VIDEO = re.compile(r"\.(mp4|mov|m4v|webm|avi|mkv)(\?.*)?$", re.I)
_MEDIA_ID = re.compile(r"med_[0-9a-z]{26}")


@dataclass(frozen=True, slots=True)
class Source:
    """One file as a table names it: exactly one is set."""

    path: str | None = None
    url: str | None = None
    media_id: str | None = None


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row; absent cells are None. At most one of `path`, `url`, `media_id` and `images` (a carousel) is set; `line`
    counts from 1."""

    line: int
    connection: str | None = None
    board: str | None = None
    section: str | None = None
    title: str | None = None
    description: str | None = None
    alt_text: str | None = None
    link: str | None = None
    due_at: str | None = None
    path: str | None = None
    url: str | None = None
    media_id: str | None = None
    keywords: str | None = None
    images: tuple[Source, ...] = ()
    errors: tuple[FieldError, ...] = ()


def parse(data: bytes) -> list[CsvRow]:
    """Every row of the file, blank lines left out. Raises InputRefused when its header or encoding cannot be read."""
    text = _decode(data)
    skipped, delimiter = 0, None
    if found := re.match(r"sep=(.)\r?\n", text):  # written by Excel to tell the delimiter
        text, skipped, delimiter = text[found.end() :], 1, found[1]
    delimiter = delimiter or _delimiter(text)
    rows = _numbered(text, delimiter, skipped)
    try:
        _, header = next(rows)
    except StopIteration:
        raise _refused(
            f"The file is empty. Its first line must name the columns: {', '.join(COLUMNS)}."
        ) from None
    columns = _columns(header)
    return [_row(line, cells, columns) for line, cells in rows]


def _refused(sentence: str) -> InputRefused:
    return InputRefused([FieldError("file", sentence)])


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _refused("The file is written in UTF-16. Save it as CSV in UTF-8; nothing was imported.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refused(
            f"Line {line} is not UTF-8 text. Save the file as “CSV UTF-8”; nothing was imported."
        ) from None
    if "\x00" in text:
        raise _refused("This is no text file. Save the table as CSV in UTF-8; nothing was imported.")
    return text


def _delimiter(text: str) -> str:
    """The one that makes the most known names of the first row."""

    def known(delimiter: str) -> int:
        first = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
        return sum(_plain(name) in _NAMES for name in first)

    try:
        return max(_DELIMITERS, key=known)
    except csv.Error:
        return ","


def _numbered(text: str, delimiter: str, skipped: int) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = skipped + 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _refused(
                f"The row that begins on line {line} cannot be read ({error}). Look for a quotation mark that is not "
                "closed; inside a quoted cell it is written twice. Nothing was imported."
            ) from None
        if any(cell.strip() for cell in cells):
            yield line, cells
        line = skipped + reader.line_num + 1


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").split()).casefold()


def _columns(header: Sequence[str]) -> list[str]:
    """Our name of each column. Raises InputRefused with everything that is wrong at once."""
    columns, sentences = [], []
    for name in header:
        column = _NAMES.get(_plain(name), "")
        if not column:
            near = get_close_matches(_plain(name), _NAMES, n=1)
            hint = f"did you mean {_NAMES[near[0]]}?" if near else f"the columns are {', '.join(COLUMNS)}."
            sentences.append(f"There is no column '{name.strip()}': {hint}")
        elif column in columns:
            sentences.append(f"The column {column} is there twice.")
        columns.append(column)
    sentences += [f"The column {column} is missing." for column in _REQUIRED if column not in columns]
    if sentences:
        raise _refused(" ".join([*sentences, "Correct the first line; nothing was imported."]))
    return columns


def _row(line: int, cells: Sequence[str], columns: Sequence[str]) -> CsvRow:
    if len(cells) != len(columns):
        sentence = (
            f"The row has {len(cells)} cells and the header {len(columns)}. Put a cell that holds a comma, a semicolon "
            "or a line break in quotation marks."
        )
        return CsvRow(line, errors=(FieldError("row", sentence),))
    found: dict[str, Any] = {
        column: (cell if column in _TEXTS else cell.strip()) or None
        for column, cell in zip(columns, cells, strict=True)
        if cell.strip()
    }
    media, cover = found.pop("media", None), found.pop("cover", None)
    errors = tuple(_media_errors(media, cover))
    if errors or media is None:
        return CsvRow(line=line, errors=errors, **found)
    if _BETWEEN in media:
        return CsvRow(line=line, images=sources(media), **found)
    return CsvRow(line=line, **found, **{_kind(media): media})


def sources(cell: str) -> tuple[Source, ...]:
    """The files that a cell names, with `|` between them. Raises InputRefused when they make no carousel."""
    if errors := list(_carousel_errors(cell)):
        raise InputRefused(errors)
    return tuple(Source(**{_kind(part): part}) for part in _parts(cell))


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(_BETWEEN)]


def _carousel_errors(cell: str) -> Iterator[FieldError]:
    parts = _parts(cell)
    if "" in parts:
        sentence = (
            f"Image {parts.index('') + 1} is empty. Write one | between two images, and none at the ends."
        )
        yield FieldError("media", sentence)
        return
    for error in check_count(len(parts)):
        yield FieldError("media", error.message)
    for part in parts:
        if _VIDEO.search(part):
            sentence = f"'{part}' is a video, and a carousel takes images only. Remove it."
            yield FieldError("media", sentence)


def _media_errors(media: str | None, cover: str | None) -> Iterator[FieldError]:
    if media is None:
        yield FieldError("media", "The media cell is empty. Give a file beside the table, or a web address.")
    elif _BETWEEN in media:
        yield from _carousel_errors(media)
        if cover is not None:
            sentence = (
                "The first image of a carousel is its cover. Put another one first, and leave this empty."
            )
            yield FieldError("cover", sentence)
    elif _VIDEO.search(media) and MediaKind.VIDEO in NOT_YET:
        yield FieldError("media", NOT_YET[MediaKind.VIDEO])
    elif cover is not None:
        yield FieldError("cover", "The row has a cover, which only videos have. Leave it empty.")


def _kind(media: str) -> str:
    if re.match(r"[a-z][a-z0-9+.-]*://", media, re.I):
        return "url"
    return "media_id" if _MEDIA_ID.fullmatch(media) else "path"
