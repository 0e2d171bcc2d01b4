"""The docs say what is there: links lead somewhere, commands, targets and settings exist, no machine is named."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from steadypin.cli.app import app
from steadypin.domain.words import Cause, Remedy, Stage
from steadypin.settings.table import TABLE

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "src" / "pinsim" / "README.md"])
PROSE = [page for page in PAGES if "failures" not in page.parts]
LATER: set[Path] = set()
"""Pages that are announced, and written when there is something to say."""

_FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.M | re.S)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")
_MACHINES = re.compile(r"(?:^|[\s`'\"(=])(/(?:home|root|work|Users|mnt|srv|usr/local)/)")
_REGISTRIES = re.compile(
    r"pypi\.org|pythonhosted|npmjs|registry\.|files\.python|artifactory|proxy\.golang", re.I
)

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
each_text = pytest.mark.parametrize("page", PROSE, ids=lambda page: str(page.relative_to(ROOT)))


@each_page
def test_links_lead_somewhere(page: Path):
    for link in _LINK.findall(without_fences(page.read_text("utf-8"))):
        if "://" in link:
            continue
        path, _, place = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if target in LATER:
            continue
        assert target.exists(), f"{link} leads nowhere"
        assert not place or place in anchors(target), f"{link}: there is no such heading"


@each_text
def test_named_targets_are_the_makefile_s(page: Path):
    known = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    for line in commands(page, "make"):
        targets = [word for word in line[1:] if "=" not in word]
        assert set(targets) <= known, " ".join(line)


@each_text
def test_named_commands_and_options_exist(page: Path):
    for line in commands(page, "steadypin"):
        command, words = find_command(line[1:])
        for word in words:
            if word.startswith("--"):
                assert word.partition("=")[0] in options(command), " ".join(line)


@each_text
def test_named_settings_exist(page: Path):
    known = {setting.name for setting in TABLE} | {f"{setting.name}_FILE" for setting in TABLE}
    mine = {"STEADYPIN_KEY"}  # a name for the reader's own API key, in the examples of the API
    assert set(re.findall(r"STEADYPIN_[A-Z_]*[A-Z]", page.read_text("utf-8"))) <= known | mine


@each_page
def test_no_registry_and_no_folder_of_a_machine_is_named(page: Path):
    text = page.read_text("utf-8")
    assert not _REGISTRIES.search(text)
    assert not _MACHINES.search(text)


def test_every_page_is_in_the_index():
    index = (ROOT / "docs" / "README.md").read_text("utf-8") + (ROOT / "docs/decisions/README.md").read_text(
        "utf-8"
    )
    for page in (ROOT / "docs").rglob("*.md"):
        if page.name != "README.md" and "failures" not in page.parts:
            assert f"{page.name})" in index, page


def test_the_first_commands_of_the_readme_are_the_makefile_s():
    _, first = next(fences((ROOT / "README.md").read_text("utf-8")))
    assert first.split("\n") == ["make demo", "make test", ""]


def test_the_readme_counts_the_error_reference_right():
    count = re.search(r"(\d+) explanations", (ROOT / "docs" / "failures" / "README.md").read_text("utf-8"))
    assert count is not None
    assert f"[{count[1]} known answers" in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("word", [*Stage, *Cause, *Remedy])
def test_the_glossary_has_every_fixed_word(word: str):
    assert f"| `{word}` |" in (ROOT / "docs" / "glossary.md").read_text("utf-8")


@pytest.mark.parametrize(
    "page", sorted((ROOT / "docs" / "decisions").glob("*-*.md")), ids=lambda page: page.stem
)
def test_a_decision_says_what_why_and_at_what_cost(page: Path):
    text = page.read_text("utf-8")
    assert re.search(r"^\d{4}-\d\d-\d\d$", text, re.M)
    assert all(f"**{word}" in text for word in ("Decision.", "Why.", "Cost."))


def commands(page: Path, program: str) -> Iterator[list[str]]:
    """The command lines of a page that call this program, from its fences and its code words."""
    text = page.read_text("utf-8")
    lines = [
        line for kind, body in fences(text) if kind == "sh" for line in body.replace("\\\n", " ").split("\n")
    ]
    for line in [*lines, *_CODE.findall(without_fences(text))]:
        words = split(line)
        while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
            words = words[1:]
        if words[:1] == [program] and len(words) > 1:
            yield words


def split(line: str) -> list[str]:
    try:
        return shlex.split(line, comments=True)
    except ValueError:  # a sentence with an apostrophe is no command
        return []


def find_command(words: list[str]) -> tuple[Any, list[str]]:
    """The command that these words name, and what follows it. Upper-case words stand for any command."""
    found: Any = typer.main.get_command(app)
    while words and hasattr(found, "commands") and not words[0].startswith("-"):
        if words[0].isupper() or words[0] == "…":
            break
        assert words[0] in found.commands, f"there is no command {' '.join(words)}"
        found, words = found.commands[words[0]], words[1:]
    return found, words


def options(command: Any) -> set[str]:
    return {"--help", "--json", "--debug"} | {name for each in command.params for name in each.opts}


def fences(text: str) -> Iterator[tuple[str, str]]:
    for found in _FENCE.finditer(text):
        yield found[1], found[2]


def without_fences(text: str) -> str:
    return _FENCE.sub("", text)


def anchors(page: Path) -> set[str]:
    """The names by which the headings of a page, and its explicit anchors, can be linked."""
    text = without_fences(page.read_text("utf-8"))
    headings = re.findall(r"^#+ +(.+?) *$", text, re.M)
    return {slug(heading) for heading in headings} | set(re.findall(r'<a (?:id|name)="([^"]+)"', text))


def slug(heading: str) -> str:
    """As code forges make it: lower case, punctuation gone, blanks become hyphens."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
