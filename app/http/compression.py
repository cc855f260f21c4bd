"""Answers made smaller for phones on slow networks: JSON, CSV and the app's own files; pages are left alone.

Pages carry a CSRF token beside what somebody typed, and the lengths of compressed pages could betray it (BREACH).
JSON echoes nothing of the request next to a secret.
"""

from typing import Any

from flask import Flask, Request, Response, g
from flask_compress import Compress

WORTH_IT = [
    "application/javascript",
    "application/json",
    "application/manifest+json",
    "image/svg+xml",
    "text/css",
    "text/csv",
    "text/javascript",
]

_compress = Compress()


class _Immutable:
    """Compressed files of this process, so that each is compressed once; what has no key is not kept."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        """Return what was kept under `key`."""
        return self._kept.get(key)

    def set(self, key: str, value: bytes) -> None:
        """Keep it, unless it is an answer that may change."""
        if not key.endswith(";"):
            self._kept[key] = value


def init_app(app: Flask) -> None:
    """Compress what is worth it, with Brotli where the client takes it, otherwise gzip.

    Call it before the transaction's `init_app`: what is registered first runs last, so that no database lock is
    held meanwhile.
    """
    app.config.update(
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=5,
        COMPRESS_LEVEL=6,
        COMPRESS_MIN_SIZE=600,
        COMPRESS_STREAMS=False,
        COMPRESS_MIMETYPES=WORTH_IT,
        COMPRESS_CACHE_BACKEND=_Immutable,
        COMPRESS_CACHE_KEY=_key,
        COMPRESS_REGISTER=False,  # _answer asks for it
    )
    _compress.init_app(app)
    app.after_request(_answer)


def _key(request: Request) -> str:
    return request.path if g.get("is_immutable") else ""


def _answer(response: Response) -> Response:
    if response.status_code != 200:
        return response  # part of a file (206) is a part of it as it is; errors and nothing (304) are small
    if response.mimetype in WORTH_IT:
        response.direct_passthrough = False
        response.make_sequence()  # whole, so that Brotli and gzip alike know its length
    compressed: Any = _compress.after_request(response)
    return compressed if isinstance(compressed, Response) else response
