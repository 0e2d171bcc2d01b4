"""What Debian has to bring is installed for root, and named for everyone else."""

import subprocess

import pytest

from tools import debian


@pytest.fixture
def commands(monkeypatch) -> list[list[str]]:
    """The commands that would have run; the install fails when it is of `broken`."""
    seen: list[list[str]] = []

    def run(command, **_):
        seen.append(list(command))
        failed = "install" in command and command[-1] == "broken"
        return subprocess.CompletedProcess(
            command, 100 if failed else 0, "", "E: no such package" if failed else ""
        )

    monkeypatch.setattr("subprocess.run", run)
    monkeypatch.setattr("shutil.which", lambda program: "/usr/bin/apt-get" if program == "apt-get" else None)
    return seen


def test_root_gets_it_installed(commands, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    debian.install("chromium", "for the tests of the pages")
    assert [command[-1] for command in commands] == ["update", "chromium"]


def test_anyone_else_is_told_the_one_command(commands, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(SystemExit, match="sudo apt-get install chromium"):
        debian.install("chromium", "for the tests of the pages")
    assert commands == []


def test_a_failed_install_ends_the_program_with_its_words(commands, monkeypatch, capsys):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    with pytest.raises(SystemExit, match="broken could not be installed"):
        debian.install("broken", "for nothing")
    assert "no such package" in capsys.readouterr().err


def test_a_system_without_apt_is_told_what_is_missing(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(SystemExit, match="package manager"):
        debian.install("chromium", "for the tests of the pages")


def test_an_unknown_name_is_refused():
    with pytest.raises(SystemExit, match="knows chromium, not 'firefox'"):
        debian.main(["firefox"])
