"""The virtual environment is made once, updated in place, and made afresh only when it must be."""

from pathlib import Path

import pytest

from tools import debian, environment


@pytest.fixture
def steps(tmp_path: Path, monkeypatch) -> list[str]:
    """What the set-up does, in a folder of its own and without pip."""
    done: list[str] = []
    (tmp_path / "requirements-dev.txt").write_text("one==1\n")
    (tmp_path / ".venv").mkdir()
    monkeypatch.setattr(environment, "STAMP", tmp_path / ".venv" / "stamp")
    monkeypatch.setattr(environment, "INPUTS", (tmp_path / "requirements-dev.txt",))
    monkeypatch.setattr(environment, "create", lambda: done.append("create"))
    monkeypatch.setattr(environment, "install", lambda: done.append("install"))
    return done


def test_the_first_time_it_is_made(steps):
    environment.set_up()
    assert steps == ["create", "install"]


def test_nothing_is_done_when_nothing_changed(steps):
    environment.set_up()
    environment.set_up()
    assert steps == ["create", "install"]


def test_changed_requirements_are_installed_in_place(steps):
    environment.set_up()
    environment.INPUTS[0].write_text("one==2\n")
    environment.set_up()
    assert steps == ["create", "install", "install"]


def test_another_python_starts_afresh(steps, monkeypatch):
    environment.set_up()
    monkeypatch.setattr("sys.version", "3.99.0")
    environment.set_up()
    assert steps == ["create", "install", "create", "install"]


def test_a_set_up_that_broke_off_starts_afresh(steps, monkeypatch):
    def fail() -> None:
        raise SystemExit("no network")

    with monkeypatch.context() as broken:
        broken.setattr(environment, "install", fail)
        with pytest.raises(SystemExit):
            environment.set_up()
    environment.set_up()
    assert steps == ["create", "create", "install"]


def test_a_python_that_is_too_old_is_refused_in_plain_words(monkeypatch):
    monkeypatch.setattr(environment, "OLDEST", (9, 9))
    with pytest.raises(SystemExit, match=r"needs Python 9\.9 or newer"):
        environment.main()


@pytest.mark.parametrize(("uv", "program"), [(None, "-m"), ("/usr/bin/uv", "pip")])
def test_every_package_is_checked_by_its_hash(uv, program, monkeypatch):
    commands: list[list[str]] = []
    monkeypatch.setattr(environment, "run", commands.append)
    monkeypatch.setattr("shutil.which", lambda _: uv)
    environment.install()
    packages, project = commands
    assert packages[1] == project[1] == program
    assert "--require-hashes" in packages
    assert {"--no-deps", "--no-build-isolation"} <= set(project)


def test_a_debian_without_venv_gets_it(monkeypatch):
    asked: list[str] = []
    monkeypatch.setattr(environment, "run", lambda _: None)
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setattr("shutil.rmtree", lambda *_, **__: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr(debian, "install", lambda package, _: asked.append(package))
    environment.create()
    assert asked == ["python3-venv"]
