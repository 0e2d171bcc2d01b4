"""Makes docs/images/page.png from the real product: `python -m tools.pictures [FILE]`.

The demo installation is started, an account connected in a browser through the consent page, the sample campaign
imported, some Pins published, and one create answered with a 500 although it was made. Then the page is photographed.
"""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from steadypin.bootstrap import DemoInstallation, campaign, demo_installation

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "images" / "page.png"
WIDTH, HEIGHT = 1280, 1100
MOST_COLOURS = 256
PATIENCE_S = 30
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
LIVE = ("Ten-minute tidy", "Better light to work by", "A border for bees", "Ferns love the shade")


def main(file: Path) -> None:
    with demo_installation() as place, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET.split())
        context = browser.new_context(
            viewport={"width": WIDTH, "height": HEIGHT},
            color_scheme="light",
            locale="en-GB",
            timezone_id="UTC",
        )
        page = context.new_page()
        connect(page, place)
        fill(place)
        page.goto(place.ready.base_url)
        page.wait_for_load_state("networkidle")
        page.get_by_text("confirming", exact=False).first.wait_for()
        file.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=file)
        browser.close()
    shrink(file)
    print(f"{file.name}: {file.stat().st_size // 1000} kB")


def connect(page: Page, place: DemoInstallation) -> None:
    """As a person does: the link that lets the browser in, the button, the consent page."""
    page.goto(place.ready.setup_link)
    page.get_by_role("button", name="Connect a Pinterest account").click()
    page.get_by_role("button", name="Give access").click()
    page.get_by_text("is connected").first.wait_for()


def fill(place: DemoInstallation) -> None:
    """Pins in several Stages."""
    wait_for(place, "boards", "list", what="a board")
    steadypin(place, "import", str(campaign()), codes=(0, 1))
    made = steadypin(place, "pins", "list")
    ids = {pin["title"]: pin["id"] for pin in made}
    for title in LIVE:
        steadypin(place, "pins", "reschedule", ids[title], "--at", "now")
    wait_for(place, "pins", "list", "--stage", "published", what="the live Pins", least=len(LIVE))
    order_fault(place, {"on": "pins/create", "do": "made_then_500", "times": 1})
    create = ("--board", "Spring recipes", "--link", "https://spring.example/recipes/rhubarb-cake-again")
    image = ("--image", str(campaign().parent / "images" / "rhubarb-cake.jpg"))
    steadypin(place, "pins", "create", *create, *image, "--title", "Rhubarb cake, once more", "--at", "now")
    wait_for(place, "pins", "list", "--stage", "confirming", what="a Pin in doubt")


def order_fault(place: DemoInstallation, fault: dict[str, object]) -> None:
    address = f"{place.sim_url}/_sim/faults"
    with urllib.request.urlopen(address, json.dumps(fault).encode(), timeout=PATIENCE_S):  # noqa: S310  our own
        pass


def steadypin(place: DemoInstallation, *words: str, codes: tuple[int, ...] = (0,)) -> list[dict[str, str]]:
    """Runs a command against the demo; the items of its answer."""
    done = subprocess.run(
        [Path(sys.executable).with_name("steadypin"), *words, "--json"],
        env=os.environ | {"STEADYPIN_DATA_DIR": str(place.socket.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in codes:
        sys.exit(f"steadypin {' '.join(words)} ended with {done.returncode}: {done.stdout}{done.stderr}")
    answer = json.loads(done.stdout)
    items: list[dict[str, str]] = answer.get("items", [])
    return items


def wait_for(place: DemoInstallation, *words: str, what: str, least: int = 1) -> None:
    ends = time.monotonic() + PATIENCE_S
    while len(steadypin(place, *words)) < least:
        if time.monotonic() > ends:
            sys.exit(f"{what} did not appear within {PATIENCE_S} s")
        time.sleep(0.2)


def shrink(file: Path) -> None:
    """A page has few colours, so a palette keeps its look at a third of the size."""
    with Image.open(file) as image:
        small = image.convert("RGB").quantize(MOST_COLOURS, dither=Image.Dither.NONE)
    small.save(file, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE)
