"""Exit codes, sentences, JSON: what scripts and people rely on, whatever the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import typer

from steadypin.cli import manual
from steadypin.cli.app import app
from steadypin.cli.failures import Failed, told
from steadypin.cli.shell import Shell, clean
from steadypin.cli.shown import moment, pin_news, pin_waits
from tests.cli.conftest import Cli

ROOT = Path(__file__).resolve().parents[2]


def commands(group: object, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, each in group.commands.items():  # type: ignore[attr-defined]
        if getattr(each, "invoke_without_command", True):
            found.append((*path, name))
        found += commands(each, (*path, name)) if hasattr(each, "commands") else []
    return found


EVERY = commands(typer.main.get_command(app))


def test_the_manual_is_what_the_commands_say():
    page = (ROOT / "docs" / "cli.md").read_text("utf-8")
    assert page == manual.as_markdown(app), "python -m steadypin.cli.manual > docs/cli.md"


@pytest.mark.parametrize(
    "promised",
    [
        "serve",
        "worker",
        "demo",
        "connect",
        "connections",
        "connections/budget",
        "connections/limits",
        "import",
        "pause",
        "resume",
        "doctor",
        "settings",
        "explain",
        "errors",
        "migrate",
        "backup",
        "restore",
        "pins/list",
        "pins/show",
        "pins/create",
        "pins/edit",
        "pins/reschedule",
        "pins/cancel",
        "pins/retry",
        "pins/resolve",
        "pins/attempts",
        "keys/create",
        "keys/list",
        "keys/revoke",
        "sim/serve",
        "boards/list",
        "boards/sync",
        "open",
    ],
)
def test_every_promised_command_is_there(promised: str):
    assert tuple(promised.split("/")) in EVERY


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_every_command_explains_itself_and_takes_json(alone: Cli, path: tuple[str, ...]):
    told = alone(*path, "--help")
    assert told.code == 0
    assert "--json" in told.out
    assert told.err == ""


def test_help_comes_fast():
    began = time.perf_counter()
    shown = subprocess.run(
        [sys.executable, "-c", "from steadypin.cli import main; main(['--help'])"],
        capture_output=True,
        text=True,
        env=_env(),
    )
    assert shown.returncode == 0
    assert "explain" in shown.stdout
    assert time.perf_counter() - began < 3  # 0.15 s on a quiet machine; what counts is the next test


def test_help_loads_nothing_heavy():
    heavy = "{'sqlalchemy', 'aiohttp', 'fastapi', 'PIL', 'uvicorn', 'cryptography', 'asyncio'}"
    code = f"import sys\nfrom steadypin.cli.app import run\nrun(['--help'])\nassert not {heavy} & set(sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=_env())
    assert shown.returncode == 0, shown.stderr


def test_a_pipe_that_is_closed_early_is_no_error():
    line = f"{sys.executable} -c \"from steadypin.cli import main; main(['errors', '--json'])\" | head -c 10"
    shown = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}"], capture_output=True, text=True, env=_env()
    )
    assert (shown.returncode, shown.stderr) == (0, "")


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        (["nonsense"], 2, "No such command"),
        (["pins", "lst"], 2, "Did you mean 'list'"),
        (["pins", "list", "--stage", "lost"], 2, "'scheduled'"),
        (["pins", "create"], 2, "--board"),
        (["pins", "show", "no/id"], 4, "There is no Pin 'no/id'"),
        (["errors", "no-such-rule"], 4, "no rule"),
        (["import", "/nowhere.csv"], 4, "/nowhere.csv"),
    ],
)
def test_a_refusal_is_a_sentence_and_a_code(alone: Cli, words: list[str], code: int, part: str):
    plain = alone(*words)
    assert plain.code == code
    assert part in plain.err
    assert plain.out == ""
    assert "Traceback" not in plain.err
    as_json = alone(*words, "--json")
    assert as_json.code == code
    assert as_json.err == ""
    assert part in as_json.json["error"]["sentence"]
    assert as_json.json["error"]["exit_code"] == code


def test_bad_settings_stop_every_command_that_needs_them(alone: Cli, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("STEADYPIN_DALY_CAP", "3")
    told = alone("pins", "list")
    assert told.code == 3
    assert "Did you mean STEADYPIN_DAILY_CAP?" in told.err


@pytest.mark.parametrize(
    ("variable", "value", "part"),
    [
        ("STEADYPIN_DATA_DIR", "/proc/nothing", "/proc/nothing"),
        ("STEADYPIN_DATABASE_URL", "sqlite:////proc/nothing/x.db", "/proc/nothing"),
    ],
)
def test_a_folder_that_cannot_be_used_is_a_sentence(
    alone: Cli, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, part: str
):
    monkeypatch.setenv(variable, value)
    told = alone("pins", "list")
    assert told.code == 3
    assert part in told.err
    assert "Traceback" not in told.err


def test_a_damaged_database_is_a_sentence(alone: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "steadypin.db").write_bytes(b"no database at all, not even a little" * 100)
    told = alone("pins", "list")
    assert told.code == 3
    assert "damaged" in told.err


def test_a_wrong_secret_key_is_a_sentence(alone: Cli, tmp_path: Path):
    assert alone("connections").code == 0
    key = tmp_path / "data" / "secret.key"
    key.chmod(0o600)
    key.write_text("A" * 43 + "=\n")
    told = alone("connections")
    assert told.code == 3
    assert "secret key" in told.err


def test_an_unexpected_error_is_short_and_names_debug():
    failed = told(ZeroDivisionError("division by zero"))
    assert failed.code == 3
    assert "--debug" in failed.sentence


def test_what_others_wrote_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]):
    assert clean("a\x1b[2Jb\x07\x9b\n\tc") == "a\ufffd[2Jb\ufffd\ufffd\n\tc"
    shell = Shell()
    shell.table(("Title",), [("[bold]x[/bold] \x1b]0;evil\x07",)])
    shell.say("[link=file:///etc/passwd]x[/link]")
    shell.fail(Failed(4, "\x1b[31m[red]"))
    printed = capsys.readouterr()
    assert "[bold]x[/bold]" in printed.out
    assert "[link=file:///etc/passwd]" in printed.out
    assert "\x1b" not in printed.out + printed.err


def test_settings_are_shown_without_secrets(alone: Cli, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("STEADYPIN_SECRET_KEY", "hush")
    for words in (("settings",), ("settings", "--json")):
        shown = alone(*words)
        assert shown.code == 0
        assert "hush" not in shown.out
        assert "STEADYPIN_LANE_LEASE_S" in shown.out


def _env() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "src")}


def test_explain_answers_with_the_promised_keys(alone: Cli):
    body = json.dumps({"code": 3, "message": "Missing: [pins:write]"})
    found = alone("explain", "--body", body, "--status", "401", "--endpoint", "pins/create", "--json")
    assert found.code == 0
    assert set(found.json) >= {"cause", "remedy", "step", "rule", "title", "meaning", "fix", "native"}
    assert (found.json["cause"], found.json["remedy"], found.json["step"]) == ("scope", "reconnect", 2)
    assert found.json["native"]["status"] == 401
    plain = alone("explain", "--body", body, "--status", "401")
    assert "pins:write" in plain.out


@pytest.mark.parametrize(
    ("body", "doubt"), [('{"code": 2, "message": "Authentication failed."}', False), ("", True)]
)
def test_explain_says_when_something_may_have_been_made_all_the_same(alone: Cli, body: str, doubt: bool):
    words = ("explain", "--body", body, "--status", "401", "--endpoint", "pins/create")
    assert alone(*words, "--json").json["leaves_doubt"] is doubt
    assert ("Look before you send anything again." in alone(*words).out) is doubt


@pytest.mark.parametrize(
    ("problem", "because", "said"),
    [
        ("Too many calls", "Too many calls", "Next try at {at}, because: Too many calls"),
        (None, "the daily cap", "Waits until {at}, because: the daily cap"),
        (None, None, "Waits until {at}"),
    ],
)
def test_a_pin_that_waits_says_until_when_and_why(problem: str | None, because: str | None, said: str):
    until = "2026-03-01T09:05:00Z"
    pin = {"problem": problem, "deferred_until": until, "deferred_because": because}
    assert pin_waits(pin) == said.format(at=moment(until))
    rest: dict[str, Any] = {"twin_ids": [], "cancel_requested_at": None, "at_risk": False}
    assert pin_news({**pin, **rest}) == f"{pin_waits(pin)}."
    risk = {"at_risk": True, "at_risk_because": "It is disconnected.", "at_risk_fix": "Connect it again."}
    assert pin_news({**pin, **rest, **risk}) == "At risk: It is disconnected. Connect it again."
    assert pin_waits({**pin, "deferred_until": None}) == ""


def test_explain_reads_a_file(alone: Cli, tmp_path: Path):
    (tmp_path / "error.txt").write_text("HTTP/1.1 429 Too Many Requests")
    found = alone("explain", str(tmp_path / "error.txt"), "--json")
    assert found.json["cause"] == "rate_limit"


def test_errors_lists_the_reference_and_shows_one(alone: Cli):
    listed = alone("errors", "--json").json["items"]
    assert len(listed) > 50
    assert alone("errors", listed[0]["rule"], "--json").json == listed[0]
    assert alone("errors", "429", "--json").json["cause"] == "rate_limit"
