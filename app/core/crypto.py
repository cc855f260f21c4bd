"""Keys and what they do: encrypted columns, signatures, keyed hashes.

`DATA_KEY` is one or more base64 keys of 32 bytes separated by commas: the first encrypts, all decrypt,
so a key is rotated by putting a new one in front. Stored form of a value: version byte 1, key id
(4 bytes), nonce (12 bytes), AES-256-GCM ciphertext with tag. Key id and column name are the associated
data, so that a value moved to another column does not decrypt.
"""

import base64
import binascii
import hashlib
import hmac
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_VERSION = b"\x01"
_KEY_BYTES = 32
_NONCE_BYTES = 12


class BadKey(ValueError):
    """A key is missing, malformed, or not the one that a value was written with."""


class Keyring:
    """The keys of one installation: `keys[0]` writes, all read."""

    def __init__(self, encoded: str) -> None:
        self._keys: dict[bytes, AESGCM] = {}
        self._raw: list[bytes] = []
        self._first = b""
        self._mac_key = b""
        for part in encoded.split(","):
            key = _decode(part.strip())
            key_id = hashlib.sha256(b"key-id" + key).digest()[:4]
            if not self._keys:
                self._first = key_id
            self._keys[key_id] = AESGCM(key)
            self._raw.append(key)
            self._mac_key = hmac.digest(
                key, b"mac", "sha256"
            )  # the last is the oldest: signatures stay valid

    def encrypt(self, plain: bytes, column: str) -> bytes:
        """Encrypt `plain` for the column named `column`, `table.column`."""
        nonce = os.urandom(_NONCE_BYTES)
        bound = self._first + column.encode()
        return _VERSION + self._first + nonce + self._keys[self._first].encrypt(nonce, plain, bound)

    def decrypt(self, stored: bytes, column: str) -> bytes:
        """Decrypt what `encrypt` made; BadKey where no key fits or the value was tampered with."""
        version, key_id, nonce, sealed = stored[:1], stored[1:5], stored[5:17], stored[17:]
        if version != _VERSION or len(nonce) != _NONCE_BYTES:
            raise BadKey(f"{column} was written in another form")
        try:
            return self._keys[key_id].decrypt(nonce, sealed, key_id + column.encode())
        except (KeyError, InvalidTag) as error:
            raise BadKey(f"{column} was written with another DATA_KEY") from error

    def derive(self, purpose: str) -> list[bytes]:
        """Return 32 secret bytes for one `purpose` from each key, that of the present key first."""
        return [hmac.digest(key, b"derive\0" + purpose.encode(), "sha256") for key in self._raw]

    def sign(self, purpose: str, message: str) -> str:
        """Return the HMAC-SHA-256 of `message` for one `purpose`, as URL-safe base64 without padding."""
        mac = hmac.digest(self._mac_key, f"{purpose}\0{message}".encode(), "sha256")
        return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()

    def is_signed(self, purpose: str, message: str, signature: str) -> bool:
        """Say in constant time whether `signature` is ours for `message` and `purpose`."""
        return hmac.compare_digest(self.sign(purpose, message).encode(), signature.encode())


def _decode(encoded: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    except (binascii.Error, ValueError) as error:
        raise BadKey("DATA_KEY is not base64") from error
    if len(key) != _KEY_BYTES:
        raise BadKey(f"each DATA_KEY must have {_KEY_BYTES} bytes, this one has {len(key)}")
    return key


def new_key() -> str:
    """Make a fresh key in the form that `DATA_KEY` takes."""
    return base64.urlsafe_b64encode(os.urandom(_KEY_BYTES)).rstrip(b"=").decode()


_installed: list[Keyring] = []


def install(keyring: Keyring) -> None:
    """Make `keyring` the one that columns of this process use; called once by create_app()."""
    _installed[:] = [keyring]


def keyring() -> Keyring:
    """Return the installed keyring; BadKey before `install`."""
    if not _installed:
        raise BadKey("no DATA_KEY is installed")
    return _installed[0]


class Encrypted(TypeDecorator[str]):
    """Text that the database sees only encrypted. Give the column's own name: `Encrypted("households.phone")`."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, column: str) -> None:
        super().__init__()
        self.column = column

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        """Encrypt on the way in."""
        return (
            None if value is None else keyring().encrypt(value.encode("utf-8", "surrogatepass"), self.column)
        )

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        """Decrypt on the way out."""
        return (
            None
            if value is None
            else keyring().decrypt(bytes(value), self.column).decode("utf-8", "surrogatepass")
        )
