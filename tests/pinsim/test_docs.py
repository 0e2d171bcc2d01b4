"""docs/simulator.md names everything there is to use, and pinsim keeps to itself."""

import ast
import re
import sys
from pathlib import Path

import pytest

import pinsim
from pinsim.control.acts import ACTS
from pinsim.control.routes import PATHS
from pinsim.faults import MEMBERS, WHERE
from pinsim.switches import Switches
from pinsim.troubles import INCIDENT, REPLIES
from pinsim.web.routes import PLACES
from pinsim.web.signing import SHAPES

_ROOT = Path(__file__).parents[2]
_PAGE = (_ROOT / "docs" / "simulator.md").read_text()


@pytest.mark.parametrize(
    "name", [*Switches().as_dict(), *ACTS, *REPLIES, *sorted(MEMBERS), *sorted(WHERE), *INCIDENT]
)
def test_the_page_names_it(name: str):
    assert f"`{name}`" in _PAGE


@pytest.mark.parametrize("name", ACTS)
def test_the_page_names_what_an_act_takes(name: str):
    row = next(line for line in _PAGE.splitlines() if line.startswith("|") and f"`{name}`" in line)
    takes = set(ACTS[name].takes)
    if "board" in takes:  # `account` narrows every board, as the text above the table says
        takes.discard("account")
    assert {member for member in takes if f"`{member}`" not in row} == set()


@pytest.mark.parametrize("place", PLACES)
def test_the_page_names_the_place_of_the_web(place: str):
    assert re.search(rf"`/web/{re.escape(place)}[`/?]", _PAGE)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_page_names_the_shape_of_signature(shape: str):
    assert f"`{shape}`" in _PAGE


@pytest.mark.parametrize("path", PATHS)
def test_the_page_names_the_control_route(path: str):
    assert f"/_sim{path}" in _PAGE


def test_the_package_imports_nothing_but_aiohttp_pillow_and_the_standard_library():
    allowed = {"pinsim", "aiohttp", "PIL", *sys.stdlib_module_names}
    for file in Path(pinsim.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert {name.split(".")[0] for name in names} <= allowed, file
