"""Takes pictures of the page with made-up rows: `python -m tests.web.pictures FOLDER`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from steadypin.services import connecting
from tests.support.rig import rig
from tests.web.serving import serving, setup_address
from tests.web.showcase import fill, lose_a_board, put_at_risk, refused_for_trial
from tests.web.visitor import QUIET

SIZES = {"desktop": (1280, 900), "phone": (390, 844)}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        with rig(f"sqlite:///{home / 'pictures.db'}", home) as made:
            fill(made)
            garden = lose_a_board(made)
            risky = put_at_risk(made)[0]
            refused_for_trial(made)
            first = next(each.id for each in connecting.listing(made.ctx) if each.id != risky.connection_id)
            remap = f"connections/{first}/boards/{garden}/remap"
            target = next(each.id for each in connecting.boards_of(made.ctx, first) if each.id != garden)
            with serving(made.wired) as base_url, sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
                for size, (width, height) in SIZES.items():
                    for scheme in ("light", "dark"):
                        context = browser.new_context(
                            viewport={"width": width, "height": height},
                            color_scheme="dark" if scheme == "dark" else "light",
                            device_scale_factor=2,
                            locale="en-GB",
                        )
                        page = context.new_page()
                        page.goto(setup_address(made.wired, base_url))
                        page.wait_for_load_state("networkidle")
                        page.screenshot(path=folder / f"pins-{size}-{scheme}.png")
                        for name, address in (
                            ("app", "app"),
                            ("risk", "?stage=at_risk"),
                            ("remap", remap),
                            ("remap-look", f"{remap}?target={target}"),
                        ):
                            page.goto(f"{base_url}/{address}")
                            page.screenshot(path=folder / f"{name}-{size}-{scheme}.png", full_page=True)
                        context.close()
                browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
