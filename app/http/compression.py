"""Answers made smaller for phones on slow networks: JSON, CSV and the app's own files; pages are left alone.

Pages carry a CSRF token beside what somebody typed, and lengths of compressed pages could betray it (BREACH).
"""

from flask import Flask
from flask_compress import Compress

_compress = Compress()


def init_app(app: Flask) -> None:
    """Compress what is worth it, with Brotli where the client takes it, otherwise gzip."""
    app.config.update(
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=5,
        COMPRESS_MIN_SIZE=600,
        COMPRESS_STREAMS=True,
        COMPRESS_MIMETYPES=[
            "application/json",
            "application/manifest+json",
            "image/svg+xml",
            "text/css",
            "text/csv",
            "text/javascript",
        ],
    )
    _compress.init_app(app)
