"""The judgement of a video, before Pinterest processes it and fails without a reason.

    video_findings(facts) -> Findings

Checks, in their order: video.empty · video.container · video.changed · video.bytes · video.whole · video.unseen · video.track
· video.encrypted · video.codec · video.duration · video.ratio · video.size · video.profile · video.sound · video.tracks ·
video.fragmented · video.name
"""

from __future__ import annotations

from collections.abc import Mapping

from steadypin.domain.findings import Finding, Level
from steadypin.domain.media_checks import CHANGED, blocker, warning, with_article
from steadypin.domain.media_facts import (
    EMPTY,
    MOVIES,
    PICTURES,
    PUBLISHABLE,
    UNKNOWN,
    VIDEOS,
    VideoFacts,
    VideoLimits,
)
from steadypin.domain.media_names import contradicts

TAKEN = frozenset({"H.264", "H.265"})
"""The codecs that Pinterest names."""
_EXPORT = "Export it again as MP4 with H.264 video and AAC sound."


def video_findings(facts: VideoFacts, limits: VideoLimits | None = None) -> tuple[Finding, ...]:
    """What is to be said of these facts; exactly one Finding when something makes all others pointless."""
    limits = limits or VideoLimits()
    refused = _refuse_kind(facts) or _refuse_file(facts, limits)
    if refused is not None:
        return (refused,)
    found = [each for each in (_codec(facts), _duration(facts, limits), _ratio(facts, limits)) if each]
    found += _advice(facts, limits)
    if not any(each.level is not Level.OK for each in found):
        found.insert(0, _fine(facts))
    return tuple(found)


def _refuse_kind(facts: VideoFacts) -> Finding | None:
    kind = facts.format
    if kind in MOVIES:
        return None
    if kind == EMPTY:
        return blocker(
            "video.empty", "The file is empty.", "Choose the file again; its upload or export went wrong."
        )
    evidence: dict[str, object] = {"format": kind}
    if facts.claimed:
        evidence["claimed"] = facts.claimed
    if kind in VIDEOS:
        title = f"This is {with_article(kind)}. Pinterest takes MP4, MOV and M4V."
        return blocker("video.container", title, _EXPORT, evidence)
    if kind in PICTURES or kind in PUBLISHABLE:
        title, fix = f"This is {with_article(kind)} image, not a video.", "Choose the video itself."
    elif kind == "HTML":
        title = "This is a web page, not a video: perhaps a login or share page."
        fix = "Use the address of the video itself, or upload the file."
    else:
        title = "This is no video." if kind == UNKNOWN else f"This is no video but {kind}."
        fix = "Use an MP4, MOV or M4V file."
    return blocker("video.container", title, fix, evidence)


def _refuse_file(facts: VideoFacts, limits: VideoLimits) -> Finding | None:
    if facts.damage == CHANGED:
        fix = "Wait until the program that writes it has finished, then choose it again."
        return blocker("video.changed", "The file changed while it was read.", fix)
    if facts.size > limits.most_bytes:
        title = f"The video has {facts.size / 1e9:.2f} GB; Pinterest takes {limits.most_bytes / 1e9:g} GB."
        fix = "Export it smaller or with more compression; 1080 pixels of width are enough."
        return blocker("video.bytes", title, fix, {"bytes": facts.size, "most": limits.most_bytes})
    if facts.missing_bytes:
        title = f"The video is cut short: {facts.missing_bytes} bytes that it speaks of are not there."
        fix = "Copy, export or download it again, and check that it plays to its end."
        return blocker("video.whole", title, fix, {"missing_bytes": facts.missing_bytes, "bytes": facts.size})
    if facts.damage:
        title = f"The video cannot be read ({facts.damage})."
        fix = f"Check that it plays. {_EXPORT}"
        return blocker("video.whole", title, fix, {"reason": facts.damage})
    if facts.unseen:
        title = f"The video was not looked at ({facts.unseen})."
        return warning("video.unseen", title, "Upload the file itself.", {"reason": facts.unseen})
    if facts.video_tracks == 0:
        title = (
            "The file has sound, but no picture."
            if facts.audio_tracks
            else "The file holds no moving picture."
        )
        return blocker("video.track", title, _EXPORT, {"audio_tracks": facts.audio_tracks})
    if facts.encrypted:
        title = "The video is locked by copy protection. Nobody but its player can read it."
        return blocker("video.encrypted", title, "Use a copy without protection.", {"codec": facts.codec_tag})
    return None


