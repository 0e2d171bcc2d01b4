"""The rules file is sound, and an unsound one is refused with the rule's id."""

from __future__ import annotations

import copy
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from steadypin.domain.failures import check_rules, rules
from steadypin.domain.rules.__main__ import main
from steadypin.domain.rules.fold import find, fold
from steadypin.domain.rules.model import BadRules, read_rules
from steadypin.domain.rules.pages import pages
from steadypin.domain.rules.policy import load_policy
from steadypin.domain.words import Remedy

DOCS = Path(__file__).parents[2] / "docs" / "failures"
DATA: dict[str, Any] = tomllib.loads(
    files("steadypin.domain.rules").joinpath("failures.toml").read_text("utf-8")
)


def changed(rule_id: str, **fields: Any) -> dict[str, Any]:
    data = copy.deepcopy(DATA)
    rule = next(rule for rule in data["rule"] if rule["id"] == rule_id)
    rule.update(fields)
    for key in [key for key, value in fields.items() if value is None]:
        del rule[key]
    return data


def test_the_shipped_rules_are_sound() -> None:
    assert check_rules() == []


@pytest.mark.parametrize(
    "field",
    [
        "id",
        "since",
        "rows",
        "level",
        "match",
        "cause",
        "remedy",
        "step",
        "title",
        "meaning",
        "fix",
        "by_itself",
        "evidence",
        "example",
    ],
)
def test_a_missing_field_is_refused(field: str) -> None:
    with pytest.raises(BadRules, match=r"^(board-not-found|rule number \d+): "):
        read_rules(changed("board-not-found", **{field: None}))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cause", "bord"),
        ("remedy", "retry"),
        ("step", "7"),
        ("level", "loud"),
        ("colour", "red"),
        ("match", {"anny": ["x"]}),
        ("leaves_doubt", "yes"),
        ("example", [{"statos": 1}]),
    ],
)
def test_an_unknown_word_is_refused(field: str, value: object) -> None:
    with pytest.raises(BadRules, match=r"^board-not-found: "):
        read_rules(changed("board-not-found", **{field: value}))


def test_a_dead_example_is_named() -> None:
    problems = check_rules(
        read_rules(changed("board-not-found", example=[{"status": 404, "body": "Pin not found."}]))
    )
    assert "board-not-found: example 1 leads to pin-not-found" in problems
    assert "board-not-found: unreachable by its own examples" in problems


def test_an_overlap_is_named() -> None:
    data = copy.deepcopy(DATA)
    twin = next(copy.deepcopy(rule) for rule in data["rule"] if rule["id"] == "image-too-small")
    data["rule"].append({**twin, "id": "image-too-tiny", "title": "Tiny"})
    assert "image-too-small: example 1 fits image-too-small and image-too-tiny equally well" in check_rules(
        read_rules(data)
    )


@pytest.mark.parametrize(
    ("rule_id", "fields", "problem"),
    [
        ("board-not-found", {"rows": ["85"]}, "board-not-found: unknown row 85"),
        ("board-not-found", {"evidence": ["Z"]}, "board-not-found: unknown evidence mark Z"),
        ("board-not-found", {"wait": "standard"}, "board-not-found: a wait belongs to retry_later, and only to it"),
        ("rate-limit", {"wait": "week"}, "rate-limit: unknown wait week"),
        ("token-refused", {"match": {"any": ["authentication failed"]}}, "token-refused: status 500 must never end a connection"),
        ("timeout-status-on-create", {"leaves_doubt": False}, "timeout-status-on-create: confirm without doubt"),
        ("rate-limit", {"title": "The video has no cover picture"}, "rate-limit: 2 rules have its title"),
    ],
)  # fmt: skip
def test_a_dangerous_or_unsound_rule_is_named(rule_id: str, fields: dict[str, Any], problem: str) -> None:
    problems = check_rules(read_rules(changed(rule_id, **fields)))
    assert any(problem.split(": ")[1] in found for found in problems), problems


def test_two_rules_never_share_an_id() -> None:
    assert any("2 rules have this id" in problem for problem in check_rules((*rules(), rules()[0])))


def test_the_pages_are_those_of_the_rules() -> None:
    made = pages()
    assert {path.name for path in DOCS.iterdir()} == set(made), "run: python -m steadypin.domain.rules"
    for name, text in made.items():
        assert (DOCS / name).read_text("utf-8") == text, "run: python -m steadypin.domain.rules"


def test_every_rule_has_a_linked_section() -> None:
    made = pages()
    whole = "\n".join(made.values())
    for rule in rules():
        assert whole.count(f'<a id="{rule.id}"></a>') == 1
        assert f"#{rule.id})" in made["README.md"]


def test_the_pages_are_written(tmp_path: Path) -> None:
    (tmp_path / "former.md").write_text("old")
    assert main([str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == set(pages())


def test_sentences_are_for_people() -> None:
    for rule in rules():
        for text in (rule.meaning, rule.fix, rule.by_itself):
            assert text[0].isupper(), rule.id
            assert text.endswith("."), rule.id
        assert not rule.title.endswith("."), rule.id
        assert max(len(sentence.split()) for sentence in rule.fix.split(". ")) <= 32, rule.id


def test_who_heals_it_is_addressed() -> None:
    for rule in rules():
        if rule.remedy is Remedy.OPERATOR:
            assert rule.fix.startswith("For the person who runs Steadypin"), rule.id
        if rule.remedy is Remedy.REPORT:
            assert "report" in rule.fix, rule.id


def test_waits_grow_and_the_last_one_repeats() -> None:
    policy = load_policy()
    assert [policy.wait_s("standard", tries) for tries in (1, 2, 7, 8, 99)] == [15, 60, 43200, 43200, 43200]
    assert policy.wait_s("", 0) == policy.wait_s("standard", 1)
    assert list(policy.waits["transient"]) == [900, 3600, 14400]
    assert policy.wait_s("spam", 1) >= 3600
    for steps in policy.waits.values():
        assert list(steps) == sorted(steps)


def test_folding_forgets_case_quotes_and_spaces() -> None:
    assert fold('It’s  \\"OK\\" :\n &quot;x&#39;') == "its ok:x"
    assert find("it's ok", fold("IT'S   OK")) == len("its ok")
    assert find("|rate|", "separate") == 0
    assert find("a … z", "a, b and z") > 0
