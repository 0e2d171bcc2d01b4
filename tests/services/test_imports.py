"""Importing rows, and reading them from a file."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steadypin.domain.connections import Connection
from steadypin.domain.csv_rows import COLUMNS, CsvRow, Source, parse
from steadypin.domain.errors import InputRefused
from steadypin.domain.media import Item
from steadypin.domain.pins import Media, MediaKind
from steadypin.domain.texts import FieldError
from steadypin.domain.words import Stage
from steadypin.services import compose, connecting, imports
from steadypin.services.imports import ImportRow, Outcome, RowResult
from tests.support.rig import Rig


def row(home: Rig, line: int = 2, **cells: Any) -> ImportRow:
    given = {"board": "Garden ideas", "title": f"Row {line}", "due_at": "2030-03-01T09:00:00+01:00", **cells}
    if not {"url", "media_id", "images"} & set(given) and not given.get("errors"):
        given["media_id"] = home.media().media_id
    return ImportRow(line, **given)


def take(home: Rig, *rows: ImportRow, **options: Any) -> list[RowResult]:
    return imports.take(home.ctx, rows, **options)


def refusal(home: Rig, **cells: Any) -> tuple[str, str, str]:
    (result,) = take(home, row(home, **cells))
    assert result.outcome is Outcome.REFUSED
    assert len(result.errors) == 1
    return result.errors[0].field, result.errors[0].reason, result.errors[0].fix


@pytest.fixture
def account(home: Rig) -> Connection:
    return home.connect()


def test_rows_become_scheduled_pins_in_the_order_of_the_file(home: Rig, account: Connection):
    results = take(home, *(row(home, line) for line in range(2, 7)))
    assert {result.outcome for result in results} == {Outcome.CREATED}
    listed = compose.page(home.ctx, compose.PinFilter(), 10)
    assert [pin.content.title for pin in listed] == [f"Row {line}" for line in range(6, 1, -1)]
    assert {pin.stage for pin in listed} == {Stage.SCHEDULED}
    assert listed[0].due_at is not None
    assert listed[0].due_at.isoformat() == "2030-03-01T08:00:00+00:00"


def test_an_imported_pin_is_published_when_it_is_due(home: Rig, account: Connection):
    (result,) = take(home, row(home), now=True)
    home.drain()
    assert compose.get(home.ctx, str(result.pin_id)).stage is Stage.PUBLISHED


def test_a_row_imported_before_is_unchanged_however_it_is_written(home: Rig, account: Connection):
    (first,) = take(home, row(home, due_at="2030-03-01T09:00:00+01:00"))
    (again,) = take(
        home, row(home, 2, board=home.board(account), due_at="2030-03-01T08:00:00Z", connection="spring_shop")
    )
    assert (again.outcome, again.pin_id) == (Outcome.UNCHANGED, first.pin_id)
    (now,) = take(home, row(home), now=True)
    assert now.outcome is Outcome.UNCHANGED


def test_the_same_row_twice_in_one_file_makes_one_pin(home: Rig, account: Connection):
    same = row(home)
    results = take(home, same, same)
    assert sorted(result.outcome for result in results) == ["created", "unchanged"]
    assert len({result.pin_id for result in results}) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Other"},
        {"description": "x"},
        {"link": "https://shop.example"},
        {"due_at": None},
        {"board": "Home office"},
    ],
)
def test_a_changed_row_is_another_pin(home: Rig, account: Connection, change: dict[str, Any]):
    take(home, row(home))
    (other,) = take(home, row(home, **change))
    assert other.outcome is Outcome.CREATED


def test_a_deleted_pin_can_be_imported_again(home: Rig, account: Connection):
    (first,) = take(home, row(home))
    compose.delete(home.ctx, str(first.pin_id), live=False)
    (again,) = take(home, row(home))
    assert again.outcome is Outcome.CREATED
    assert again.pin_id != first.pin_id


def test_a_row_without_a_time_is_a_draft_and_one_with_an_address_is_prepared(home: Rig, account: Connection):
    draft, fetched = take(home, row(home, due_at=None), row(home, 3, url="https://shop.example/a.jpg"))
    assert compose.get(home.ctx, str(draft.pin_id)).stage is Stage.DRAFT
    assert compose.get(home.ctx, str(fetched.pin_id)).stage is Stage.PREPARING


def test_a_row_of_several_images_becomes_a_carousel(home: Rig, account: Connection):
    kept = [Item(home.media(colour).media_id) for colour in ("orange", "teal")]
    fetched = Item(url="https://shop.example/a.jpg")
    ready, waiting = take(home, row(home, images=tuple(kept)), row(home, 3, images=(*kept, fetched)))
    pin = compose.get(home.ctx, str(ready.pin_id))
    assert pin.content.media == Media(MediaKind.CAROUSEL, items=tuple(kept))
    assert pin.stage is Stage.SCHEDULED
    assert compose.get(home.ctx, str(waiting.pin_id)).stage is Stage.PREPARING


def test_a_carousel_imported_before_is_unchanged_unless_its_images_changed_places(
    home: Rig, account: Connection
):
    one, other = (Item(home.media(colour).media_id) for colour in ("orange", "teal"))
    results = take(
        home, row(home, images=(one, other)), row(home, images=(one, other)), row(home, images=(other, one))
    )
    assert sorted(result.outcome for result in results) == ["created", "created", "unchanged"]


def test_a_row_that_makes_no_carousel_is_refused(home: Rig, account: Connection):
    kept = Item(home.media().media_id)
    assert "has 1" in refusal(home, images=(kept,))[1]
    assert "med_none" in refusal(home, images=(kept, Item("med_none")))[1]
    assert "cannot be fetched" in refusal(home, images=(kept, Item(url="ftp://shop.example/a.jpg")))[1]
    assert "image 2" in refusal(home, images=(kept, Item()))[1]


def test_refusals_name_field_reason_and_fix(home: Rig, account: Connection):
    assert refusal(home, title="x" * 130) == (
        "title",
        "The title has 130 characters; Pinterest takes 100.",
        "Shorten it by 30.",
    )
    field, reason, fix = refusal(home, board="Gardn")
    assert (field, reason) == ("board", "This account has no board named 'Gardn'.")
    assert "'Garden ideas'" in fix
    assert refusal(home, due_at="2030-03-01 09:00")[0] == "due_at"
    assert refusal(home, media_id="med_unknown")[0] == "media"
    assert refusal(home, media_id=None, url=None)[0] == "media"
    assert refusal(home, url="ftp://shop.example/a.jpg")[0] == "media"
    assert refusal(home, section="Soups")[0] == "section"
    assert refusal(home, connection="nobody")[0] == "connection"
    assert refusal(home, board=None)[0] == "board"


def test_every_fault_of_a_row_is_told_at_once(home: Rig, account: Connection):
    (result,) = take(
        home,
        row(
            home,
            title="x" * 130,
            board="Gardn",
            errors=(FieldError("media", "It is a video. Use an image."),),
        ),
    )
    assert {error.field for error in result.errors} == {"title", "board", "media"}


def test_a_refused_row_does_not_keep_the_others_out(home: Rig, account: Connection):
    results = take(home, row(home, 2), row(home, 3, board="Gardn"), row(home, 4))
    assert [result.outcome.value for result in results] == ["created", "refused", "created"]


def test_with_two_accounts_the_row_has_to_say_which(home: Rig, account: Connection):
    home.connect("trial_terrace")
    assert refusal(home)[0] == "connection"
    (named,) = take(home, row(home, connection="spring_shop"))
    assert named.outcome is Outcome.CREATED


def test_a_key_for_other_connections_sees_none_of_these(home: Rig, account: Connection):
    (result,) = imports.take(home.ctx, [row(home)], allowed=frozenset({"con_other"}))
    assert result.errors[0].field == "connection"
    assert "spring_shop" not in str(result.errors)


# reading the file

HEAD = b"board,media,title\n"


def only(content: bytes) -> CsvRow:
    (found,) = parse(content)
    return found


def test_cells_keep_what_was_written():
    found = only(
        b'board,media,title,description\n" Garden ",a.jpg,"=1+1 ""quoted""","two\nlines, with a comma"\n'
    )
    assert found.board == "Garden"
    assert found.title == '=1+1 "quoted"'
    assert found.description == "two\nlines, with a comma"
    assert found.path == "a.jpg"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_delimiters_byte_order_marks_and_line_ends_are_recognised(delimiter: str, start: bytes, end: str):
    lines = [delimiter.join(cells) for cells in (("Board", "MEDIA", "alt text"), ("Gärten", "a.jpg", "x"))]
    found = only(start + end.join(lines).encode())
    assert (found.board, found.path, found.alt_text) == ("Gärten", "a.jpg", "x")


