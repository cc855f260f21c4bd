"""REST under /api/v1 by flask-smorest, and the OpenAPI 3.1 document that tells the truth about it."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from flask import Flask, Response
from flask_smorest import Api, Blueprint
from marshmallow import Schema, fields
from werkzeug.exceptions import HTTPException

from app.http import errors, guards

PREFIX = "/api/v1"


class ErrorDetail(Schema):
    """What went wrong: a code that never changes, a message in the reader's language, the fields concerned."""

    code = fields.String(required=True)
    message = fields.String(required=True)
    fields_ = fields.Dict(
        keys=fields.String(), values=fields.List(fields.String()), required=True, data_key="fields"
    )
    request_id = fields.String(required=True, allow_none=True)


class ErrorAnswer(Schema):
    """The one shape of every error."""

    error = fields.Nested(ErrorDetail, required=True)


class _Api(Api):
    """flask-smorest with our own errors: its handler would turn pages into JSON and drop headers."""

    ERROR_SCHEMA = ErrorAnswer

    def _register_error_handlers(self) -> None:
        """Leave errors to `http/errors.py`."""

    def handle_http_exception(self, error: HTTPException) -> Response:
        """Answer as the whole app does."""
        return errors.from_http(error)


def init_app(app: Flask, blueprints: Iterable[Blueprint]) -> None:
    """Register the API's blueprints and serve their document at /api/v1/openapi.json."""
    app.config.update(
        API_TITLE="Từng Nhà",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "info": {"description": "The notebook of community digital-technology teams."},
            "components": {
                "securitySchemes": {
                    "session": {"type": "apiKey", "in": "cookie", "name": "tung-nha"},
                    "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRFToken"},
                }
            },
        },
    )
    api = _Api(app)
    for blueprint in blueprints:
        api.register_blueprint(blueprint, url_prefix=PREFIX)
    shown = app.view_functions["api-docs.openapi_json"]
    app.view_functions["api-docs.openapi_json"] = guards.public(partial(shown))


def secured(blueprint: Blueprint, *statuses: int, writes: bool = False) -> Any:
    """Document what a guarded endpoint may answer beside success: 401, 403 and `statuses`."""
    security: dict[str, list[str]] = {"session": [], "csrf": []} if writes else {"session": []}

    def mark(view: Any) -> Any:
        for status in (401, 403, *statuses, *((400,) if writes else ())):
            view = blueprint.alt_response(status, schema=ErrorAnswer, description=_MEANING[status])(view)
        return blueprint.doc(security=[security])(view)

    return mark


_MEANING = {
    400: "Not readable, or without a valid CSRF token",
    401: "Nobody is signed in",
    403: "The role has no such permission",
    404: "Not found, or outside the scope",
    409: "The state of things does not allow it",
    413: "Too much at once",
    415: "Not JSON, or packed in another way than gzip",
    422: "The content cannot be used; see the fields",
    429: "Too many attempts; see Retry-After",
}