def _codec(facts: VideoFacts) -> Finding | None:
    if facts.codec in TAKEN:
        return None
    title = f"The picture is coded as {facts.codec or 'something unknown'}. Pinterest takes H.264 and H.265."
    return blocker("video.codec", title, _EXPORT, {"codec": facts.codec, "tag": facts.codec_tag})


def _duration(facts: VideoFacts, limits: VideoLimits) -> Finding | None:
    seconds = facts.duration_s
    if seconds is None:
        title = "The video does not say how long it is. Pinterest takes 4 seconds to 15 minutes."
        return warning("video.duration", title, f"Check its length. {_EXPORT}")
    evidence = {"seconds": round(seconds, 3)}
    if seconds < limits.least_s:
        title = f"The video is {seconds:.1f} s long; Pinterest takes {limits.least_s:g} s and more."
        return blocker(
            "video.duration", title, "Make it longer, for example by letting it run twice.", evidence
        )
    if seconds > limits.most_s:
        title = f"The video is {spoken(seconds)} long; Pinterest takes {limits.most_s / 60:g} minutes."
        return blocker("video.duration", title, "Cut it, or make several videos of it.", evidence)
    return None


def _ratio(facts: VideoFacts, limits: VideoLimits) -> Finding | None:
    if not facts.width or not facts.height:
        title = "The video does not say how large its picture is."
        return blocker("video.size", title, _EXPORT, {"width": facts.width, "height": facts.height})
    ratio = facts.width / facts.height
    if limits.tallest * (1 - limits.tolerance) <= ratio <= limits.widest * (1 + limits.tolerance):
        return None
    shape = "narrow" if ratio < 1 else "wide"
    title = f"The video is too {shape}: {facts.width} × {facts.height}. Pinterest takes 1:2 to 1.91:1."
    return blocker(
        "video.ratio", title, "Crop it to 9:16, 2:3, 4:5 or 1:1.", {"ratio": round(ratio, 4), **_size(facts)}
    )


def _advice(facts: VideoFacts, limits: VideoLimits) -> list[Finding]:
    found = []
    if 0 < min(facts.width, facts.height) < limits.least_side:
        title = f"The video is small: {facts.width} × {facts.height} pixels. It will look blurred."
        found.append(warning("video.size", title, "Export it with 1080 pixels of width.", _size(facts)))
    if facts.profile.endswith(("10-bit", "4:2:2", "4:4:4")) and facts.codec == "H.264":
        title = f"The video uses a rare kind of H.264 ({facts.profile}), which many players cannot show."
        found.append(
            warning(
                "video.profile", title, f"{_EXPORT[:-1]}, in 8 bits and 4:2:0.", {"profile": facts.profile}
            )
        )
    if facts.audio_tracks and facts.audio not in ("AAC", ""):
        title = f"The sound is coded as {facts.audio}; AAC is what is known to work."
        found.append(warning("video.sound", title, "Export it with AAC sound.", {"audio": facts.audio}))
    if facts.video_tracks > 1:
        title = f"The file holds {facts.video_tracks} pictures side by side. Pinterest shows one."
        found.append(
            warning("video.tracks", title, "Export it with one picture.", {"tracks": facts.video_tracks})
        )
    if facts.fragmented:
        title = "The video is written in fragments, as for streaming. Whether Pinterest takes that is not documented."
        found.append(
            warning("video.fragmented", title, "Export it as an ordinary MP4.", {"fragmented": True})
        )
    if facts.claimed and contradicts(facts.claimed, facts.format):
        title = f"It says to be something else ({facts.claimed}), but it is {with_article(facts.format)}. The bytes count."
        found.append(Finding("video.name", Level.OK, title, evidence={"claimed": facts.claimed}))
    return found


def spoken(seconds: float) -> str:
    """A length for people: `59.5 s`, `15:01 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d} min"


def _size(facts: VideoFacts) -> Mapping[str, object]:
    return {"width": facts.width, "height": facts.height}


def _fine(facts: VideoFacts) -> Finding:
    length = f", {spoken(facts.duration_s)}" if facts.duration_s else ""
    sound = facts.audio or ("with sound" if facts.audio_tracks else "no sound")
    title = f"{facts.format}, {facts.codec}, {facts.width} × {facts.height} pixels{length}, {sound}."
    return Finding("video", Level.OK, title)