def test_excels_first_line_is_understood_and_lines_are_counted_with_it():
    assert only(b"sep=;\nboard;media\nGarden;a.jpg\n").line == 3


def test_pinterests_template_is_read_as_it_stands():
    head = "Title,Media URL,Pinterest board,Thumbnail,Description,Link,Publish date,Keywords"
    found = only(
        f"{head}\nCake,https://x.example/a.png,Recipes,,Good,https://x.example,2030-01-01T09:00:00Z,cake\n".encode()
    )
    assert (found.title, found.url, found.board, found.keywords) == (
        "Cake",
        "https://x.example/a.png",
        "Recipes",
        "cake",
    )
    assert found.due_at == "2030-01-01T09:00:00Z"


def test_lines_are_those_on_which_rows_begin():
    rows = parse(HEAD + b'Garden,a.jpg,"one\ntwo"\n\n  ,,\nGarden,b.jpg,x\n')
    assert [found.line for found in rows] == [2, 6]


@pytest.mark.parametrize(
    ("media", "field", "word"),
    [("a.mp4", "media", "video"), ("https://x.example/a.MOV?x=1", "media", "video"), ("", "media", "empty")],
)  # fmt: skip
def test_what_is_not_supported_yet_is_said(media: str, field: str, word: str):
    found = only(HEAD + f"Garden,{media},x\n".encode())
    assert found.errors[0].field == field
    assert word in found.errors[0].message
    assert (found.path, found.url, found.media_id) == (None, None, None)


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_several_images_in_one_cell_make_a_carousel(delimiter: str):
    cell = "a.jpg | https://x.example/b.png|med_01m823bdwqqn0ssnea40q1wdms"
    found = only(HEAD.replace(b",", delimiter.encode()) + f"Garden{delimiter}{cell}{delimiter}x\n".encode())
    assert found.images == (
        Source("a.jpg"),
        Source(url="https://x.example/b.png"),
        Source(media_id="med_01m823bdwqqn0ssnea40q1wdms"),
    )
    assert (found.path, found.url, found.media_id, found.errors) == (None, None, None, ())


