"""Whatever the bytes are, a header reader answers, or raises its own error, within what a look may cost."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from steadypin.probe.kinds import kind_of
from tests.probe import fuzz
from tests.probe.corpus import CORPUS
from tests.probe.movies import box, ftyp, movie

quickly = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@quickly
@given(st.binary(max_size=2000))
@example(b"\xff\xd8\xff" + b"\xff" * 500)
@example(ftyp() + b"\0\0\0\1moov" + b"\xff" * 8)
def test_random_bytes(content: bytes):
    fuzz.examine(content)


@quickly
@given(
    st.sampled_from(fuzz.SEEDS),
    st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=8)), min_size=1, max_size=6),
    st.floats(0.02, 1),
)
def test_files_with_other_bytes_in_them(content: bytes, edits: list[tuple[float, bytes]], share: float):
    made = bytearray(content)
    for place, new in edits:
        at = int(place * len(made))
        made[at : at + len(new)] = new
    fuzz.examine(bytes(made[: max(int(len(made) * share), 1)]))


@pytest.mark.parametrize("seed", range(6))
def test_damaged_files(seed: int, tmp_path: Path):
    chance = random.Random(seed)
    for number in range(150):
        content = fuzz.damaged(chance, chance.choice(fuzz.SEEDS))
        fuzz.examine(content)
        if number % 5 == 0:
            file = tmp_path / "file"
            file.write_bytes(content)
            fuzz.examine_file(file)


@pytest.mark.parametrize(
    "row", [row for row in CORPUS if len(row.content) < 1_000_000], ids=lambda row: row.name
)
def test_each_file_of_the_corpus_wherever_it_is_cut(row):
    step = max(len(row.content) // 25, 1)
    for end in range(0, min(len(row.content), 25 * step), step):
        fuzz.examine(row.content[:end])


@pytest.mark.parametrize(
    "content",
    [
        ftyp() + box(b"moov", *[box(b"trak")] * 4000),
        ftyp() + box(b"moov", *[box(b"free")] * 4000),
        ftyp() + box(b"free") * 20_000,
        b"\xff\xd8" + b"\xff\x01" * 100_000,
        b"\xff\xd8\xff" + b"\0" * 200_000,
        b"\x1aE\xdf\xa3" * 1000,
        movie().replace(b"stts\0\0\0\0\0\0\0\1", b"stts\0\0\0\0\xff\xff\xff\xff"),
        movie(edits=[1.0]).replace(b"elst\0\0\0\0\0\0\0\1", b"elst\0\0\0\0\xff\xff\xff\xff"),
    ],
    ids=lambda content: kind_of(content),
)
def test_files_made_to_keep_a_reader_busy(content: bytes):
    fuzz.examine(content)
