"""Definitions of indicators and their values."""

import base64
import binascii
import json
from typing import Any

from flask_smorest import Blueprint

from app.core import errors
from app.core.clock import today
from app.http import guards
from app.http.openapi import secured
from app.queries import indicators
from app.rules import periods
from app.rules.indicators import DEFINITIONS
from app.schemas.indicators import DefinitionsAnswer, ValuesAnswer, ValuesQuery

blueprint = Blueprint("indicators", __name__, description="What figures mean, and the figures")


class UnknownCursor(errors.Invalid):
    """The cursor is not one that this list gave out."""

    code = "cursor.unknown"
    message = errors.message("This list cannot be continued from there. Begin again.")


@blueprint.get("/indicators")
@secured(blueprint)
@blueprint.response(200, DefinitionsAnswer)
@guards.requires("indicators.definitions")
def definitions() -> dict[str, Any]:
    """List the definitions of all indicators."""
    return {"items": list(DEFINITIONS.values()), "next": None}


@blueprint.get("/indicators/values")
@secured(blueprint, 404, 422)
@blueprint.arguments(ValuesQuery, location="query")
@blueprint.response(200, ValuesAnswer)
@guards.requires("indicators.values")
def values(args: dict[str, Any]) -> dict[str, Any]:
    """Give figures by unit: numerator, denominator, unknown, and how firm they are."""
    answer = indicators.values(guards.actor(), question(args))
    after = _read_cursor(args["cursor"]) if "cursor" in args else None
    rest = [item for item in answer.items if after is None or item.key > after]
    page, more = rest[: args["limit"]], len(rest) > args["limit"]
    return head(answer) | {"items": page, "next": _write_cursor(page[-1].key) if more else None}


def question(args: dict[str, Any]) -> indicators.Question:
    """Read the parameters that values and exports share."""
    period = periods.parse(args["period"], args["calendar"]) if "period" in args else None
    as_of = periods.check_day(args["as_of"], "as_of") if "as_of" in args else today()
    cut_off = period.cut_off if period else as_of
    return indicators.Question(
        cut_off=cut_off,
        borders=periods.check_day(args["borders"], "borders") if "borders" in args else cut_off,
        calendar=args["calendar"],
        period=period,
        unit=args.get("unit"),
        level=args.get("level"),
        indicators=tuple(args["indicator"]),
        by=frozenset(args["by"]),
        only_working="ages" in args,
        basis=args["basis"],
        rule=args["rule"],
        is_live=args["live"],
    )


def head(answer: indicators.Answer) -> dict[str, Any]:
    """Return what all figures of an answer have in common."""
    asked = answer.question
    return {
        "period": asked.period.text if asked.period else None,
        "calendar": asked.calendar,
        "cut_off": asked.cut_off,
        "borders": asked.borders,
        "basis": asked.basis,
    }


def _write_cursor(key: indicators.ItemKey) -> str:
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> indicators.ItemKey:
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise UnknownCursor(fields={"cursor": [UnknownCursor.message]}) from error
    kinds = (int, str, str, int, int, int, int)
    if not isinstance(found, list) or [type(part) for part in found] != list(kinds):
        raise UnknownCursor(fields={"cursor": [UnknownCursor.message]})
    last, code, unit_id, indicator, sex, age, topic = found
    return last, code, unit_id, indicator, sex, age, topic
