"""Processing: what becomes of an uploaded file, decided when it has come and seen when its time is over."""

from __future__ import annotations

from math import inf

from pinsim.films import fault_of
from pinsim.switches import Switches
from pinsim.world.media import Filing, Media


def take(media: Media, filing: Filing, switches: Switches, now: float) -> None:
    """Give an upload its file."""
    media.uploads += 1
    if media.filing is not None and switches.second_upload == "ignored":
        return
    media.filing, media.uploaded_at = filing, now
    seconds, media.why = _outcome(filing, switches)
    media.done_at = now + seconds


def _outcome(filing: Filing, switches: Switches) -> tuple[float, str]:
    """Seconds until it is over, and why it fails; the tester's word about this very file comes first."""
    seconds = switches.processing_s + switches.processing_s_per_mb * filing.size / 1e6
    why = fault_of(filing.film, switches.video_shortest_s, switches.video_longest_s)
    if switches.fail_processing:
        why = "the switch fail_processing"
    wanted = switches.processing_of.get(filing.digest)
    if wanted is None:
        return seconds, why
    if wanted == "stuck":
        return inf, ""
    if wanted in ("succeeded", "failed"):
        return seconds, "the switch processing_of" if wanted == "failed" else ""
    return float(wanted), why
