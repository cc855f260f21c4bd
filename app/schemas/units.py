"""Units, on the wire."""

from marshmallow import fields

from app.rules.vocabulary import UnitKind
from app.schemas import Day, Strict, UnitId, Word


class UnitQuerySchema(Strict):
    """Which units: of a level, directly under a parent, on a date (default today)."""

    level = Word(UnitKind, load_default=None)
    parent = UnitId(load_default=None)
    on = Day(load_default=None)


class UnitSchema(Strict):
    """A unit as it is on the date asked about; `valid_from` and `valid_to` bound its whole life."""

    id = UnitId(required=True)
    code = fields.String(required=True)
    kind = Word(UnitKind, required=True)
    name = fields.String(required=True)
    parent_id = UnitId(required=True, allow_none=True)
    valid_from = Day(required=True)
    valid_to = Day(required=True, allow_none=True)


class UnitListSchema(Strict):
    """Units by name."""

    items = fields.List(fields.Nested(UnitSchema), required=True)
    next = fields.String(required=True, allow_none=True)
