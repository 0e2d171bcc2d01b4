"""pins list, show, attempts, create, edit, reschedule."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from steadypin.cli import finding
from steadypin.cli.pin_media import (
    CardDescriptions,
    CardLinks,
    Cards,
    CardTitles,
    Carousel,
    CoverCard,
    Images,
    MediaId,
    Url,
    media_of,
)
from steadypin.cli.setup import api
from steadypin.cli.shell import Shell, command
from steadypin.cli.shown import PIN_COLUMNS, moment, native_lines, pin_facts, pin_row
from steadypin.domain.errors import InputRefused
from steadypin.domain.texts import FieldError
from steadypin.domain.words import Cause, Remedy, Stage


class Confirmable(StrEnum):
    """What a user may want although a Preflight says otherwise."""

    IDENTICAL = "identical"


PIN = typer.Argument(help="The id of a Pin.", show_default=False)

Connection = Annotated[
    str | None, typer.Option("--connection", help="Username or id; not needed while there is only one.")
]
Title = Annotated[str | None, typer.Option(help="At most 100 characters.")]
Description = Annotated[str | None, typer.Option(help="At most 800 characters.")]
AltText = Annotated[str | None, typer.Option("--alt-text", help="At most 500 characters.")]
Link = Annotated[str | None, typer.Option(help="Where the Pin leads to.")]
Section = Annotated[str | None, typer.Option(help="The id of a section of the board.")]
At = Annotated[
    str | None,
    typer.Option(help="When: 2026-05-01T09:00:00+02:00, or now. Without it, the Pin stays a draft."),
]
Confirm = Annotated[
    list[Confirmable] | None,
    typer.Option(
        help="What is meant so: identical, when the same Pin is scheduled already.", show_default=False
    ),
]


def register(app: typer.Typer) -> None:
    """Add these commands; the others of `pins` are in pin_acts."""
    pins = _group(app)

    @command(pins, "list")
    def list_pins(
        shell: Shell,
        stage: Annotated[Stage | None, typer.Option(help="Only this stage.")] = None,
        cause: Annotated[Cause | None, typer.Option(help="Only Pins with this cause.")] = None,
        remedy: Annotated[Remedy | None, typer.Option(help="Only Pins with this remedy.")] = None,
        connection: Annotated[str | None, typer.Option(help="Only this account: username or id.")] = None,
        board: Annotated[str | None, typer.Option(help="Only this board: name or id.")] = None,
        due_from: Annotated[str | None, typer.Option("--from", help="Due at this time or later.")] = None,
        due_until: Annotated[str | None, typer.Option("--until", help="Due before this time.")] = None,
        limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 50,
    ) -> None:
        """List Pins, newest first."""
        with api() as client:
            wanted: dict[str, object] = {"stage": stage, "cause": cause, "remedy": remedy}
            wanted |= {"due_from": due_from, "due_until": due_until}
            if connection is not None or board is not None:
                wanted["connection_id"] = finding.connection(client, connection)["id"]
            if board is not None:
                wanted["board_id"] = finding.board_id(client, str(wanted["connection_id"]), board)
            found = client.pages("/pins", limit, **wanted)
        if shell.json:
            shell.document({"items": found})
        elif found:
            shell.table(PIN_COLUMNS, map(pin_row, found))
        else:
            shell.say("There are no such Pins.")

    @command(pins, "show")
    def show(shell: Shell, pin: Annotated[str, PIN]) -> None:
        """Show everything about one Pin."""
        with api() as client:
            found = client.get(f"/pins/{finding.pin_id(pin)}")
        _show(shell, found)
        if not shell.json:
            shell.facts(native_lines(found["native"]))

    @command(pins, "attempts")
    def attempts(shell: Shell, pin: Annotated[str, PIN]) -> None:
        """Show every try at publishing a Pin, and what Pinterest said."""
        with api() as client:
            found = client.get(f"/pins/{finding.pin_id(pin)}/attempts")
        if shell.json:
            shell.document(found)
        elif not found["items"]:
            shell.say("Nothing was sent for this Pin yet.")
        else:
            shell.table(
                ("When", "What", "Pinterest's answer", "Rule", "Pinterest id"), _history(found["items"])
            )

    @command(pins, "create")
    def create(
        shell: Shell,
        board: Annotated[str, typer.Option(help="Name or id of the board.", show_default=False)],
        connection: Connection = None,
        image: Images = None,
        url: Url = None,
        media: MediaId = None,
        carousel: Carousel = None,
        cover_card: CoverCard = None,
        card_title: CardTitles = None,
        card_description: CardDescriptions = None,
        card_link: CardLinks = None,
        title: Title = None,
        description: Description = None,
        alt_text: AltText = None,
        link: Link = None,
        section: Section = None,
        at: At = None,
        confirm: Confirm = None,
    ) -> None:
        """Make a Pin from files, a web address or a media id; several images make a carousel."""
        with api() as client:
            account = finding.connection(client, connection)["id"]
            cards = Cards(cover_card, card_title or (), card_description or (), card_link or ())
            shown = media_of(client, image, url, media, carousel, cards)
            if shown is None:
                sentence = "A Pin needs an image. Give one of --image, --url, --media, --carousel."
                raise InputRefused([FieldError("media", sentence)])
            texts = {"title": title, "description": description, "alt_text": alt_text, "link": link}
            body = {
                "connection_id": account,
                "board_id": finding.board_id(client, account, board),
                "board_section_id": section,
                "media": shown,
                "due_at": at,
                **texts,
                **_confirmed(confirm),
            }
            made = client.post("/pins", {name: value for name, value in body.items() if value is not None})
        _show(shell, made)

    @command(pins, "edit")
    def edit(
        shell: Shell,
        pin: Annotated[str, PIN],
        board: Annotated[str | None, typer.Option(help="Name or id of another board.")] = None,
        image: Images = None,
        url: Url = None,
        media: MediaId = None,
        carousel: Carousel = None,
        cover_card: CoverCard = None,
        card_title: CardTitles = None,
        card_description: CardDescriptions = None,
        card_link: CardLinks = None,
        title: Title = None,
        description: Description = None,
        alt_text: AltText = None,
        link: Link = None,
        section: Section = None,
        confirm: Confirm = None,
    ) -> None:
        """Change a Pin. An empty text ("") removes it."""
        with api() as client:
            texts = {"title": title, "description": description, "alt_text": alt_text, "link": link}
            changes: dict[str, Any] = {name: text or None for name, text in texts.items() if text is not None}
            if section is not None:
                changes["board_section_id"] = section or None
            if board is not None:
                account = client.get(f"/pins/{finding.pin_id(pin)}")["connection_id"]
                changes["board_id"] = finding.board_id(client, account, board)
            cards = Cards(cover_card, card_title or (), card_description or (), card_link or ())
            if shown := media_of(client, image, url, media, carousel, cards):
                changes["media"] = shown
            changes |= _confirmed(confirm)
            if not changes:
                raise InputRefused(
                    [FieldError("pin", "Nothing to change was given. See `steadypin pins edit --help`.")]
                )
            changed = client.patch(f"/pins/{finding.pin_id(pin)}", changes)
        _show(shell, changed)

    @command(pins, "reschedule")
    def reschedule(
        shell: Shell,
        pin: Annotated[str, PIN],
        at: Annotated[str, typer.Option(help="When: 2026-05-01T09:00:00+02:00, or now.", show_default=False)],
        confirm: Confirm = None,
    ) -> None:
        """Give a Pin another time; brings a cancelled one back."""
        with api() as client:
            changed = client.patch(f"/pins/{finding.pin_id(pin)}", {"due_at": at, **_confirmed(confirm)})
        _show(shell, changed)


def _group(app: typer.Typer) -> typer.Typer:
    pins = typer.Typer(help="Pins: what is to go live, and what became of it.", no_args_is_help=True)
    app.add_typer(pins, name="pins")
    return pins


def _confirmed(confirm: list[Confirmable] | None) -> dict[str, Any]:
    return {"confirm": [each.value for each in confirm]} if confirm else {}


def _show(shell: Shell, pin: dict[str, Any]) -> None:
    if shell.json:
        shell.document(pin)
    else:
        shell.facts(pin_facts(pin))


def _history(items: list[dict[str, Any]]) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for attempt in items:
        rows.append((moment(attempt["at"]), "sent", "", "", ""))
        for known in attempt["outcomes"]:
            native = known["native"] or {}
            said = native.get("message") or native.get("exception") or ""
            answer = " ".join(str(part) for part in (native.get("status"), said) if part)
            rows.append(
                (moment(known["at"]), known["kind"], answer, known["rule"], known["pinterest_pin_id"])
            )
    return rows
