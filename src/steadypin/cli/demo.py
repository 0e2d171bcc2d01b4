"""demo: the main job from beginning to end, against the simulator."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from steadypin.cli.importing import send_rows
from steadypin.cli.shell import Shell, command
from steadypin.cli.shown import styled
from steadypin.domain.csv_rows import parse

if TYPE_CHECKING:
    from steadypin.bootstrap import DemoInstallation
    from steadypin.cli.client import Client

_PATIENCE_S = 50.0
_BUSY = frozenset({"scheduled", "preparing", "sending", "confirming"})


def register(app: typer.Typer) -> None:
    """Add this command."""

    @command(app, "demo")
    def demo(
        shell: Shell,
        keep: Annotated[
            bool, typer.Option("--keep", help="Leave both servers running to look around, until Ctrl-C.")
        ] = False,
    ) -> int | None:
        """Publish a sample campaign on a simulated Pinterest; needs no account and leaves nothing behind."""
        from steadypin import bootstrap
        from steadypin.cli.client import Client

        file = bootstrap.campaign()
        with bootstrap.demo_installation() as demo:
            client = Client(demo.socket)
            shell.say(f"A simulated Pinterest runs at {demo.sim_url}, Steadypin at {demo.ready.base_url}.")
            connection = _connect(client, demo)
            shell.say(f"Connected {connection['username']} through Pinterest's consent page.")
            with shell.progress() as progress:
                parsed = parse(file.read_bytes())
                results = send_rows(client, parsed, file.parent, progress, now=True)
            shell.say(f"Imported {file.name}: {len(results)} rows.")
            found = _settle(shell, client, len(results))
            titles = {row.line: row.title or "" for row in parsed}
            rows = [_row(each, titles[each["line"]], found.get(each.get("pin_id") or "")) for each in results]
            return _tell(shell, demo, rows, keep)


def _connect(client: Client, demo: DemoInstallation) -> dict[str, Any]:
    begun = client.post("/connections/authorize", {})
    demo.consent(begun["url"])
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        waiting = client.get(f"/connections/authorize/{begun['state']}")
        if waiting.get("connection"):
            connection: dict[str, Any] = waiting["connection"]
            if client.get(f"/connections/{connection['id']}/boards")["items"]:
                return connection
        time.sleep(0.05)
    raise TimeoutError("the simulated account did not show its boards in time")


def _settle(shell: Shell, client: Client, rows: int) -> dict[str, dict[str, Any]]:
    """Wait until every Pin has come to rest, or the patience ends."""
    deadline = time.monotonic() + _PATIENCE_S
    with shell.progress() as progress:
        bar = progress.add_task("Publishing", total=rows)
        while True:
            found = {pin["id"]: pin for pin in client.get("/pins", limit=100)["items"]}
            busy = sum(pin["stage"] in _BUSY for pin in found.values())
            progress.update(bar, completed=rows - busy)
            if not busy or time.monotonic() > deadline:
                return found
            time.sleep(0.1)


def _tell(
    shell: Shell,
    demo: DemoInstallation,
    rows: list[dict[str, Any]],
    keep: bool,
) -> int | None:
    published = sorted(str(row["pinterest_pin_id"]) for row in rows if row["stage"] == "published")
    live = sorted(str(pin["id"]) for pin in demo.live_pins())
    agree = published == live
    if shell.json:
        shell.document({"rows": rows, "published": len(published), "live": len(live), "one_to_one": agree})
    else:
        shell.table(
            ("Line", "Pin", "Stage", "Step", "What became of it"),
            [(row["line"], row["title"], styled(row["stage"]), row["step"], _news(row)) for row in rows],
        )
        held = len(rows) - len(published)
        shell.say(
            f"{len(published)} published, {held} stopped before anything was sent, each with its reason above."
        )
        same = "the same, one to one" if agree else "NOT the same"
        shell.say(f"The simulated Pinterest holds {len(live)} Pins: {same}.")
    if keep:
        _look_around(shell, demo)
    return None if agree and published else 1


def _row(result: Mapping[str, Any], title: str, pin: Mapping[str, Any] | None) -> dict[str, Any]:
    """What became of one line of the file, whether it was refused at once or became a Pin."""
    row: dict[str, Any] = {"line": result["line"], "title": _short(title)}
    if pin is None:
        errors = result["errors"]
        return row | {
            "stage": result["outcome"],
            "step": 1,
            "pinterest_pin_id": None,
            "permalink": None,
            "cause": ", ".join(error["field"] for error in errors),
            "remedy": "fix_input",
            "problem": " ".join(error["reason"] for error in errors),
            "fix": " ".join(error["fix"] for error in errors if error["fix"]),
        }
    names = ("stage", "step", "pinterest_pin_id", "permalink", "cause", "remedy", "problem", "fix")
    return row | {name: pin[name] for name in names}


def _news(row: Mapping[str, Any]) -> str:
    if row["permalink"]:
        return str(row["permalink"])
    return f"{row['cause']} / {row['remedy']}: {row['problem']} {row['fix'] or ''}".strip()


def _short(title: str) -> str:
    return title if len(title) <= 40 else f"{title[:39]}…"


def _look_around(shell: Shell, demo: DemoInstallation) -> None:
    shell.say(
        f"Look around: {demo.ready.setup_link} opens Steadypin, {demo.sim_url} the simulated Pinterest."
    )
    shell.say("Ctrl-C ends both.")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return
