"""When a signed address ends, read from the address alone: S3, CloudFront, Google Cloud Storage, Azure.

expires_at(url) -> the moment, or None: not signed, or not to be read
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

_MOST_FIELDS = 200
_MOST_POLICY = 16_384
_WEEK_S = 604_800
"""The longest life of a version 4 signature, with S3 and with Google."""
_BASIC = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", re.ASCII)
_WHOLE = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,7})?)?(?:Z|\+00:00))?", re.ASCII
)
_POLICY_LETTERS = str.maketrans("-_~", "+=/")


def expires_at(url: str) -> datetime | None:
    """The moment (UTC) from which the store behind a signed `url` refuses it; None where that cannot be told."""
    try:
        pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return None
    fields = {name.lower(): value for name, value in reversed(pairs)}
    ends = [
        _version_4(fields, "amz"),
        _version_4(fields, "goog"),
        _version_2(fields),
        _policy(fields),
        _azure(fields),
    ]
    return min((end for end in ends if end is not None), default=None)


def _version_4(fields: Mapping[str, str], store: str) -> datetime | None:
    start = _basic(fields.get(f"x-{store}-date", ""))
    lasts = _whole_number(fields.get(f"x-{store}-expires", ""))
    if start is None or lasts is None or not 0 < lasts <= _WEEK_S or f"x-{store}-signature" not in fields:
        return None
    return start + timedelta(seconds=lasts)


def _version_2(fields: Mapping[str, str]) -> datetime | None:
    """S3 and Google of old, and CloudFront with a canned policy."""
    if "signature" not in fields or not fields.keys() & {"awsaccesskeyid", "googleaccessid", "key-pair-id"}:
        return None
    return _moment(_whole_number(fields.get("expires", "")))


def _policy(fields: Mapping[str, str]) -> datetime | None:
    """CloudFront with a policy of its own."""
    packed = fields.get("policy", "")
    if not packed or len(packed) > _MOST_POLICY or "key-pair-id" not in fields:
        return None
    try:
        said = json.loads(base64.b64decode(packed.translate(_POLICY_LETTERS), validate=True))
        ends = said["Statement"][0]["Condition"]["DateLessThan"]["AWS:EpochTime"]
    except (ValueError, TypeError, KeyError, IndexError, RecursionError, binascii.Error):
        return None
    return _moment(ends) if isinstance(ends, int) and not isinstance(ends, bool) else None


def _azure(fields: Mapping[str, str]) -> datetime | None:
    """A shared access signature; a day without a time ends as it begins."""
    if "sig" not in fields or "sv" not in fields:
        return None
    found = _WHOLE.fullmatch(fields.get("se", ""))
    return _calendar(found) if found else None


def _basic(text: str) -> datetime | None:
    found = _BASIC.fullmatch(text)
    return _calendar(found) if found else None


def _calendar(found: re.Match[str]) -> datetime | None:
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def _whole_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None


def _moment(epoch_s: int | None) -> datetime | None:
    if epoch_s is None or epoch_s <= 0:
        return None
    try:
        return datetime.fromtimestamp(epoch_s, UTC)
    except (ValueError, OverflowError, OSError):
        return None
