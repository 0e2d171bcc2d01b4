"""demo: the whole way of real files to live Pins, on a simulated Pinterest."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from steadypin.cli.client import Client
from steadypin.cli.failures import ATTENTION, Unreachable
from steadypin.cli.importing import take
from steadypin.cli.shell import Shell, command
from steadypin.cli.shown import styled
from steadypin.domain.csv_rows import CsvRow
from steadypin.domain.words import Cause, Remedy, Step

if TYPE_CHECKING:
    from steadypin.bootstrap import DemoInstallation, Ready

_PATIENCE_S = 45.0
_LOOK_S = 0.2
_UNDER_WAY = frozenset({"scheduled", "preparing", "sending", "confirming"})

_BROKE_AT = {
    "connection": (Cause.ACCOUNT, Step.COMPOSE),
    "board": (Cause.BOARD, Step.BOARD),
    "section": (Cause.BOARD, Step.BOARD),
    "title": (Cause.CONTENT, Step.MEDIA_AND_TEXT),
    "description": (Cause.CONTENT, Step.MEDIA_AND_TEXT),
    "alt_text": (Cause.CONTENT, Step.MEDIA_AND_TEXT),
    "link": (Cause.LINK, Step.MEDIA_AND_TEXT),
    "media": (Cause.MEDIA, Step.MEDIA_AND_TEXT),
    "cover": (Cause.MEDIA, Step.MEDIA_AND_TEXT),
    "due_at": (Cause.DUE_TIME, Step.COMPOSE),
}
"""Where in the chain a refused field would have broken."""


def register(app: typer.Typer) -> None:
    """Add this command."""

    @command(app, "demo")
    def demo(
        shell: Shell,
        keep: Annotated[
            bool, typer.Option("--keep", help="Leave both servers running to look around, until Ctrl-C.")
        ] = False,
    ) -> int | None:
        """Publish a sample campaign to a simulated Pinterest and show what became of every row; ends by itself."""
        from steadypin import bootstrap

        with bootstrap.demo_installation() as place:
            shell.say(f"The service is at {place.ready.base_url}, a simulated Pinterest at {place.sim_url}.")
            lines = _publish(shell, place)
            code = _tell(shell, lines, {str(each["id"]) for each in place.live_pins()})
            if keep:
                shell.say(f"Sign in once with {place.ready.setup_link}; Ctrl-C ends both servers.")
                _until_ended()
            return code


def serve_demo(shell: Shell, bind: tuple[str, int], ready: Callable[[Ready], None]) -> None:
    """The service against the simulator, with the sample campaign in it, until Ctrl-C or SIGTERM."""
    from steadypin import bootstrap

    with bootstrap.demo_installation(bind) as place:
        _publish(shell, place)
        shell.note(
            f"A demo: the simulated Pinterest is at {place.sim_url}, and everything is gone at the end."
        )
        ready(place.ready)
        _until_ended()


def _publish(shell: Shell, place: DemoInstallation) -> list[dict[str, Any]]:
    """Connect the account, import the campaign, wait until every Pin has come to rest; answers one line for each row."""
    from steadypin import bootstrap

    client = Client(place.socket)
    account = _connect(client, place)
    shell.say(f"Connected {account['username']} through Pinterest's consent page.")
    file = bootstrap.campaign()
    shell.say(f"Importing {file.name}, to be published now …")
    rows, results = take(shell, client, file, now=True)
    return list(_lines(rows, results, _settled(shell, client, results)))


def _until_ended() -> None:
    def end(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        signal.pause()
    except KeyboardInterrupt:
        return
    finally:
        signal.signal(signal.SIGTERM, before)


def _connect(client: Client, place: DemoInstallation) -> dict[str, Any]:
    """Through the consent page, as a person would; ready once the boards have been read."""
    begun = client.post("/connections/authorize", {})
    place.consent(begun["url"])
    found = client.get(f"/connections/authorize/{begun['state']}")
    account: dict[str, Any] = found["connection"]
    ends = time.monotonic() + _PATIENCE_S
    while not client.get(f"/connections/{account['id']}/boards")["items"]:
        if time.monotonic() > ends:
            raise Unreachable(
                "The boards of the simulated account could not be read. Run `steadypin demo` again."
            )
        time.sleep(_LOOK_S)
    return account


def _settled(shell: Shell, client: Client, results: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The Pins of the import, once nothing more happens to them by itself."""
    wanted = {str(each["pin_id"]) for each in results if each["pin_id"]}
    pins: dict[str, dict[str, Any]] = {}
    ends = time.monotonic() + _PATIENCE_S
    with shell.progress() as progress:
        bar = progress.add_task("Publishing", total=len(wanted))
        while time.monotonic() < ends:
            pins = {pin["id"]: pin for pin in client.pages("/pins", 1000) if pin["id"] in wanted}
            settled = sum(pin["stage"] not in _UNDER_WAY for pin in pins.values())
            progress.update(bar, completed=settled)
            if settled == len(wanted):
                break
            time.sleep(_LOOK_S)
    return pins


def _lines(
    rows: Sequence[CsvRow], results: Sequence[Mapping[str, Any]], pins: Mapping[str, dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    for row, result in zip(rows, results, strict=True):
        pin = pins.get(str(result["pin_id"]))
        if pin is not None:
            names = ("stage", "step", "permalink", "pinterest_pin_id", "cause", "remedy", "problem", "fix")
            found = {name: pin[name] for name in names}
        else:
            found = _refused(result["errors"])
        yield {"line": row.line, "title": row.title, **found}


def _refused(errors: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    cause, step = _BROKE_AT.get(errors[0]["field"], (Cause.UNKNOWN, Step.COMPOSE))
    return {
        "stage": "refused",
        "step": int(step),
        "permalink": None,
        "pinterest_pin_id": None,
        "cause": cause.value,
        "remedy": Remedy.FIX_INPUT.value,
        "problem": " ".join(error["reason"] for error in errors),
        "fix": " ".join(error["fix"] for error in errors),
    }


def _tell(shell: Shell, lines: Sequence[Mapping[str, Any]], live: set[str]) -> int | None:
    published = [str(each["pinterest_pin_id"]) for each in lines if each["stage"] == "published"]
    one_to_one = len(set(published)) == len(published) and set(published) == live
    stuck = [each for each in lines if each["stage"] in _UNDER_WAY]
    if shell.json:
        shell.document(
            {"rows": list(lines), "published": len(published), "live": len(live), "one_to_one": one_to_one}
        )
    else:
        rows = (
            (each["line"], _short(each["title"]), styled(each["stage"]), each["step"], _news(each))
            for each in lines
        )
        shell.table(("Line", "Title", "Stage", "Step", "What became of it"), rows)
        if one_to_one:
            shell.say(
                f"{len(published)} Pins are live on the simulated Pinterest: every published row exactly once.",
                "green",
            )
        else:
            shell.say(
                f"{len(published)} rows are published, but {len(live)} Pins are live. Please report this.",
                "red",
            )
        shell.say("`make serve DEMO=1` shows the same in the browser.")
    return None if one_to_one and not stuck else ATTENTION


def _news(line: Mapping[str, Any]) -> str:
    if line["problem"]:
        return f"{line['cause']} · {line['remedy']}: {line['problem']} {line['fix'] or ''}".strip()
    return str(line["permalink"] or "")


def _short(title: str | None) -> str:
    whole = title or ""
    return whole if len(whole) <= 32 else f"{whole[:31]}…"