@pytest.mark.parametrize(
    ("media", "word"),
    [
        ("a.jpg|", "Image 2 is empty"),
        ("|a.jpg", "Image 1 is empty"),
        ("a.jpg||b.jpg", "Image 2 is empty"),
        ("a|b|c|d|e|f", "Remove 1"),
        ("a.jpg|clip.mp4", "takes images only"),
    ],
)
def test_what_makes_no_carousel_is_said(media: str, word: str):
    found = only(HEAD + f"Garden,{media},x\n".encode())
    assert [error.field for error in found.errors] == ["media"]
    assert word in found.errors[0].message
    assert found.images == ()


def test_a_carousel_has_no_cover_cell():
    found = only(b"board,media,cover\nGarden,a.jpg|b.jpg,c.jpg\n")
    assert [error.field for error in found.errors] == ["cover"]


@given(
    st.lists(
        st.sampled_from(["a.jpg", "ä b.png", "https://x.example/c.png", "med_" + "0" * 26]),
        min_size=2,
        max_size=5,
    )
)
def test_any_cell_of_images_reads_back(names: list[str]):
    found = only(HEAD + f"Garden,{'|'.join(names)},x\n".encode())
    assert [image.path or image.url or image.media_id for image in found.images] == names


@given(st.text(alphabet="a.|p4m:/ \t", max_size=20))
def test_no_media_cell_makes_the_reader_stumble(cell: str):
    found = only(f'board,media\nGarden,"{cell}"\n'.encode())
    named = [found.path, found.url, found.media_id, found.images or None]
    assert sum(each is not None for each in named) == (0 if found.errors else 1)


def test_a_media_id_is_recognised():
    assert (
        only(HEAD + b"Garden,med_01m823bdwqqn0ssnea40q1wdms,x\n").media_id == "med_01m823bdwqqn0ssnea40q1wdms"
    )


def test_a_row_with_a_wrong_number_of_cells_is_refused_alone():
    rows = parse(HEAD + b"Garden,a.jpg,x,y\nGarden,b.jpg,x\n")
    assert rows[0].errors[0].field == "row"
    assert rows[1].errors == ()


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"boad,media\n", "did you mean board?"),
        (b"board,title\n", "media is missing"),
        (b"board,media,Media URL\n", "there twice"),
        (b"board,media\nG\xe4rten,a.jpg\n", "Line 2 is not UTF-8"),
        ("board,media".encode("utf-16"), "UTF-16"),
        (b"board,media\n\0,a\n", "no text file"),
        (b'board,media\nGarden,"a.jpg\nGarden,b.jpg\n', "line 2"),
        (b"\x89PNG\r\n", "not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(content: bytes, word: str):
    with pytest.raises(
        InputRefused, match=r"nothing was imported|Nothing was imported|first line"
    ) as refused:
        parse(content)
    assert word in str(refused.value)


def test_every_column_of_the_contract_is_read():
    cells = ",".join(
        "a.jpg" if name == "media" else "" if name == "cover" else f"<{name}>" for name in COLUMNS
    )
    found = only(f"{','.join(COLUMNS)}\n{cells}\n".encode())
    assert all(getattr(found, name) == f"<{name}>" for name in COLUMNS if name not in {"media", "cover"})


def test_a_section_is_meant_by_its_name_or_its_id(home: Rig, account: Connection):
    (named,) = take(home, row(home, board="Spring recipes", section="soups"))
    section_id = compose.get(home.ctx, str(named.pin_id)).content.board_section_id
    assert section_id is not None
    (by_id,) = take(home, row(home, board="Spring recipes", section=section_id))
    assert (by_id.outcome, by_id.pin_id) == (Outcome.UNCHANGED, named.pin_id)


def test_a_section_that_is_not_there_is_refused_with_those_there_are(home: Rig, account: Connection):
    for section in ("Stews", "999"):
        field, reason, fix = refusal(home, board="Spring recipes", section=section)
        assert field == "section"
        assert f"has no section '{section}'" in reason
        assert "'Cakes', 'Soups'" in fix


def test_a_board_that_takes_no_pins_is_refused_with_the_reason(home: Rig, account: Connection):
    home.sim_control(
        "POST", "/_sim/act", {"do": "set_privacy", "board": "Garden ideas", "privacy": "PROTECTED"}
    )
    connecting.sync_boards(home.ctx, account.id)
    home.drain()
    field, reason, fix = refusal(home)
    assert field == "board"
    assert "protected now" in reason
    assert fix == "Name another board."
