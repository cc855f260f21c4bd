"""/api/v1/units: the register on a date."""

from typing import Any

from flask_smorest import Blueprint

from app.core.clock import today
from app.http import guards
from app.http.openapi import secured
from app.queries import units
from app.schemas.units import UnitListSchema, UnitQuerySchema

blueprint = Blueprint("units", __name__, description="Administrative units through time")


@blueprint.get("/units")
@blueprint.arguments(UnitQuerySchema, location="query")
@secured(blueprint, 422)
@blueprint.response(200, UnitListSchema)
@guards.requires("units.list")
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """List the units that exist on a date, by name. A code is reused, an id is not."""
    found = units.valid_on(query["on"] or today(), query["level"], query["parent"])
    items = [
        {
            "id": unit.id,
            "code": unit.code,
            "kind": unit.kind,
            "name": span.name,
            "parent_id": span.parent_id,
            "valid_from": unit.valid_from,
            "valid_to": unit.valid_to,
        }
        for unit, span in found
    ]
    return {"items": items, "next": None}
