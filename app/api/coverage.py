"""Coverage: how far the teams have come, by unit."""

from typing import Any

from flask_smorest import Blueprint

from app.core.clock import today
from app.http import guards
from app.http.openapi import secured
from app.queries import coverage
from app.rules import periods
from app.schemas.coverage import CoverageAnswer, CoverageQuery

blueprint = Blueprint("coverage", __name__, description="Homes registered, visited and interviewed")


@blueprint.get("/coverage")
@secured(blueprint, 404, 422)
@blueprint.arguments(CoverageQuery, location="query")
@blueprint.response(200, CoverageAnswer)
@guards.requires("coverage.show")
def show(args: dict[str, Any]) -> dict[str, Any]:
    """Give the coverage of every unit of a level on a day."""
    on = periods.check_day(args["on"], "on") if "on" in args else today()
    return {
        "on": on,
        "items": coverage.lines(guards.actor(), on, args.get("unit"), args.get("level")),
        "next": None,
    }
