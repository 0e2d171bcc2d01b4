"""Settings: one table of every variable, read once from the environment that is handed in.

    load(environ) -> Settings        as_markdown() -> docs/settings.md

A bad value, an unknown STEADYPIN_ name or a contradiction raises SettingsError, with all its sentences at once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from steadypin.settings.table import PREFIX, TABLE, Setting

_FOR_TESTS = f"{PREFIX}TEST_"
RECORD_MARGIN_S = 3.0
"""What must be left of a Lane's lease after the longest reply, to record it."""


class SettingsError(ValueError):
    """The service cannot be set up like this. `sentences` has one entry for each thing to correct."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = tuple(sentences)


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, parsed. Durations end in `_s` (seconds), sizes are in bytes; `sources` says where each came from."""

    data_dir: Path
    database_url: str
    secret_key: str | None
    base_url: str
    bind: tuple[str, int]
    app_id: str | None
    app_secret: str | None
    api_url: str
    consent_url: str
    sandbox_url: str
    fetch_allow: tuple[str, ...]
    lane_lease_s: float
    worker_lanes: int
    publish_timeout_s: float
    bytes_in_flight: int
    looks_s: tuple[float, ...]
    look_margin_s: float
    twin_looks_s: tuple[float, ...]
    link_marker: bool
    daily_cap: int
    least_spacing_s: float
    quiet_hours: str | None
    time_zone: str
    late_grace_s: float
    access_tier: str
    log_format: str
    log_level: str
    sources: Mapping[str, str]

    @property
    def socket_path(self) -> Path:
        """Where the command line reaches the running server."""
        return self.data_dir / "steadypin.sock"

    def shown(self) -> list[tuple[str, str, str]]:
        """(variable, value, where it came from) of each setting, without secrets."""
        return [
            (setting.name, _show(setting, getattr(self, setting.field)), self.sources[setting.name])
            for setting in TABLE
        ]

    def __repr__(self) -> str:
        return f"Settings({', '.join(f'{name}={value!r}' for name, value, _ in self.shown())})"


def load(environ: Mapping[str, str]) -> Settings:
    """The settings in these variables. `X_FILE` reads X from a file; an empty value counts as not given.

    Raises SettingsError.
    """
    troubles = _unknown(environ)
    texts: dict[str, str] = {}
    sources: dict[str, str] = {}
    values: dict[str, Any] = {}
    for setting in TABLE:
        try:
            texts[setting.name], sources[setting.name] = _given(setting, environ)
            text = texts[setting.name]
            values[setting.field] = setting.parse(text) if text else None
        except ValueError as error:
            troubles.append(_refuse(setting, texts.get(setting.name, ""), error))
    if not troubles:
        _fill_in(values)
        troubles = _contradictions(values)
    if troubles:
        raise SettingsError(troubles)
    return Settings(**values, sources=sources)


class _Unreadable(ValueError):
    """The sentence is whole already."""


def _given(setting: Setting, environ: Mapping[str, str]) -> tuple[str, str]:
    plain, file = environ.get(setting.name, "").strip(), environ.get(f"{setting.name}_FILE", "").strip()
    if plain and file:
        raise _Unreadable(f"{setting.name} and {setting.name}_FILE are both set. Remove one of them.")
    if plain:
        return plain, "environment"
    if not file:
        return setting.default, "default"
    try:
        return Path(file).expanduser().read_text(encoding="utf-8").strip(), file
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise _Unreadable(
            f"{setting.name}_FILE names {file}, which cannot be read ({reason}). Correct the path, or let this user read it."
        ) from None


def _refuse(setting: Setting, text: str, error: ValueError) -> str:
    if isinstance(error, _Unreadable):
        return str(error)
    shown = (
        "has a value that cannot be used"
        if setting.secret
        else f"is '{_hide_password(text)}', which cannot be used"
    )
    return f"{setting.name} {shown}. It takes {error}."


def _unknown(environ: Mapping[str, str]) -> list[str]:
    names = {setting.name for setting in TABLE}
    known = names | {f"{name}_FILE" for name in names}
    sentences = []
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known and not name.startswith(_FOR_TESTS):
            near = get_close_matches(name, sorted(known), n=1, cutoff=0.6)
            hint = f"Did you mean {near[0]}?" if near else "`steadypin settings` lists them all."
            sentences.append(f"There is no setting named {name}. {hint} Correct the name, or remove it.")
    return sentences


def _fill_in(values: dict[str, Any]) -> None:
    if values["data_dir"] is None:
        from platformdirs import user_data_path

        values["data_dir"] = user_data_path("steadypin", appauthor=False)
    if values["database_url"] is None:
        values["database_url"] = f"sqlite:///{values['data_dir'] / 'steadypin.db'}"
    if values["base_url"] is None:
        host, port = values["bind"]
        reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
        values["base_url"] = f"http://{f'[{reached}]' if ':' in reached else reached}:{port}"
    values["fetch_allow"] = values["fetch_allow"] or ()


def _contradictions(values: Mapping[str, Any]) -> list[str]:
    sentences = []
    timeout, lease = values["publish_timeout_s"], values["lane_lease_s"]
    if timeout + RECORD_MARGIN_S >= lease:
        sentences.append(
            f"STEADYPIN_PUBLISH_TIMEOUT_S ({timeout:g}) and the {RECORD_MARGIN_S:g} s to record the reply do not fit into "
            f"STEADYPIN_LANE_LEASE_S ({lease:g}): two workers could send the same Pin. "
            f"Set the lease to {math.floor(timeout + RECORD_MARGIN_S) + 1} or more, or the timeout lower."
        )
    if (values["app_id"] is None) != (values["app_secret"] is None):
        missing = (
            "STEADYPIN_PINTEREST_APP_SECRET" if values["app_secret"] is None else "STEADYPIN_PINTEREST_APP_ID"
        )
        sentences.append(
            f"{missing} is missing. Pinterest knows an app by its id and its secret: set both, or neither."
        )
    return sentences


def _show(setting: Setting, value: Any) -> str:
    if value is None or value == ():
        return ""
    if setting.secret:
        return "(hidden)"
    if setting.field == "bind":
        host, port = value
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ",".join(f"{item:g}" if isinstance(item, float) else item for item in value)
    if isinstance(value, float):
        return f"{value:.15g}"
    return _hide_password(str(value))


def _hide_password(text: str) -> str:
    return re.sub(r"(://[^/@:\s]*):[^@\s]*@", r"\1:(hidden)@", text)


def as_markdown() -> str:
    """The text of docs/settings.md."""
    lines = [
        "# Settings",
        "",
        "Every setting is an environment variable. `X_FILE` reads the value of `X` from a file, for secrets that a container",
        "mounts. An empty variable counts as not set. A bad value, or a name that does not exist, stops the start with a",
        "sentence that says what is allowed. `steadypin settings` shows what is in force, without secrets.",
        "",
        "| variable | default | what it does |",
        "| --- | --- | --- |",
    ]
    for setting in TABLE:
        default = setting.default_doc or f"`{setting.default}`"
        lines.append(f"| `{setting.name}` | {default} | {setting.doc} |")
    return "\n".join(lines) + "\n"


assert {setting.field for setting in TABLE} | {"sources"} == {field.name for field in fields(Settings)}
