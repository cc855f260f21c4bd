"""The wire of releases: what was published, who approved, what has changed since."""

from marshmallow import Schema, fields

from app.rules.vocabulary import Calendar, RestatementReason, Sex, Topic
from app.schemas import Instant, Word
from app.schemas.indicators import CoverageShape, PlaceShape


class ApprovalShape(Schema):
    """Whether a commune had approved when the release was published."""

    unit_id = fields.String(required=True)
    name = fields.String(required=True)
    approved = fields.Boolean(required=True)
    approved_at = fields.String(required=True, allow_none=True)


class ReleaseShape(Schema):
    """A release; `number` counts the versions of one period, the highest stands."""

    id = fields.String(required=True)
    unit_id = fields.String(required=True)
    period = fields.String(required=True)
    calendar = Word(Calendar, required=True)
    number = fields.Integer(required=True)
    cut_off = fields.Date(required=True)
    published_at = Instant(required=True)
    fingerprint = fields.String(required=True)


class ReleaseAnswer(ReleaseShape):
    """A release with the versions of its definitions and the approvals it rests on."""

    definitions = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    approvals = fields.List(fields.Nested(ApprovalShape), required=True)


class ReleasesAnswer(Schema):
    """Releases, the latest first."""

    items = fields.List(fields.Nested(ReleaseShape), required=True)
    next = fields.String(required=True, allow_none=True)


class FigureShape(Schema):
    """The counts of one figure, and the coverage beside it."""

    numerator = fields.Integer(required=True)
    denominator = fields.Integer(required=True, allow_none=True)
    unknown_ = fields.Integer(attribute="unknown", data_key="unknown", required=True)
    value = fields.Float(required=True, allow_none=True)
    coverage = fields.Nested(CoverageShape, required=True)


class RestatementShape(Schema):
    """A figure as published (`old`) and as it is today (`new`), and what may explain the difference."""

    unit = fields.Nested(PlaceShape, required=True, allow_none=True)
    indicator = fields.String(required=True)
    sex = Word(Sex, required=True, allow_none=True)
    age = fields.String(required=True, allow_none=True)
    topic = Word(Topic, required=True, allow_none=True)
    old = fields.Nested(FigureShape, required=True, allow_none=True)
    new = fields.Nested(FigureShape, required=True, allow_none=True)
    reasons = fields.List(Word(RestatementReason), required=True)


class RestatementsAnswer(Schema):
    """Every difference between a release and today's figures."""

    items = fields.List(fields.Nested(RestatementShape), required=True)
    next = fields.String(required=True, allow_none=True)
