"""Sealing on a phone, written from docs/sync.md and not from the server's code."""

import base64
import hmac
import json
import os
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.faults.journal import Operation
from tests.faults.phone import Phone


def rescue_file(phone: Phone, author_id: str) -> dict[str, Any]:
    """Return what *Save unsent work to a file* writes for one person on a phone."""
    unsent = [each for each in phone.journal.of(author_id) if each.answer is None]
    return {
        "format": 1,
        "device_id": phone.journal.device_id,
        "author_id": author_id,
        "made_at": None,
        "sealed": [seal(each.as_sent(), phone.sealing_key, phone.device_secret) for each in unsent],
    }


def seal(operation: Operation, sealing_key: str, device_secret: str) -> str:
    """Seal an operation for the server alone and prove the phone it comes from."""
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _read(sealing_key))
    ours = ec.generate_private_key(ec.SECP256R1())
    info = b"tung-nha sealed 1"
    key = HKDF(hashes.SHA256(), 32, salt=None, info=info).derive(ours.exchange(ec.ECDH(), theirs))
    nonce = os.urandom(12)
    text = AESGCM(key).encrypt(nonce, json.dumps(operation, ensure_ascii=False).encode(), None)
    point = ours.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    content = ".".join(_write(part) for part in (point, nonce, text))
    return f"{content}.{_write(hmac.digest(device_secret.encode(), content.encode(), 'sha256'))}"


def _write(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _read(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
