"""Records sealed on a phone for the server alone, so that a forgotten PIN or a file passed on betrays nothing.

A sealed record is four base64url parts joined by dots: the phone's fresh P-256 public key (65 bytes,
uncompressed), the nonce (12 bytes), the AES-256-GCM ciphertext, and an HMAC-SHA-256 by the device's secret
over the first three as written. The AES key is HKDF-SHA-256 of the ECDH secret, without salt, with
`tung-nha sealed 1` as info. P-256, because WebCrypto has it on every phone still in use.
"""

import base64
import binascii
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.core.crypto import keyring

_CURVE = ec.SECP256R1()
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_INFO = b"tung-nha sealed 1"


class Unreadable(ValueError):
    """The record was not sealed for this server, or was damaged."""


def public_key() -> str:
    """Return the key that phones seal for: an uncompressed P-256 point as base64url."""
    return _write(_point(_private_keys()[0].public_key()))


def open_sealed(sealed: str) -> bytes:
    """Return what a phone sealed; raises Unreadable. Keys that were rotated out still open what they sealed."""
    try:
        point, nonce, ciphertext, _ = (_read(part) for part in sealed.split("."))
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point)
    except (ValueError, binascii.Error) as error:
        raise Unreadable("not a sealed record") from error
    for ours in _private_keys():
        secret = ours.exchange(ec.ECDH(), theirs)
        key = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=_INFO).derive(secret)
        try:
            return AESGCM(key).decrypt(nonce, ciphertext, None)
        except (InvalidTag, ValueError):
            continue
    raise Unreadable("sealed for another server")


def is_proven(sealed: str, device_secret: str) -> bool:
    """Say in constant time whether the record was sealed on the device that has this secret."""
    content, _, mac = sealed.rpartition(".")
    expected = _write(hmac.digest(device_secret.encode(), content.encode(), "sha256"))
    return hmac.compare_digest(expected.encode(), mac.encode("utf-8", "replace"))


def _private_keys() -> list[ec.EllipticCurvePrivateKey]:
    scalars = [int.from_bytes(each, "big") % (_ORDER - 1) + 1 for each in keyring().derive("sealing")]
    return [ec.derive_private_key(scalar, _CURVE) for scalar in scalars]


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def _write(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _read(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
