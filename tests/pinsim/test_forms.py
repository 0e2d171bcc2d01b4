"""A form comes in pieces of any size; what is read of it does not depend on them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinsim.forms import BadForm, FieldsTooLarge, FormReader, boundary_of

MARK = b"XyZ"


def part(name: str, value: bytes, more: str = "") -> bytes:
    return b'--%b\r\nContent-Disposition: form-data; name="%b"%b\r\n\r\n%b\r\n' % (
        MARK, name.encode(), more.encode(), value,
    )  # fmt: skip


def read(body: bytes, piece: int = 1 << 20) -> tuple[dict[str, str], bytes, FormReader]:
    got = bytearray()
    reader = FormReader(MARK, lambda: None, got.extend)
    for at in range(0, len(body), piece):
        reader.feed(body[at : at + piece])
    return reader.fields, bytes(got), reader


@given(
    st.binary(max_size=600).filter(lambda raw: b"\r\n--XyZ" not in raw + b"\r\n--Xy"),
    st.integers(1, 80),
    st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_fields_and_file_are_the_same_in_pieces_of_any_size(file: bytes, piece: int, with_preamble: bool):
    body = b"hello\r\n" if with_preamble else b""
    body += part("Key", b"uploads/1") + part("policy", b"e30=")
    body += part("file", file, '; filename="a \\" name=b.mp4"') + b"--XyZ--\r\n"
    fields, got, reader = read(body, piece)
    assert fields == {"key": "uploads/1", "policy": "e30="}
    assert got == file
    assert reader.is_whole
    assert reader.has_file


def test_what_follows_the_file_is_not_looked_at():
    body = part("key", b"k") + part("file", b"film") + part("policy", b"late") + b"--XyZ--"
    fields, got, reader = read(body, 5)
    assert (fields, got, reader.is_whole) == ({"key": "k"}, b"film", True)


@pytest.mark.parametrize(
    "body",
    [
        b"--XyZ!\r\n",
        b"--XyZ\r\nContent-Type: text/plain\r\n\r\nx\r\n--XyZ--",
        b"--XyZ\r\n" + b"A" * 30_000,
        part("key", b"k" * 30_000),
        part("a", b"k" * 15_000) + part("b", b"k" * 15_000),
    ],
)
def test_what_is_no_form_or_too_much_of_one_is_refused_soon(body: bytes):
    with pytest.raises(BadForm):
        read(body, 100)


def test_too_many_fields_are_told_from_a_bad_form():
    with pytest.raises(FieldsTooLarge):
        read(part("key", b"k" * 30_000))


def test_a_form_without_end_or_file_is_known_as_such():
    assert not read(part("key", b"k") + part("file", b"film"))[2].is_whole
    assert not read(part("key", b"k") + b"--XyZ--")[2].has_file
    assert not read(b"x" * 30_000)[2].is_whole


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("multipart/form-data; boundary=XyZ", b"XyZ"),
        ('Multipart/Form-Data; charset=utf-8; boundary="a b"', b"a b"),
        ("multipart/form-data", None),
        ("multipart/mixed; boundary=XyZ", None),
        ("application/json", None),
        ("", None),
    ],
)
def test_the_boundary_stands_in_the_content_type(content_type: str, expected: bytes | None):
    assert boundary_of(content_type) == expected
