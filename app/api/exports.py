"""Figures as files: the same question as values, for Excel, for other programs, for keeping."""

import io
import json
from typing import Any

from flask import Response, send_file
from flask_smorest import Blueprint

from app.api.indicators import head, question
from app.core.i18n import language, translate
from app.http import guards
from app.http.openapi import secured
from app.queries import indicators
from app.schemas import exports
from app.schemas.indicators import FiguresQuery, ValuesAnswer

blueprint = Blueprint("exports", __name__, description="Figures as files")

_FILE = {"type": "string", "format": "binary"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/exports/indicators.csv")
@secured(blueprint, 404, 422)
@blueprint.arguments(FiguresQuery, location="query")
@blueprint.response(200, _FILE, content_type="text/csv")
@guards.requires("exports.download")
def as_csv(args: dict[str, Any]) -> Response:
    """Give the figures as CSV in UTF-8, one self-contained row each, under the field names of the API."""
    return _file(exports.as_csv(_answer(args)), "text/csv", args)


@blueprint.get("/exports/indicators.xlsx")
@secured(blueprint, 404, 422)
@blueprint.arguments(FiguresQuery, location="query")
@blueprint.response(200, _FILE, content_type=XLSX)
@guards.requires("exports.download")
def as_xlsx(args: dict[str, Any]) -> Response:
    """Give the figures as a workbook with headings in the reader's language."""
    return _file(exports.as_xlsx(_answer(args), language(), translate), XLSX, args)


@blueprint.get("/exports/indicators.json")
@secured(blueprint, 404, 422)
@blueprint.arguments(FiguresQuery, location="query")
@blueprint.response(200, ValuesAnswer, content_type="application/json")
@guards.requires("exports.download")
def as_json(args: dict[str, Any]) -> Response:
    """Give the figures as the API does, all in one file."""
    body = json.dumps(_answer(args), ensure_ascii=False, indent=1).encode()
    return _file(body, "application/json", args)


def _answer(args: dict[str, Any]) -> dict[str, Any]:
    """Return the whole answer as the API would send it, without pages."""
    found = indicators.values(guards.actor(), question(args))
    shape: dict[str, Any] = ValuesAnswer().dump(head(found) | {"items": found.items, "next": None})
    return shape


def _file(content: bytes, mimetype: str, args: dict[str, Any]) -> Response:
    asked = question(args)
    when = asked.period.text if asked.period else asked.cut_off.isoformat()
    ending = {"text/csv": "csv", XLSX: "xlsx"}.get(mimetype, "json")
    name = f"{translate(exports.FILE_NAME)} {when}.{ending}"
    return send_file(io.BytesIO(content), mimetype, as_attachment=True, download_name=name)
