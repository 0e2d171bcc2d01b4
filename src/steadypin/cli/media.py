"""media: files and addresses, looked at before Pinterest does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from steadypin.cli.failures import ATTENTION
from steadypin.cli.setup import current
from steadypin.cli.shell import Shell, command
from steadypin.cli.shown import styled

if TYPE_CHECKING:
    from steadypin.domain.media_facts import ImageFacts, VideoFacts
    from steadypin.services.media_look import Look


def register(app: typer.Typer) -> None:
    """Add these commands."""
    media = typer.Typer(help="Images and videos, looked at before Pinterest does.", no_args_is_help=True)
    app.add_typer(media, name="media")

    @command(media, "probe")
    def probe(
        shell: Shell,
        source: Annotated[str, typer.Argument(help="A file, or the web address of one.", show_default=False)],
    ) -> int | None:
        """Look at an image or a video: what it is, what Pinterest would refuse, what to do. Nothing is stored or sent."""
        from steadypin.bootstrap import look_at_media

        look = look_at_media(current(), source)
        if shell.json:
            shell.document(look.to_json())
        else:
            _tell(shell, look)
        return None if look.publishable else ATTENTION


def _tell(shell: Shell, look: Look) -> None:
    if look.facts is not None:
        shell.facts([("File", look.source), ("Bytes", look.facts.size), *_known(look.facts)])
    rows = (
        (each.check, styled(each.level.value), each.title.rstrip("."), each.fix) for each in look.findings
    )
    shell.table(("Check", "", "What was found", "What to do"), rows)
    if look.plan is not None:
        shell.say(f"It can be converted to {look.plan.to}:")
        for change in look.plan.changes:
            shell.say(f"  {change}")


def _known(facts: ImageFacts | VideoFacts) -> Iterator[tuple[str, object]]:
    from steadypin.domain.media_facts import VideoFacts
    from steadypin.domain.video_checks import spoken

    yield "Format", facts.format
    if facts.width and facts.height:
        yield "Size", f"{facts.width} × {facts.height} pixels"
    if not isinstance(facts, VideoFacts):
        yield "Colours", f"{facts.mode}, {facts.bits} bits" if facts.mode else None
        yield "Frames", facts.frames if facts.frames > 1 else None
        return
    yield "Codec", " ".join(each for each in (facts.codec, facts.profile, facts.level) if each)
    yield "Sound", facts.audio or ("none" if facts.video_tracks else None)
    yield "Length", spoken(facts.duration_s) if facts.duration_s is not None else None
    yield "Pictures a second", facts.fps
    yield "Bits a second", facts.bitrate
