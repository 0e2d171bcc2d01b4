"""What the pages load is what the npm lock asks for, byte by byte."""

import json
import shutil
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import pytest

from tools import assets

LOCK = json.loads((assets.ROOT / "package-lock.json").read_text())


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    return Path(shutil.copytree(assets.VENDOR, tmp_path / "vendor"))


def test_the_folder_holds_what_its_manifest_and_the_lock_say(vendor):
    assert assets.is_current(vendor, LOCK)
    shipped = {file.name for file in vendor.iterdir()} - {"manifest.json"}
    assert shipped == {*assets.SHIPPED, *assets.LICENCES_NOT_PACKED}


def test_every_script_and_style_comes_with_its_licence(vendor):
    for file in [*vendor.glob("*.min.js"), *vendor.glob("*.min.css")]:
        licence = vendor / f"{file.name.split('.')[0]}.LICENSE.txt"
        assert "without limitation" in licence.read_text() or "with or without fee" in licence.read_text()


def test_nothing_is_loaded_from_elsewhere(vendor):
    assert "@import" not in (vendor / "tabler.min.css").read_text()
    assert "url(http" not in (vendor / "tabler.min.css").read_text()


def test_a_changed_file_is_noticed(vendor):
    with (vendor / "htmx.min.js").open("a") as script:
        script.write("//")
    assert not assets.is_current(vendor, LOCK)


def test_a_missing_file_is_noticed(vendor):
    (vendor / "tabler.LICENSE.txt").unlink()
    assert not assets.is_current(vendor, LOCK)


def test_a_file_that_is_newly_wanted_is_noticed(vendor, monkeypatch):
    monkeypatch.setitem(assets.SHIPPED, "new.min.js", "htmx.org/dist/ext/hx-sse.min.js")
    assert not assets.is_current(vendor, LOCK)


def test_another_version_in_the_lock_is_noticed(vendor):
    lock = deepcopy(LOCK)
    lock["packages"]["node_modules/htmx.org"]["version"] = "4.0.999"
    assert not assets.is_current(vendor, lock)


def test_a_package_without_integrity_hash_is_refused():
    lock = deepcopy(LOCK)
    del lock["packages"]["node_modules/@vue/shared"]["integrity"]
    with pytest.raises(SystemExit, match="no integrity hash for node_modules/@vue/shared"):
        assets.refuse_unhashed(lock)


def test_a_package_that_is_not_what_the_lock_says_stops_the_build(tmp_path):
    """Runs in a copy of the tool's files, against the real npm."""
    for name in (*assets.NPM_FILES, "tools/__init__.py", "tools/assets.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(assets.ROOT / name, tmp_path / name)
    shutil.copytree(assets.LICENCES, tmp_path / "tools" / "licences")
    lock = deepcopy(LOCK)
    shared = lock["packages"]["node_modules/@vue/shared"]
    shared["integrity"] = "sha512-" + "A" * 86 + "=="
    (tmp_path / "package-lock.json").write_text(json.dumps(lock))
    done = subprocess.run(
        [sys.executable, "-m", "tools.assets"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "EINTEGRITY" in done.stderr
    assert not (tmp_path / "src").exists()
