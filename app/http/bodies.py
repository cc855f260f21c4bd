"""Request bodies that may come compressed and must not be too large once unpacked."""

import json
import zlib
from typing import Any

from flask import request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType


def json_object(most: int) -> dict[str, Any]:
    """Return the request's JSON object, inflating gzip, of at most `most` bytes when unpacked.

    Raises 400 where it is not JSON or no object, 413 where it is larger, 415 where it claims to be something
    else. NaN and Infinity are not JSON.
    """
    if not request.is_json:
        raise UnsupportedMediaType
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding not in ("identity", "gzip"):
        raise UnsupportedMediaType
    packed = request.get_data(cache=False)
    body = _inflate(packed, most) if encoding == "gzip" else packed
    if len(body) > most:
        raise RequestEntityTooLarge
    try:
        found = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise BadRequest from error
    if not isinstance(found, dict):
        raise BadRequest
    return found


def _inflate(packed: bytes, most: int) -> bytes:
    stream = zlib.decompressobj(wbits=31)
    try:
        body = stream.decompress(packed, most + 1)
    except zlib.error as error:
        raise BadRequest from error
    if len(body) <= most and not stream.eof:
        raise BadRequest  # cut off half-way
    return body


def _refuse(constant: str) -> None:
    raise ValueError(constant)
