"""Errors become answers here, once: JSON under /api, a page elsewhere. Database messages never leave."""

import re
import uuid
from typing import Any

import structlog
from flask import Flask, Response, g, jsonify, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from app.core import errors
from app.core.i18n import translate
from app.http import transaction
from app.schemas import flatten

log = structlog.get_logger()

_HTTP = {
    400: ("request.malformed", errors.message("The request could not be read.")),
    404: ("not.found", errors.NotFound.message),
    405: ("request.method", errors.message("This address does not take that kind of request.")),
    413: ("request.too_large", errors.TooLarge.message),
    415: ("request.media_type", errors.message("Send JSON.")),
    422: ("request.invalid", errors.Invalid.message),
}


def init_app(app: Flask) -> None:
    """Translate every exception of `app`."""
    app.before_request(_name_request)
    app.after_request(_tell_request_id)
    app.register_error_handler(errors.AppError, _from_app_error)
    app.register_error_handler(CSRFError, _from_csrf)
    app.register_error_handler(HTTPException, from_http)
    app.register_error_handler(Exception, _from_unexpected)


def _name_request() -> None:
    offered = request.headers.get("X-Request-ID", "")
    g.request_id = offered if re.fullmatch(r"[A-Za-z0-9._-]{8,36}", offered) else str(uuid.uuid4())
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _tell_request_id(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.get("request_id", "")
    return response


def _from_app_error(error: errors.AppError) -> Response:
    if error.keeps_changes:
        transaction.keep_changes()
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after else {}
    return _answer(error.status, error.code, error.message, error.fields, headers)


def _from_csrf(_error: CSRFError) -> Response:
    text = errors.message("The page was open too long or came from elsewhere. Reload it and try again.")
    return _answer(400, "session.csrf", text)


def from_http(error: HTTPException) -> Response:
    """Answer for an error that Flask, werkzeug or webargs raised; `Allow` and `Retry-After` are kept."""
    status = error.code or 500
    if status < 400:
        return Response(error.get_response().data, status, dict(error.get_headers()))
    code, text = _HTTP.get(status, (f"http.{status}", errors.AppError.message))
    kept = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}
    # webargs hands over marshmallow's messages as {location: {field: [...]}}
    found: dict[str, Any] = getattr(error, "data", None) or {}
    messages: Any = next(iter(found.get("messages", {}).values()), {})
    return _answer(status, code, text, flatten(messages), kept)


def _from_unexpected(error: Exception) -> Response:
    log.error("unexpected error", exc_info=error, path=request.path, method=request.method)
    return _answer(500, errors.AppError.code, errors.AppError.message)


def _answer(
    status: int,
    code: str,
    text: str,
    fields: dict[str, list[str]] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    told = translate(text)
    fields = {name: [translate(each) for each in texts] for name, texts in (fields or {}).items()}
    if request.path.startswith("/api/"):
        body = {"code": code, "message": told, "fields": fields, "request_id": g.get("request_id")}
        response = jsonify(error=body)
    else:
        response = Response(render_template("errors/error.html", status=status, code=code, message=told))
    response.status_code = status
    response.headers.update(headers or {})
    return response
