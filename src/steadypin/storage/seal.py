"""Secrets at rest: AES-256-GCM, bound to the row and column they belong to."""

from __future__ import annotations

import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEY_BYTES = 32
_NONCE_BYTES = 12


class WrongKey(Exception):
    """The secret key does not open what was sealed; nothing is destroyed by that."""


class Seal:
    """Seals and opens short secrets. `place` (table, column, row) is authenticated, so values cannot be swapped."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def close(self, secret: str, *place: str) -> bytes:
        """A random nonce followed by the ciphertext."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret.encode(), "\x1f".join(place).encode())

    def open(self, sealed: bytes, *place: str) -> str:
        """The secret again. Raises WrongKey when key or place is another than at sealing."""
        try:
            return self._cipher.decrypt(
                sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], "\x1f".join(place).encode()
            ).decode()
        except (InvalidTag, ValueError):  # a value too short to be sealed text is a ValueError
            raise WrongKey("The secret key does not fit what is stored.") from None


def read_key(text: str) -> bytes:
    """A key as it is written in a variable or file: 32 bytes in URL-safe base64. Raises ValueError."""
    try:
        key = urlsafe_b64decode(text.strip() + "=" * (-len(text.strip()) % 4))
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise ValueError("The secret key must be 32 random bytes in URL-safe base64 (43 characters).")
    return key


def new_key() -> str:
    """A fresh random key in the form that read_key takes."""
    return urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).decode().rstrip("=")


def key_file(path: Path) -> bytes:
    """The key kept in a file; created whole on first use with mode 0600, and never overwritten.

    Raises ValueError for a file that holds no key, OSError.
    """
    if not path.exists():
        partial = path.with_name(f"{path.name}.partial-{secrets.token_hex(4)}")
        try:
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(new_key() + "\n")
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):  # somebody else was first: his key it is
                os.link(partial, path)
        finally:
            partial.unlink(missing_ok=True)
    return read_key(path.read_text("ascii", "replace"))
