"""docs/checks.md names every check of texts and links, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from steadypin.domain.link_checks import RISKS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "checks.md").read_text("utf-8")
DOMAIN = ROOT / "src" / "steadypin" / "domain"


def test_the_page_names_the_checks_of_links() -> None:
    code = "".join(
        (DOMAIN / f"link_{part}.py").read_text("utf-8") for part in ("shape", "checks", "troubles")
    )
    assert set(re.findall(r'"(link\.[a-z_]+)"', code)) == set(re.findall(r"`(link\.[a-z_]+)`", PAGE))


def test_the_page_names_the_checks_of_texts() -> None:
    code = (DOMAIN / "text_checks.py").read_text("utf-8")
    checks = set(re.findall(r'(?:_blocker|_warning)\(\s*(?:field|"\w+"),\s*"(\w+)"', code)) | {"spaces"}
    assert checks == set(re.findall(r"`\.([a-z_]+)`", PAGE))


def test_the_page_names_what_puts_a_pin_at_risk() -> None:
    paragraph = PAGE.partition("Warnings that put a Pin at risk")[2].partition("##")[0]
    assert set(re.findall(r"`(link\.[a-z_]+)`", paragraph)) == RISKS
