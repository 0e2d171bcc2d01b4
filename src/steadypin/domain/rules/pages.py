"""docs/failures/ from the data: an index, and one page a step with a section for every rule.

A rule's section is linked as `docs/failures/<page>.md#<rule id>`; ids never change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from steadypin.domain.failures import Failure, classify
from steadypin.domain.rules.checks import native_of
from steadypin.domain.rules.model import Example, Rule, load_aliases, load_rules
from steadypin.domain.words import Remedy, Step

PAGES: Mapping[Step | None, tuple[str, str]] = {
    Step.COMPOSE: ("1-compose", "1 · Compose"),
    Step.TOKEN_AND_SCOPES: ("2-token-and-scopes", "2 · Token and scopes"),
    Step.BOARD: ("3-board", "3 · Board"),
    Step.MEDIA_AND_TEXT: ("4-media-and-text", "4 · Media and text"),
    Step.VIDEO_PROCESSING: ("5-video-processing", "5 · Video processing"),
    Step.PUBLISH: ("6-publish", "6 · Publish"),
    None: ("any-step", "At any step"),
}

HEALS: Mapping[Remedy, str] = {
    Remedy.RECONNECT: "The account's owner, by reconnecting the account.",
    Remedy.FIX_INPUT: "You, by changing the Pin or the account.",
    Remedy.RETRY_LATER: "Time. Steadypin tries again by itself.",
    Remedy.OPERATOR: "The person who runs Steadypin. Account owners need to do nothing.",
    Remedy.CONFIRM: "Steadypin, by looking at Pinterest. You only if it cannot tell.",
    Remedy.REPORT: "The people who make Steadypin. Please report it.",
}

MARKS: Mapping[str, str] = {
    "S": "Pinterest's official API description",
    "S-old": "an earlier release of that description",
    "S-5.28": "its list of changes up to release 5.28",
    "D": "Pinterest's developer pages",
    "H": "Pinterest's help pages",
    "Q": "Pinterest's own sample code",
    "R": "reports from live use",
    "I": "our own conclusion",
}

_NOTICE = (
    "<!-- Made from src/steadypin/domain/rules/failures.toml by `python -m steadypin.domain.rules`. -->\n"
)

_OPENING = """\
Every answer of Pinterest, and every kind of silence, leads to one of these {count} explanations.
Each says what it means, who heals it, what to do now and what Steadypin does by itself.
To find yours, paste the error into `steadypin explain`, or look it up here.
"""


def pages() -> dict[str, str]:
    """Every file of docs/failures/: its name and its whole text."""
    rules = load_rules()
    made = {"README.md": _index(rules)}
    for step, (name, title) in PAGES.items():
        own = [rule for rule in rules if rule.step is step]
        if own:
            made[f"{name}.md"] = _page(title, own)
    return made


def address(rule: Rule) -> str:
    """Where a rule is explained, relative to docs/failures/."""
    return f"{PAGES[rule.step][0]}.md#{rule.id}"


def _index(rules: tuple[Rule, ...]) -> str:
    lines = [
        _NOTICE,
        "# What went wrong, and what to do\n",
        _OPENING.format(count=len(rules)),
        "Steps are the six steps of publishing a Pin. *Who heals it* is the remedy that the API and the pages show.\n",
        "## By a common name\n",
        "| Name | Explanation |",
        "| --- | --- |",
    ]
    by_id = {rule.id: rule for rule in rules}
    lines += [
        f"| {name} | [{by_id[target].title}]({address(by_id[target])}) |"
        for name, target in load_aliases().items()
    ]
    for step, (_, title) in PAGES.items():
        own = [rule for rule in rules if rule.step is step]
        if own:
            lines += ["", f"## {title}\n", "| What happened | Cause | Remedy |", "| --- | --- | --- |"]
            lines += [f"| [{rule.title}]({address(rule)}) | {rule.cause} | {rule.remedy} |" for rule in own]
    lines += ["", "## How sure we are\n"]
    lines += [f"- **{mark}**: {source}" for mark, source in MARKS.items()]
    return "\n".join(lines) + "\n"


def _page(title: str, rules: Iterable[Rule]) -> str:
    return "\n".join(
        [_NOTICE, f"# {title}\n", "[All failures](README.md)\n", *(_section(rule) for rule in rules)]
    )


def _section(rule: Rule) -> str:
    shown = classify(native_of(rule.examples[0]), environment=rule.examples[0].environment)
    parts = [
        f'<a id="{rule.id}"></a>\n\n## {rule.title}\n',
        f"Rule `{rule.id}` · cause `{rule.cause}` · remedy `{rule.remedy}` · since {rule.since}\n",
        f"**What it means.** {shown.meaning}\n",
        f"**Who heals it.** {HEALS[rule.remedy]}\n",
        f"**What to do.** {shown.fix}\n",
        f"**What Steadypin does by itself.** {shown.by_itself}\n",
        *_doubt(shown),
        "**How it looks.**\n",
        "\n\n".join(_example(example) for example in rule.examples),
        "",
        f"**How we know.** {_evidence(rule)}\n",
    ]
    return "\n".join(parts)


def _doubt(shown: Failure) -> list[str]:
    if not shown.leaves_doubt:
        return []
    return [
        "**Careful.** This answer does not prove that nothing was made. Look before you send anything again.\n"
    ]


def _example(example: Example) -> str:
    where = f"`{example.endpoint}`" if example.endpoint else "Any call"
    if example.environment != "production":
        where += f" ({example.environment})"
    if example.exception is not None:
        head, body = "no answer", f"{example.exception}: {example.body}".removesuffix(": ")
    else:
        head, body = f"status {example.status}" if example.status else "text only", example.body or "(empty)"
    return f"{where}, {head}:\n\n```\n{body}\n```"


def _evidence(rule: Rule) -> str:
    sources = "; ".join(f"{MARKS[mark]} ({mark})" for mark in rule.evidence)
    rows = f" Catalogue of errors: {', '.join(rule.rows)}." if rule.rows else ""
    return f"{sources[:1].upper()}{sources[1:]}.{rows}"
