"""The wire of figures: questions in, definitions and values out."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from app.core.errors import message
from app.rules.indicators import AGE_BANDS, AGE_UNKNOWN, DEFINITIONS, Counts
from app.rules.vocabulary import Basis, Calendar, FigureStatus, Sex, SkillRule, Topic, UnitKind
from app.schemas import NOT_A_WORD, DayAsked, Limit, Word

ONE_TIME = message("Give a period or a day, not both.")
LIMIT, LIMIT_AT_MOST = 1_000, 10_000


def _one_of(*choices: str) -> validate.OneOf:
    return validate.OneOf(choices, error=NOT_A_WORD)


class FiguresQuery(Schema):
    """Which figures; the parameters of api.md that answers and files share."""

    period = fields.String(metadata={"example": "2025-06"})
    calendar = Word(Calendar, load_default=Calendar.CIVIL)
    as_of = DayAsked()
    unit = fields.String(
        metadata={"description": "ID, or ID@YYYY-MM-DD for the hamlets under it on that date"}
    )
    level = Word(UnitKind)
    indicator = fields.List(fields.String(validate=_one_of(*DEFINITIONS)), load_default=list)
    by = fields.List(fields.String(validate=_one_of("sex", "age", "topic")), load_default=list)
    ages = fields.String(validate=_one_of("working"))
    basis = Word(Basis, load_default=Basis.OBSERVED)
    borders = DayAsked(metadata={"description": "Default: the cut-off"})
    rule = Word(SkillRule, load_default=SkillRule.FIVE_AREAS)
    live = fields.Boolean(
        load_default=False,
        error_messages={"invalid": message("Write true or false.")},
        metadata={"description": "For a published period: today's figures instead of the frozen ones"},
    )

    @validates_schema
    def check_one_time(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """Refuse a period together with a day."""
        if "period" in data and "as_of" in data:
            raise ValidationError({"as_of": [ONE_TIME]})


class ValuesQuery(FiguresQuery):
    """Which figures, and which page of them."""

    limit = Limit(least=1, most=LIMIT_AT_MOST, load_default=LIMIT)
    cursor = fields.String()


class PlaceShape(Schema):
    """A unit; the bare code may be reused, the id tells units apart."""

    id = fields.String(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    kind = Word(UnitKind, required=True)


class CoverageShape(Schema):
    """How many homes stand behind a figure, at its cut-off."""

    baseline = fields.Integer(required=True, allow_none=True)
    registered = fields.Integer(required=True)
    interviewed = fields.Integer(required=True)


class ItemShape(Schema):
    """One figure."""

    unit = fields.Nested(PlaceShape, required=True, allow_none=True)
    indicator = fields.String(attribute="definition.code", required=True)
    version = fields.String(attribute="definition.version", required=True)
    rule = Word(SkillRule, required=True, allow_none=True)
    sex = Word(Sex, required=True, allow_none=True)
    age = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf([*(name for name, _ in AGE_BANDS), AGE_UNKNOWN, None]),
    )
    topic = Word(Topic, required=True, allow_none=True)
    numerator = fields.Integer(required=True)
    denominator = fields.Integer(required=True, allow_none=True)
    unknown_ = fields.Integer(attribute="unknown", data_key="unknown", required=True)
    value = fields.Float(required=True, allow_none=True)
    coverage = fields.Nested(CoverageShape, required=True)
    status = Word(FigureStatus, required=True)
    suppressed = fields.Boolean(attribute="is_suppressed", required=True)
    partial_ = fields.Boolean(attribute="is_partial", data_key="partial", required=True)
    unconverted = fields.Boolean(attribute="is_unconverted", required=True)
    baseline_exceeded = fields.Boolean(attribute="is_baseline_exceeded", required=True)


class ValuesAnswer(Schema):
    """Figures with what they have in common."""

    period = fields.String(required=True, allow_none=True)
    calendar = Word(Calendar, required=True)
    cut_off = fields.Date(required=True)
    borders = fields.Date(required=True)
    basis = Word(Basis, required=True)
    items = fields.List(fields.Nested(ItemShape), required=True)
    next = fields.String(required=True, allow_none=True)


class TextShape(Schema):
    """The same words in both languages."""

    vi = fields.String(required=True)
    en = fields.String(required=True)


class CounterpartShape(Schema):
    """An international indicator that ours is (`same`) or comes near to (`near`)."""

    system = fields.String(required=True)
    code = fields.String(required=True)
    match = fields.String(required=True)


class DefinitionShape(Schema):
    """What one indicator means."""

    code = fields.String(required=True)
    version = fields.String(required=True)
    counts = Word(Counts, required=True)
    min_age = fields.Integer(required=True, allow_none=True)
    name = fields.Nested(TextShape, required=True)
    numerator = fields.Nested(TextShape, required=True)
    denominator = fields.Nested(TextShape, required=True, allow_none=True)
    confirmed_denominator = fields.String(attribute="baseline", required=True, allow_none=True)
    source = fields.Nested(TextShape, required=True)
    international = fields.List(fields.Nested(CounterpartShape), required=True)


class DefinitionsAnswer(Schema):
    """All definitions in force."""

    items = fields.List(fields.Nested(DefinitionShape), required=True)
    next = fields.String(required=True, allow_none=True)
