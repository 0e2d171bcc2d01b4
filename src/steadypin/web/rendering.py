"""Templates and what every page needs: assets with digests, words, moments."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from steadypin import __version__
from steadypin.domain.connections import APPS_PAGE
from steadypin.domain.words import Stage
from steadypin.services import compose
from steadypin.services.context import Wired
from steadypin.web.counting import Shared
from steadypin.web.risks import Risks, read_risks
from steadypin.web.words import CAUSES, REMEDIES, STAGES, STEPS

_HERE = Path(__file__).parent
STATIC = _HERE / "static"


class Pages:
    """Renders pages for one installation."""

    def __init__(self, wired: Wired, base_url: str) -> None:
        self.wired, self.ctx, self.base_url = wired, wired.ctx, base_url
        self.counts: Shared[dict[Stage, int]] = Shared(lambda: compose.counts(wired.ctx))
        self.risks: Shared[Risks] = Shared(lambda: read_risks(wired.ctx))
        self._env = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
        )
        self._env.filters.update(iso=_iso, utc=_utc, pretty=_pretty)
        self._env.globals.update(
            apps_page=APPS_PAGE,
            asset=_assets(),
            version=__version__,
            stages=STAGES,
            steps=STEPS,
            causes=CAUSES,
            remedies=REMEDIES,
        )

    @property
    def secure(self) -> bool:
        """Whether browsers reach this installation over https."""
        return self.base_url.startswith("https://")

    def text(self, template: str, **values: Any) -> str:
        """A rendered template."""
        return self._env.get_template(template).render(**values)

    def page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A rendered template as an answer."""
        return HTMLResponse(self.text(template, **values), status)

    def message(self, status: int, title: str, sentence: str, *, let_in: bool = True) -> HTMLResponse:
        """A page that says one thing. Words in backticks are shown as commands. `let_in`: it leads to the Pins."""
        parts = [(n % 2 == 1, part) for n, part in enumerate(sentence.split("`"))]
        return self.page("message.html", status, title=title, parts=parts, let_in=let_in and status != 401)


def _assets() -> Any:
    """A function from a file name below static/ to its address, with a digest of its bytes."""
    digests: dict[str, str] = {}
    for file in STATIC.rglob("*"):
        if file.suffix in {".css", ".js", ".svg"}:
            digests[file.relative_to(STATIC).as_posix()] = hashlib.sha256(file.read_bytes()).hexdigest()[:12]

    def asset(name: str) -> str:
        return f"/static/{name}?v={digests.get(name, '')}"

    return asset


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _pretty(native: Mapping[str, Any]) -> str:
    return json.dumps(native, indent=2, ensure_ascii=False)
