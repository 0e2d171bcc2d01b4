"""Requests as they leave: complete, exact in length, and silent about their tokens."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steadypin.domain.media import Item
from steadypin.domain.operations import PIN_CREATE
from steadypin.domain.pins import Content, Media, MediaKind
from steadypin.pinterest import wire
from steadypin.pinterest.wire import _PIECE, Body, Caller, Hosts, ImageFile

CALLER = Caller("https://api.pinterest.com/v5", "pina_secret")
MEDIA = Media(MediaKind.IMAGE, "med_1")
SPEC = Path(__file__).parents[2] / "spec" / "pinterest-v5.23-organic.json"
SIZES = (*range(6), _PIECE - 1, _PIECE, _PIECE + 1, 2 * _PIECE, 2 * _PIECE + 2)


def file_of(folder: Path, size: int) -> Path:
    path = folder / f"{size}.bin"
    path.write_bytes(bytes(n * 7 % 256 for n in range(size)))
    return path


@pytest.mark.parametrize("size", SIZES)
def test_the_pieces_of_a_body_join_to_json_of_exactly_the_announced_length(tmp_path: Path, size: int) -> None:
    path = file_of(tmp_path, size)
    content = Content("17", MEDIA, "9", 'Käse "x" 🍰', None, "", "https://shop.example/?a=1&b=2")
    request = wire.create_pin(CALLER, content, [ImageFile(path, size, "image/png")])
    assert request.body is not None
    pieces = list(request.body.pieces())
    sent = b"".join(pieces)
    assert len(sent) == request.body.size == int(request.headers["Content-Length"])
    assert max(map(len, pieces)) <= 4 * _PIECE // 3 + 1000
    fields = json.loads(sent)
    source = fields.pop("media_source")
    assert base64.b64decode(source.pop("data"), validate=True) == path.read_bytes()
    assert source == {"source_type": "image_base64", "content_type": "image/png"}
    assert fields == {
        "board_id": "17",
        "board_section_id": "9",
        "title": 'Käse "x" 🍰',
        "alt_text": "",
        "link": "https://shop.example/?a=1&b=2",
    }


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=100), st.text(max_size=50))
def test_no_text_of_the_user_breaks_the_body(tmp_path: Path, title: str, description: str) -> None:
    path = file_of(tmp_path, 4)
    request = wire.create_pin(
        CALLER, Content("1", MEDIA, None, title, description), [ImageFile(path, 4, "image/jpeg")]
    )
    assert request.body is not None
    sent = b"".join(request.body.pieces())
    assert len(sent) == request.body.size
    assert json.loads(sent)["title"] == title
    assert json.loads(sent)["description"] == description


CARDS = (
    Item("med_1", title='Käse "x"', link="https://shop.example/?a=1&b=2"),
    Item("med_2"),
    Item("med_3", description="🍰"),
)


@pytest.mark.parametrize("size", SIZES)
def test_a_carousel_is_sent_card_by_card_with_the_announced_length(tmp_path: Path, size: int) -> None:
    sizes = (size, 7, _PIECE + 1)
    files = [ImageFile(file_of(tmp_path, each), each, "image/png") for each in sizes]
    files[1] = ImageFile(files[1].path, files[1].size, "image/jpeg")
    media = Media(MediaKind.CAROUSEL, items=CARDS, cover_index=2)
    request = wire.create_pin(CALLER, Content("17", media, title="Three"), files)
    assert request.body is not None
    pieces = list(request.body.pieces())
    sent = b"".join(pieces)
    assert len(sent) == request.body.size == int(request.headers["Content-Length"])
    assert max(map(len, pieces)) <= 4 * _PIECE // 3 + 1000
    source = json.loads(sent)["media_source"]
    assert (source["source_type"], source["index"]) == ("multiple_image_base64", 2)
    data = [base64.b64decode(item.pop("data"), validate=True) for item in source["items"]]
    assert data == [file.path.read_bytes() for file in files]
    assert source["items"] == [
        {"content_type": "image/png", "title": 'Käse "x"', "link": "https://shop.example/?a=1&b=2"},
        {"content_type": "image/jpeg"},
        {"content_type": "image/png", "description": "🍰"},
    ]


def test_a_carousel_is_what_the_specification_says(tmp_path: Path) -> None:
    path = file_of(tmp_path, 9)
    media = Media(MediaKind.CAROUSEL, items=CARDS)
    request = wire.create_pin(CALLER, Content("17", media), [ImageFile(path, 9, "image/png")] * 3)
    assert request.body is not None
    source = json.loads(b"".join(request.body.pieces()))["media_source"]
    schemas = json.loads(SPEC.read_text())["components"]["schemas"]
    whole, item = schemas["PinMediaSourceImagesBase64"], schemas["PinMediaSourceImagesBase64Item"]
    assert set(whole["required"]) <= set(source) <= set(whole["properties"])
    assert source["source_type"] in whole["properties"]["source_type"]["enum"]
    for card in source["items"]:
        assert set(item["required"]) <= set(card) <= set(item["properties"])
        assert re.fullmatch(item["properties"]["data"]["pattern"], card["data"])


def test_a_body_without_a_file_is_one_piece() -> None:
    assert list(Body(b"a=1").pieces()) == [b"a=1"]
    assert Body(b"a=1").size == 3


def test_no_way_of_printing_a_request_shows_a_token(tmp_path: Path) -> None:
    path = file_of(tmp_path, 1)
    requests = [
        wire.create_pin(CALLER, Content("1", MEDIA), [ImageFile(path, 1, "image/png")]),
        wire.get_account(CALLER),
        wire.exchange_code(
            "https://api.pinterest.com/v5", "15", "app_secret", "code_secret", "https://me.example/"
        ),
        wire.refresh("https://api.pinterest.com/v5", "15", "app_secret", "pinr_secret"),
    ]
    for shown in (*map(repr, requests), *map(str, requests), repr(CALLER)):
        assert "secret" not in shown
        assert "Bearer" not in shown
        assert "Basic" not in shown


def test_every_request_of_a_caller_carries_its_token_and_names_its_operation() -> None:
    for request, path in (
        (wire.get_account(CALLER), "/v5/user_account"),
        (wire.list_boards(CALLER, None), "/v5/boards"),
        (wire.get_board(CALLER, "17"), "/v5/boards/17"),
        (wire.list_sections(CALLER, "17", None), "/v5/boards/17/sections"),
        (wire.list_board_pins(CALLER, "17", None), "/v5/boards/17/pins"),
        (wire.list_section_pins(CALLER, "17", "9", None), "/v5/boards/17/sections/9/pins"),
        (wire.delete_pin(CALLER, "123"), "/v5/pins/123"),
    ):
        assert request.headers["Authorization"] == "Bearer pina_secret"
        assert urlsplit(request.url).path == path
        assert request.body is None
        assert "Content-Length" not in request.headers


def test_boards_and_sections_are_asked_for_with_what_was_said_and_no_more() -> None:
    board = wire.create_board(CALLER, "Gärten", None, "PUBLIC")
    described = wire.create_board(CALLER, "Gärten", "Beete", "SECRET")
    section = wire.create_section(CALLER, "17", "Rosen")
    for request, path, body in (
        (board, "/v5/boards", {"name": "Gärten", "privacy": "PUBLIC"}),
        (described, "/v5/boards", {"name": "Gärten", "privacy": "SECRET", "description": "Beete"}),
        (section, "/v5/boards/17/sections", {"name": "Rosen"}),
    ):
        assert urlsplit(request.url).path == path
        assert request.body is not None
        sent = b"".join(request.body.pieces())
        assert json.loads(sent) == body
        assert request.headers["Content-Length"] == str(len(sent))


@pytest.mark.parametrize("bookmark", ["abc==", "a&b=c d/ü"])
def test_a_bookmark_arrives_as_it_was_given(bookmark: str) -> None:
    query = parse_qs(urlsplit(wire.list_boards(CALLER, bookmark).url).query)
    assert query == {"page_size": ["250"], "bookmark": [bookmark]}
    assert "bookmark" not in wire.list_boards(CALLER, None).url


def test_the_code_is_exchanged_with_the_apps_credentials_and_continuous_refresh() -> None:
    request = wire.exchange_code(
        "https://api.pinterest.com/v5", "15", "s:ü", "c&d", "https://me.example/cb?x=1"
    )
    assert base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode() == "15:s:ü"
    assert request.body is not None
    sent = b"".join(request.body.pieces())
    assert int(request.headers["Content-Length"]) == len(sent)
    assert parse_qs(sent.decode()) == {
        "grant_type": ["authorization_code"],
        "code": ["c&d"],
        "redirect_uri": ["https://me.example/cb?x=1"],
        "continuous_refresh": ["true"],
    }


def test_an_access_token_is_never_sent_as_a_refresh_token() -> None:
    with pytest.raises(ValueError, match="access token"):
        wire.refresh("https://api.pinterest.com/v5", "15", "secret", "pina_secret")


def test_the_sandbox_has_its_own_host() -> None:
    hosts = Hosts("https://api", "https://sandbox", "https://consent/")
    assert (hosts.base("production"), hosts.base("sandbox")) == ("https://api", "https://sandbox")
    assert not PIN_CREATE.repeatable
