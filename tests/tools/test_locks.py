"""The locks fix every byte that is installed, and say nothing of where it came from."""

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ("requirements.txt", "requirements-dev.txt")
NPM_LOCK = json.loads((ROOT / "package-lock.json").read_text())
NPM_PACKAGES = {name: package for name, package in NPM_LOCK["packages"].items() if name}


def pins(file: str) -> dict[str, str]:
    """Package name → the lines that pin it."""
    text = (ROOT / file).read_text().replace("\\\n", " ")
    return {re.split(r"[=;\s]", line, maxsplit=1)[0]: line for line in text.splitlines()}


@pytest.mark.parametrize("file", REQUIREMENTS)
def test_every_requirement_is_one_version_with_its_hashes(file):
    for name, line in pins(file).items():
        assert re.match(r"[a-z0-9-]+==\S+ ", line), line
        assert "--hash=sha256:" in line, name


@pytest.mark.parametrize("file", [*REQUIREMENTS, ".npmrc"])
def test_a_python_lock_names_no_address(file):
    assert "//" not in (ROOT / file).read_text()
    assert "index" not in (ROOT / file).read_text()


def test_what_runs_is_the_same_with_the_tools_and_without():
    runtime, development = pins("requirements.txt"), pins("requirements-dev.txt")
    assert {name: development.get(name) for name in runtime} == runtime


@pytest.mark.parametrize(("file", "extras"), [("requirements.txt", []), ("requirements-dev.txt", ["dev"])])
def test_the_lock_has_every_dependency_of_the_project(file, extras):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + [
        one for extra in extras for one in project["optional-dependencies"][extra]
    ]
    assert {re.split(r"[\[>=]", one)[0] for one in wanted} <= pins(file).keys()


@pytest.mark.parametrize("name", NPM_PACKAGES)
def test_every_npm_package_has_an_integrity_hash_and_no_address(name):
    assert NPM_PACKAGES[name]["integrity"].startswith("sha512-")
    assert "resolved" not in NPM_PACKAGES[name]


def test_npm_versions_are_exact():
    asked = json.loads((ROOT / "package.json").read_text())["dependencies"]
    assert asked == {name: NPM_PACKAGES[f"node_modules/{name}"]["version"] for name in asked}
