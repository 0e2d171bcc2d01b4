"""shorteners.toml as a question: does this host only lead on?"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


def shortener(host: str) -> str | None:
    """`open` for a service that anybody can use, `own` for a company's own, None for any other host."""
    labels = host.lower().rstrip(".").split(".")
    return next((kind for n in range(len(labels)) if (kind := _known().get(".".join(labels[n:])))), None)


@cache
def _known() -> Mapping[str, str]:
    data = tomllib.loads(files("steadypin.domain.rules").joinpath("shorteners.toml").read_text("utf-8"))
    return {host: kind for kind, hosts in data.items() for host in hosts}
