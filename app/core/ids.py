"""Identifiers: UUIDs as lower-case text; those made here are version 7, so that they sort by time."""

import os
import time
import uuid


def new_id() -> str:
    """Make a UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, then 74 random bits."""
    value = int(time.time() * 1000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))
