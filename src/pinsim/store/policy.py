"""Policy: the signed permission to upload one file, as Pinterest hands it out and as the bucket checks it.

Nothing is kept of it: what it allows is read from the form itself, and its signature follows from the seed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pinsim.store import answers

BUCKET = "pinsim-media-upload"
_ALGORITHM = "AWS4-HMAC-SHA256"
_CONTENT_TYPE = "multipart/form-data"
_SIGNED = ("x-amz-algorithm", "x-amz-credential", "x-amz-date")
_UNCHECKED = {"policy", "x-amz-signature"}
"""Fields that no condition has to name."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a form may upload: its key, and the fewest and most bytes."""

    key: str
    fewest: int
    most: int


class Signer:
    """Makes policies and checks them. `secret` is the bucket's own."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._access_key = "ASIA" + self._derived("access key")[:16].upper()

    def parameters(self, key: str, now: float, life_s: float, most_bytes: int) -> dict[str, str]:
        """The `upload_parameters` of one upload: every one of them is a field of the form."""
        moment = datetime.fromtimestamp(int(now), UTC)
        fields = {
            "x-amz-date": moment.strftime("%Y%m%dT%H%M%SZ"),
            "key": key,
            "x-amz-credential": f"{self._access_key}/{moment:%Y%m%d}/us-east-1/s3/aws4_request",
            "x-amz-security-token": self._session(key),
            "x-amz-algorithm": _ALGORITHM,
            "Content-Type": _CONTENT_TYPE,
        }
        until = datetime.fromtimestamp(int(now + life_s), UTC)
        policy = {
            "expiration": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "conditions": [
                {"bucket": BUCKET},
                *({name: value} for name, value in fields.items()),
                ["content-length-range", 1, most_bytes],
            ],
        }
        fields["policy"] = base64.b64encode(json.dumps(policy).encode()).decode()
        return {**fields, "x-amz-signature": self._signature(fields["policy"])}

    def check(self, fields: Mapping[str, str], now: float) -> Allowed:
        """What these fields (names in lower case) allow; raises StoreRefusal in the order that S3 looks."""
        if not fields.get("key"):
            raise answers.field_missing("key")
        if "policy" not in fields:
            raise answers.access_denied("Access Denied")
        for name in (*_SIGNED, "x-amz-signature"):
            if name not in fields:
                raise answers.field_missing("-".join(part.capitalize() for part in name.split("-")))
        session = fields.get("x-amz-security-token")
        if session is None or not fields["x-amz-credential"].startswith(self._access_key + "/"):
            raise answers.unknown_access_key()
        if not hmac.compare_digest(
            self._signature(fields["policy"]).encode(), fields["x-amz-signature"].encode()
        ):
            raise answers.wrong_signature()
        policy: dict[str, Any] = json.loads(base64.b64decode(fields["policy"]))
        if now >= datetime.fromisoformat(policy["expiration"]).timestamp():
            raise answers.against_policy("Policy expired.")
        return self._held_to(policy["conditions"], fields)

    def _held_to(self, conditions: list[Any], fields: Mapping[str, str]) -> Allowed:
        named, fewest, most = {"bucket"}, 0, 0
        for condition in conditions:
            if isinstance(condition, list):
                _, fewest, most = condition
                continue
            ((name, value),) = condition.items()
            named.add(name.lower())
            if name != "bucket" and fields.get(name.lower()) != value:
                raise answers.against_policy(
                    f"Policy Condition failed: {json.dumps(['eq', '$' + name, value])}"
                )
        extra = sorted(fields.keys() - named - _UNCHECKED)
        strangers = [name for name in extra if not name.startswith("x-ignore-")]
        if strangers:
            raise answers.against_policy(f"Extra input fields: {', '.join(strangers)}")
        return Allowed(fields["key"], fewest, most)

    def _signature(self, policy: str) -> str:
        return hmac.new(self._secret, policy.encode(), hashlib.sha256).hexdigest()

    def _session(self, key: str) -> str:
        raw = hmac.new(self._secret, b"session/" + key.encode(), hashlib.sha512).digest()
        return base64.b64encode(raw).decode()

    def _derived(self, what: str) -> str:
        return hmac.new(self._secret, what.encode(), hashlib.sha256).hexdigest()
