"""What the import contracts in pyproject.toml cannot say."""

import ast
import sys
from pathlib import Path

import pytest

DOMAIN = Path(__file__).resolve().parents[2] / "src" / "steadypin" / "domain"
OUTSIDE = {
    "asyncio",
    "os",
    "random",
    "secrets",
    "shutil",
    "socket",
    "sqlite3",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib.request",
}


def imported(file: Path) -> set[str]:
    tree = ast.parse(file.read_text())
    plain = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize("file", sorted(DOMAIN.rglob("*.py")), ids=lambda file: str(file.relative_to(DOMAIN)))
def test_the_domain_has_the_standard_library_only_and_no_clock_chance_or_io(file):
    foreign = {name for name in imported(file) if name.split(".")[0] not in sys.stdlib_module_names}
    assert {name for name in foreign if not name.startswith("steadypin.domain")} == set()
    assert imported(file) & OUTSIDE == set()
