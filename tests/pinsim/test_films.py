"""What pinsim reads out of an uploaded file, however it arrives."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinsim.films import Film, FilmReader, fault_of
from tests.pinsim.films import box, film
from tests.pinsim.stage import picture


def read(data: bytes, piece: int = 1 << 20) -> Film:
    reader = FilmReader()
    for at in range(0, len(data), piece):
        reader.feed(data[at : at + piece])
    return reader.finish()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (film(), Film("mp4", "h264", 12.0, 1080, 1920)),
        (film(index_last=True), Film("mp4", "h264", 12.0, 1080, 1920)),
        (film(long_form=True), Film("mp4", "h264", 12.0, 1080, 1920)),
        (film(brand=b"qt  ", codec=b"hvc1"), Film("mov", "h265", 12.0, 1080, 1920)),
        (film(brand=b"M4V ", codec=b"hev1"), Film("m4v", "h265", 12.0, 1080, 1920)),
        (film(turned=True), Film("mp4", "h264", 12.0, 1920, 1080)),
        (film(9.0, fragments=3), Film("mp4", "h264", 9.0, 1080, 1920)),
        (film(codec=b"vp09"), Film("mp4", "vp09", 12.0, 1080, 1920)),
        (film() + box(b"free", b"note"), Film("mp4", "h264", 12.0, 1080, 1920)),
    ],
)
def test_a_film_tells_its_container_codec_length_and_size(data: bytes, expected: Film):
    assert read(data) == expected
    assert read(data, piece=7) == expected


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "neither MP4 nor MOV"),
        (picture("JPEG"), "neither MP4 nor MOV"),
        (b"%PDF-1.7 and so on", "neither MP4 nor MOV"),
        (b"\x1a\x45\xdf\xa3 webm and so on", "neither MP4 nor MOV"),
        (film()[:-1], "cut off"),
        (film(index_last=True)[:-40], "cut off"),
        (film()[:30], "cut off"),
        (box(b"ftyp", b"isom", b"\0" * 4) + box(b"mdat", b"x" * 50), "no index"),
        (box(b"ftyp", b"isom", b"\0" * 4) + box(b"moov"), "no picture track"),
        (box(b"ftyp", b"isom", b"\0" * 4) + box(b"moov", box(b"mvhd", b"\0" * 3)), "damaged"),
        (box(b"ftyp", b"isom", b"\0" * 4) + b"\x7f\xff\xff\xffmoov", "no sensible size"),
    ],
)
def test_what_is_no_whole_film_is_told_in_a_few_words(data: bytes, words: str):
    assert words in read(data).trouble
    assert words in read(data, piece=3).trouble


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (film(), ""),
        (film(4.0), ""),
        (film(900.0), ""),
        (film(size=(1000, 2000)), ""),
        (film(size=(1200, 628)), ""),
        (film(codec=b"hvc1"), ""),
        (film(codec=b"av01"), "the codec is av01"),
        (film(3.9), "3.9 s are not between 4 and 900"),
        (film(900.1), "900.1 s are not between"),
        (film(size=(1000, 2100)), "1000x2100 is not between 1:2 and 1.91:1"),
        (film(size=(2000, 1000)), "2000x1000 is not between 1:2 and 1.91:1"),
        (film(size=(2000, 1000), turned=True), ""),
        (film(size=(0, 0)), "no size"),
        (film()[:-1], "cut off"),
    ],
)
def test_pinterest_would_take_it_or_not(data: bytes, words: str):
    found = fault_of(read(data), 4, 900)
    assert words in found
    assert bool(words) == bool(found)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_damaged_film_is_read_to_its_end_without_an_accident(data: st.DataObject):
    raw = bytearray(film(9.0, fragments=2, data=b"") if data.draw(st.booleans()) else film(data=b"abc"))
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    whole = read(bytes(raw))
    assert whole == read(bytes(raw), piece=data.draw(st.integers(1, 400)))
    assert isinstance(fault_of(whole, 4, 900), str)


def test_noise_is_no_film():
    assert read(os.urandom(100_000)).trouble
