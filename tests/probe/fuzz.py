"""Feeds damaged files to the header readers, for as long as wanted; the suite does the same for a moment.

    python -m tests.probe.fuzz --minutes 10 [--seed 1] [--keep FOLDER]

Counted are executions, what broke, the slowest one, and how much memory the process gained. Exit code 1 if anything broke.
"""

from __future__ import annotations

import argparse
import io
import random
import sys
import tempfile
import time
from pathlib import Path

from steadypin.domain.media_checks import image_findings
from steadypin.domain.media_facts import MOVIES, ImageLimits
from steadypin.domain.video_checks import video_findings
from steadypin.probe.headers import READERS
from steadypin.probe.heif import read_heif
from steadypin.probe.images import probe_image
from steadypin.probe.kinds import HEAD_BYTES, kind_of
from steadypin.probe.reading import (
    Cost,
    Reading,
    Unreadable,
    Window,
    cost_of_a_file,
    cost_of_an_address,
    read_from,
)
from steadypin.probe.videos import read_movie
from steadypin.probe.webp import read_webp
from tests.probe.corpus import CORPUS

IMAGE_READERS = READERS | {"WebP": read_webp, "HEIC": read_heif, "AVIF": read_heif}
SEEDS = tuple(row.content for row in CORPUS if 0 < len(row.content) <= 30_000)
LIMITS = ImageLimits(most_pixels=1_000_000)
MOST_MEMORY = 64_000_000
_NUMBERS = (b"\0\0\0\0", b"\0\0\0\1", b"\0\0\0\7", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\xff\xff\xff\xff")
_NAMES = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"edts", b"elst", b"moof", b"traf", b"trun", b"tfhd", b"sidx",
          b"mvex", b"mehd", b"tkhd", b"mdhd", b"stts", b"meta", b"iprp", b"ipco", b"ipma", b"iinf", b"ispe", b"VP8X", b"ANMF",
          b"IHDR", b"\xff\xc0", b"\xff\xd8", b"\xff\xda")  # fmt: skip


def examine(content: bytes) -> None:
    """Let every reader that could be asked read these bytes; raises AssertionError, or what a reader should not raise."""
    kind = kind_of(content[:HEAD_BYTES])
    for name, reader in IMAGE_READERS.items():
        if name == kind:
            _read(reader(Window(len(content))), content, cost_of_a_file())
    movie = kind if kind in MOVIES else "MP4 video"
    for cost in (cost_of_a_file(), cost_of_an_address()):
        head = content[: 300 if cost.most_reads < 100 else 0]
        facts = _read(read_movie(Window(len(content), head=head), movie), content, cost)
        assert facts is not None, "the reader of movies raises nothing"
        assert video_findings(facts)
        assert facts.duration_s is None or facts.duration_s >= 0


def _read(reading: Reading, content: bytes, cost: Cost):
    try:
        return read_from(reading, io.BytesIO(content), cost)
    except Unreadable:
        return None
    finally:
        assert cost.reads <= cost.most_reads + 4
        assert cost.bytes <= cost.most_bytes + 4 * len(content)


def examine_file(path: Path) -> None:
    """Let the whole look read a file, decoder included."""
    probe = probe_image(path, limits=LIMITS)
    assert probe.findings == image_findings(probe.facts, LIMITS)


def damaged(chance: random.Random, content: bytes) -> bytes:
    """The bytes with a few defects of the kinds that break readers."""
    made = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 4, 12))):
        at = (
            chance.randrange(len(made) + 1)
            if chance.random() < 0.4
            else chance.randrange(min(len(made), 1500) + 1)
        )
        match chance.randrange(9):
            case 0:
                made[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                made[at : at + 4] = chance.choice(_NUMBERS)
            case 2:
                made[at : at + 4] = chance.randrange(1 << chance.choice((4, 8, 16, 32))).to_bytes(4)
            case 3:
                made[at : at + 4] = chance.choice(_NAMES)
            case 4:
                del made[at : at + chance.choice((1, 4, 8, 100))]
            case 5:
                made[at:at] = made[max(at - chance.randrange(200), 0) : at]
            case 6:
                del made[at:]
            case 7:
                made[at:at] = chance.randbytes(chance.randrange(40))
            case 8:
                other = chance.choice(SEEDS)
                made[at:] = other[chance.randrange(len(other)) :]
    return bytes(made[:200_000])


def main(argv: list[str]) -> int:
    """Run for a while; answers the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder for the files that broke something")
    wanted = parser.parse_args(argv)
    chance, began, broken, slowest, count = random.Random(wanted.seed), time.monotonic(), 0, 0.0, 0
    before = _forget_peak()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "file"
        while time.monotonic() - began < wanted.minutes * 60:
            content = (
                damaged(chance, chance.choice(SEEDS)) if chance.random() < 0.97 else chance.randbytes(600)
            )
            at = time.monotonic()
            try:
                examine(content)
                if count % 4 == 0:
                    file.write_bytes(content)
                    examine_file(file)
            except Exception as error:
                broken += 1
                sys.stdout.write(f"{type(error).__name__}: {error}\n")
                if wanted.keep:
                    wanted.keep.mkdir(parents=True, exist_ok=True)
                    (wanted.keep / f"{type(error).__name__}-{count}").write_bytes(content)
            slowest = max(slowest, time.monotonic() - at)
            count += 1
    gained = _memory("VmHWM") - before
    sys.stdout.write(
        f"{count} executions, {broken} broken, slowest {slowest * 1000:.0f} ms, memory gained {gained / 1e6:.1f} MB\n"
    )
    return 1 if broken or gained > MOST_MEMORY else 0


def _forget_peak() -> int:
    """Bytes in use now; the kernel counts the peak anew from here, since making the corpus took more than reading it."""
    Path("/proc/self/clear_refs").write_text("5")
    return _memory("VmRSS")


def _memory(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
