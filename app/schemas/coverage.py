"""The wire of coverage."""

from marshmallow import Schema, fields

from app.rules.vocabulary import UnitKind
from app.schemas import DayAsked, Word
from app.schemas.indicators import PlaceShape


class CoverageQuery(Schema):
    """Whose coverage, on which day."""

    unit = fields.String(
        metadata={"description": "ID, or ID@YYYY-MM-DD for the hamlets under it on that date"}
    )
    level = Word(UnitKind)
    on = DayAsked(metadata={"description": "Default: today in Vietnam"})


class LineShape(Schema):
    """The coverage of one unit."""

    unit = fields.Nested(PlaceShape, required=True, allow_none=True)
    baseline = fields.Integer(attribute="count.baseline", required=True, allow_none=True)
    registered = fields.Integer(attribute="count.registered", required=True)
    visited = fields.Integer(attribute="count.visited", required=True)
    interviewed = fields.Integer(attribute="count.interviewed", required=True)
    stale = fields.Integer(attribute="count.stale", required=True)
    last_visit_on = fields.Date(attribute="count.last_visit_on", required=True, allow_none=True)
    partial_ = fields.Boolean(attribute="is_partial", data_key="partial", required=True)
    unconverted = fields.Boolean(attribute="is_unconverted", required=True)


class CoverageAnswer(Schema):
    """Coverage by unit on a day."""

    on = fields.Date(required=True)
    items = fields.List(fields.Nested(LineShape), required=True)
    next = fields.String(required=True, allow_none=True)
