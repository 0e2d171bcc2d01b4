"""Scopes: what a user can allow, and in which words the consent page asks."""

from __future__ import annotations

import re

SCOPES = {
    "boards:read": "Look at your boards, group boards included",
    "boards:read_secret": "Look at your secret boards",
    "boards:write": "Make, change and remove boards",
    "boards:write_secret": "Make, change and remove secret boards",
    "pins:read": "Look at your Pins",
    "pins:read_secret": "Look at your secret Pins",
    "pins:write": "Make, change and remove Pins",
    "pins:write_secret": "Make, change and remove Pins on secret boards",
    "user_accounts:read": "Look at your account details",
    "user_accounts:write": "Change your account details",
}


def split_scopes(text: str) -> frozenset[str]:
    """Scopes from a list with commas or blanks."""
    return frozenset(each for each in re.split(r"[,\s]+", text) if each)
