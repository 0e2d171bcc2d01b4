"""Signing: addresses that end at a moment of the simulator's clock, in the shapes of the big stores.

Only the moment is real. Signatures are filler, and whoever alters the moment is believed.
"""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime
from urllib.parse import urlencode

from pinsim.web.files import image
from pinsim.web.pages import fine
from pinsim.web.visit import Visit
from pinsim.wire import Answer, json_answer

SHAPES = ("s3-v2", "s3-v4", "cloudfront", "cloudfront-policy", "gcs-v2", "gcs-v4", "azure")
_BASIC = "%Y%m%dT%H%M%SZ"
_WHOLE = "%Y-%m-%dT%H:%M:%SZ"
_FILLER = "0" * 64


def sign(visit: Visit) -> Answer:
    """`{"url", "expires_at"}`: the address of `what` (`page`, `image.jpg`) in a `shape`, good for `for_s`."""
    shape = visit.one_of("shape", SHAPES, "s3-v4")
    what = visit.one_of("what", ("page", "image.jpg"), "image.jpg")
    ends = int(visit.now) + visit.whole("for_s", 600, 10_000_000)
    url = f"/web/signed/{what}?{urlencode(_query(shape, int(visit.now), ends))}"
    return json_answer(200, {"url": url, "expires_at": ends})


def signed(visit: Visit) -> Answer:
    """What was signed until its moment, from then on 403 with the XML of a store."""
    ends = _ends(visit)
    if ends is None:
        return _refused("AuthorizationQueryParametersError", "The moment of the signature cannot be read")
    if visit.now >= ends:
        return _refused("AccessDenied", "Request has expired")
    return image(visit) if visit.rest.endswith(".jpg") else fine(visit)


def _query(shape: str, now: int, ends: int) -> dict[str, str]:
    at = datetime.fromtimestamp(now, UTC)
    match shape:
        case "s3-v2":
            return {"AWSAccessKeyId": "PINSIM", "Expires": str(ends), "Signature": _FILLER}
        case "s3-v4":
            return {
                "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
                "X-Amz-Credential": f"PINSIM/{at:%Y%m%d}/eu-west-1/s3/aws4_request",
                "X-Amz-Date": at.strftime(_BASIC),
                "X-Amz-Expires": str(ends - now),
                "X-Amz-SignedHeaders": "host",
                "X-Amz-Signature": _FILLER,
            }
        case "cloudfront":
            return {"Expires": str(ends), "Signature": _FILLER, "Key-Pair-Id": "KPINSIM"}
        case "cloudfront-policy":
            limit = {"DateLessThan": {"AWS:EpochTime": ends}}
            policy = json.dumps({"Statement": [{"Resource": "*", "Condition": limit}]}, separators=(",", ":"))
            packed = base64.b64encode(policy.encode()).decode().translate(str.maketrans("+=/", "-_~"))
            return {"Policy": packed, "Signature": _FILLER, "Key-Pair-Id": "KPINSIM"}
        case "gcs-v2":
            return {"GoogleAccessId": "pinsim@store.test", "Expires": str(ends), "Signature": _FILLER}
        case "gcs-v4":
            return {
                "X-Goog-Algorithm": "GOOG4-RSA-SHA256",
                "X-Goog-Credential": f"pinsim/{at:%Y%m%d}/auto/storage/goog4_request",
                "X-Goog-Date": at.strftime(_BASIC),
                "X-Goog-Expires": str(ends - now),
                "X-Goog-SignedHeaders": "host",
                "X-Goog-Signature": _FILLER,
            }
        case _:
            until = datetime.fromtimestamp(ends, UTC).strftime(_WHOLE)
            return {"sv": "2024-11-04", "sr": "b", "sp": "r", "se": until, "sig": _FILLER}


def _ends(visit: Visit) -> float | None:
    try:
        if visit.text("Expires"):
            return float(int(visit.text("Expires")))
        for store in ("Amz", "Goog"):
            if visit.text(f"X-{store}-Date"):
                start = datetime.strptime(visit.text(f"X-{store}-Date"), _BASIC).replace(tzinfo=UTC)
                return start.timestamp() + int(visit.text(f"X-{store}-Expires"))
        if visit.text("se"):
            return datetime.strptime(visit.text("se"), _WHOLE).replace(tzinfo=UTC).timestamp()
        policy = visit.text("Policy").translate(str.maketrans("-_~", "+=/"))
        said = json.loads(base64.b64decode(policy, validate=True))
        return float(said["Statement"][0]["Condition"]["DateLessThan"]["AWS:EpochTime"])
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, binascii.Error):
        return None


def _refused(code: str, message: str) -> Answer:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Answer(403, {"Content-Type": "application/xml"}, body.encode())
