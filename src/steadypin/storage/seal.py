"""Secrets at rest: AES-256-GCM, bound to the row and column they belong to.

A Seal has a ring of keys and seals with one of them. A sealed value begins with the id of its key, so that rows under
the former key and rows under the new one can be told apart while one key takes the place of the other. A value from
before there were ids is tried with every key.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from steadypin.storage.keys import KeySource

KEY_ID_BYTES = 8
_NONCE_BYTES = 12


class WrongKey(Exception):
    """No key of the ring opens what was sealed; nothing is destroyed by that."""


class Seal:
    """Seals and opens short secrets. `place` (table, column, row) is authenticated, so values cannot be swapped.

    Seals with the first of `keys` until `use` names another one. With a `source` the keys are read again when a value
    needs one that is not known here, so that a key which was put into a file meanwhile is found without a restart.
    """

    def __init__(self, *keys: bytes, source: KeySource | None = None) -> None:
        self.source = source
        self._ciphers: dict[bytes, AESGCM] = {}
        self._add(keys)
        self.current = next(iter(self._ciphers))
        """The id of the key that seals."""

    @property
    def key_ids(self) -> tuple[bytes, ...]:
        """Every key that is known here."""
        return tuple(self._ciphers)

    def close(self, secret: str, *place: str) -> bytes:
        """The id of the key, a random nonce, then the ciphertext."""
        nonce = os.urandom(_NONCE_BYTES)
        return self.current + nonce + self._ciphers[self.current].encrypt(nonce, secret.encode(), _aad(place))

    def open(self, sealed: bytes, *place: str) -> str:
        """The secret again. Raises WrongKey when key or place is another than at sealing."""
        return self.opened(sealed, *place)[1]

    def opened(self, sealed: bytes, *place: str) -> tuple[bytes, str]:
        """The id of the key that opened it, and the secret. Raises WrongKey."""
        found = self._try(sealed, place)
        if found is None and self.learn():
            found = self._try(sealed, place)
        if found is None:
            raise WrongKey("The secret key does not fit what is stored.")
        return found

    def use(self, key_id: bytes) -> bool:
        """Seal with that key from now on; False, and no change, when it is not known here."""
        if key_id not in self._ciphers:
            self.learn()
        if key_id not in self._ciphers:
            return False
        self.current = key_id
        return True

    def learn(self) -> bool:
        """Read the source again; True when it held a key that was not known here. No key is ever forgotten."""
        known = len(self._ciphers)
        if self.source is not None:
            with suppress(OSError, ValueError):  # being edited at this moment: what is known still holds
                self._add(self.source.read())
        return len(self._ciphers) > known

    def _add(self, keys: Iterable[bytes]) -> None:
        self._ciphers |= {key_id(key): AESGCM(key) for key in keys if key_id(key) not in self._ciphers}

    def _try(self, sealed: bytes, place: tuple[str, ...]) -> tuple[bytes, str] | None:
        named = self._ciphers.get(sealed[:KEY_ID_BYTES])
        if named is not None:
            secret = _decrypt(named, sealed[KEY_ID_BYTES:], place)
            if secret is not None:
                return sealed[:KEY_ID_BYTES], secret
        for name, cipher in list(self._ciphers.items()):
            secret = _decrypt(cipher, sealed, place)
            if secret is not None:
                return name, secret
        return None


def key_id(key: bytes) -> bytes:
    """Names a key without telling anything about it."""
    return sha256(b"steadypin key id\x1f" + key).digest()[:KEY_ID_BYTES]


def shown(name: bytes) -> str:
    """A key's id for people."""
    return name.hex()


def _aad(place: tuple[str, ...]) -> bytes:
    return "\x1f".join(place).encode()


def _decrypt(cipher: AESGCM, sealed: bytes, place: tuple[str, ...]) -> str | None:
    try:
        return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _aad(place)).decode()
    except (InvalidTag, ValueError):  # a value too short to be sealed text is a ValueError
        return None
