"""The media of a Pin from the options of a command, in the API's shape; files are uploaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from steadypin.cli.failures import ApiError
from steadypin.domain.csv_rows import Source, sources
from steadypin.domain.errors import InputRefused
from steadypin.domain.texts import FieldError

if TYPE_CHECKING:
    from steadypin.cli.client import Client

Images = Annotated[
    list[Path] | None,
    typer.Option(
        "--image", help="A JPEG or PNG file. Given 2 to 5 times, they make a carousel.", show_default=False
    ),
]
Url = Annotated[str | None, typer.Option(help="The web address of an image.")]
MediaId = Annotated[str | None, typer.Option("--media", help="The id of a file that was uploaded before.")]
Carousel = Annotated[
    str | None,
    typer.Option(
        help="2 to 5 images with a vertical bar between them: paths, web addresses, media ids.",
        show_default=False,
    ),
]
CoverCard = Annotated[
    int | None, typer.Option("--cover-card", min=1, max=5, help="Which image of a carousel is its cover.")
]
CardTitles = Annotated[
    list[str] | None,
    typer.Option(
        "--card-title", help="The title of a card; once for each image, in their order.", show_default=False
    ),
]
CardDescriptions = Annotated[
    list[str] | None,
    typer.Option("--card-description", help="The same for its description.", show_default=False),
]
CardLinks = Annotated[
    list[str] | None, typer.Option("--card-link", help="The same for its link.", show_default=False)
]


@dataclass(frozen=True, slots=True)
class Cards:
    """What belongs to the images of a carousel one by one; an empty text is none. `cover` counts from 1."""

    cover: int | None
    titles: Sequence[str]
    descriptions: Sequence[str]
    links: Sequence[str]

    @property
    def said(self) -> bool:
        """Anything at all."""
        return self.cover is not None or any((self.titles, self.descriptions, self.links))


def media_of(
    client: Client,
    images: Sequence[Path] | None,
    url: str | None,
    media_id: str | None,
    carousel: str | None,
    cards: Cards,
) -> dict[str, Any] | None:
    """The media that was asked for, None when there is none. Raises InputRefused."""
    if sum(map(bool, (images, url, media_id, carousel))) > 1:
        raise _refused(
            "Give only one of --image, --url, --media, --carousel. --carousel takes all kinds together."
        )
    if carousel is not None:
        return _carousel([_kept(client, source) for source in sources(carousel)], cards)
    if images is not None and len(images) > 1:
        return _carousel([{"media_id": upload(client, image)} for image in images], cards)
    if cards.said:
        raise _refused("Only a carousel has cards. Give --image at least twice, or --carousel.")
    if images:
        media_id = upload(client, images[0])
    if media_id is not None:
        return {"type": "image", "media_id": media_id}
    return {"type": "image", "url": url} if url is not None else None


def _carousel(named: Sequence[dict[str, str]], cards: Cards) -> dict[str, Any]:
    if cards.cover is not None and cards.cover > len(named):
        raise _refused(f"There is no image {cards.cover} to be the cover. Use 1 to {len(named)}.")
    longest = max(map(len, (cards.titles, cards.descriptions, cards.links)))
    if longest > len(named):
        raise _refused(f"There are texts for {longest} cards, but {len(named)} images. Leave some out.")
    texts = zip_longest(named, cards.titles, cards.descriptions, cards.links)
    items = [
        source
        | {name: text for name, text in zip(("title", "description", "link"), said, strict=True) if text}
        for source, *said in texts
    ]
    return {"type": "carousel", "items": items, "cover_index": (cards.cover or 1) - 1}


def _kept(client: Client, source: Source) -> dict[str, str]:
    return (
        {"media_id": upload(client, Path(source.path).expanduser())} if source.path else source_json(source)
    )


def source_json(source: Source) -> dict[str, str]:
    """A source without a path, in the API's shape."""
    found = {"media_id": source.media_id, "url": source.url}
    return {name: value for name, value in found.items() if value is not None}


def upload(client: Client, file: Path) -> str:
    """Upload a file and answer its media id. Raises InputRefused."""
    try:
        return str(client.upload(file)["id"])
    except OSError as error:
        raise _refused(
            f"{file} cannot be read: {error.strerror}. Correct the path, or let this user read it."
        ) from None
    except ApiError as error:
        if error.status != 422:
            raise
        raise InputRefused([FieldError("media", message) for _, message in error.errors]) from None


def _refused(sentence: str) -> InputRefused:
    return InputRefused([FieldError("media", sentence)])
