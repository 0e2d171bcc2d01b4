"""What must never be seen outside: tokens, the app's secret, the secret key; looked for in all that a test leaves.

Every test ends with such a look (tests/conftest.py): at what it printed and logged, at the answers of the API and the
pages, at what commands printed, and at the files that it left, databases and their logs among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

NEVER = re.compile(
    rb"pin[acr]_[A-Za-z0-9]{40,}"  # what pinsim hands out
    rb"|pinsim-secret-of-[0-9]+"
    rb"|AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"  # the tests' secret key, written
)
_MOST = 20_000_000
_NOT_OURS = ("secret.key", "pinsim.log", "plain-")
"""Files that hold secrets by their nature: the key itself, and what the simulator writes."""

_heard: list[tuple[str, bytes]] = []


def note(where: str, said: str | bytes) -> None:
    """Something that left the product during this test."""
    _heard.append((where, said if isinstance(said, bytes) else said.encode("utf-8", "surrogateescape")))


def heard() -> Iterator[tuple[str, bytes]]:
    """What was noted since the last look."""
    found, _heard[:] = list(_heard), []
    yield from found


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and not path.name.startswith(_NOT_OURS):
            with path.open("rb") as file:
                yield str(path), file.read(_MOST)


def find(said: Iterable[tuple[str, bytes]], more: Iterable[bytes] = ()) -> list[str]:
    """A line for each secret that is to be seen; `more` are further secrets. The lines do not show them."""
    further = [re.escape(secret) for secret in more]
    wanted = re.compile(b"|".join([NEVER.pattern, *further]))
    return [
        f"a secret ({match[:6].decode('ascii', 'replace')}…) is in {where}"
        for where, text in said
        for match in sorted(set(wanted.findall(text)))
    ]
