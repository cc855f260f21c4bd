"""Operations, on the wire: what a phone may send, type by type, and how one is read without ever failing."""

from typing import Any

from marshmallow import fields, validate

from app.core.errors import message
from app.rules import observations
from app.rules.operations import Offered
from app.rules.vocabulary import (
    Account,
    Activity,
    ConsentAnswer,
    Fibre,
    OperationType,
    Outcome,
    Phone,
    Sex,
    Topic,
)
from app.schemas import (
    Day,
    Instant,
    Strict,
    Text,
    TrueOrFalse,
    UnitId,
    Uuid,
    ValidationError,
    WholeInt,
    Word,
    said,
)
from app.schemas.quick import loading

LARGEST_SEQ = 2**53 - 1
"""The largest whole number that every JSON reader keeps exact."""


class ConsentSchema(Strict):
    """The answer to the consent text; a version the server does not know is kept as sent."""

    answer = Word(ConsentAnswer, required=True)
    text_version = Text(most=36, least=1, required=True)
    at = Instant(required=True)


class RegisterSchema(Strict):
    """`household.register`."""

    id = Uuid(required=True)
    team_id = Uuid(required=True)
    unit_id = UnitId(required=True)
    code = Text(most=40, allow_none=True, load_default=None)
    address = Text(most=300, allow_none=True, load_default=None)
    head_name = Text(most=120, allow_none=True, load_default=None)
    phone = Text(most=30, allow_none=True, load_default=None)
    consent = fields.Nested(ConsentSchema, required=True)


class MemberSchema(Strict):
    """What was seen of one member; `skills` null means not assessed."""

    id = Text(most=observations.MEMBER_ID_AT_MOST, least=1, required=True)
    label = Text(most=observations.LABEL_AT_MOST, allow_none=True, load_default=None)
    sex = Word(Sex, load_default=Sex.UNKNOWN)
    birth_year = WholeInt(least=0, most=9999, allow_none=True, load_default=None)
    birth_year_to = WholeInt(least=0, most=9999, allow_none=True, load_default=None)
    phone = Word(Phone, load_default=Phone.UNKNOWN)
    account = Word(Account, load_default=Account.UNKNOWN)
    skills = fields.List(Word(Activity), allow_none=True, load_default=None)


class ChangesSchema(Strict):
    """Fields of a home that changed; what is not named stays."""

    unit_id = UnitId()
    code = Text(most=40, allow_none=True)
    address = Text(most=300, allow_none=True)
    head_name = Text(most=120, allow_none=True)
    phone = Text(most=30, allow_none=True)
    consent = fields.Nested(ConsentSchema)


class AmendSchema(Strict):
    """`household.amend`: each field with the revision it was based on; 0 where it was not known."""

    id = Uuid(required=True)
    changes = fields.Nested(ChangesSchema, required=True)
    base = fields.Dict(keys=Text(most=20), values=WholeInt(least=0, most=LARGEST_SEQ), load_default=dict)
    moved_on = Day(allow_none=True, load_default=None)


class HelpedSchema(Strict):
    """A topic and how many people were helped with it."""

    topic = Word(Topic, required=True)
    people = WholeInt(least=0, most=100_000, required=True)


class VisitSchema(Strict):
    """`visit.record`."""

    id = Uuid(required=True)
    household_id = Uuid(required=True)
    team_id = Uuid(required=True)
    visited_on = Day(required=True)
    outcome = Word(Outcome, required=True)
    fibre = Word(Fibre, allow_none=True, load_default=None)
    other_smart_device = TrueOrFalse(allow_none=True, load_default=None)
    members = fields.List(fields.Nested(MemberSchema), allow_none=True, load_default=list)
    topics = fields.List(fields.Nested(HelpedSchema), allow_none=True, load_default=list)
    note = Text(most=observations.NOTE_AT_MOST, lines=True, allow_none=True, load_default=None)
    next_visit_on = Day(allow_none=True, load_default=None)
    corrects = Uuid(allow_none=True, load_default=None)


class WithdrawSchema(Strict):
    """`visit.withdraw`."""

    id = Uuid(required=True)
    reason = Text(most=500, lines=True, allow_none=True, load_default=None)


class VoidSchema(Strict):
    """`op.void`."""


class _TypeName(fields.String):
    """A type's name as sent, known or not."""

    def __init__(self, **options: Any) -> None:
        too_long = message("This text is too long or too short.")
        super().__init__(validate=validate.Length(max=40, error=too_long), **options)

    def quick(self, value: Any) -> str:
        """Return a short name; see quick.py."""
        if type(value) is not str or len(value) > 40:
            raise ValueError
        return value


class _AnyData(fields.Dict):
    """What an operation carries, to be read by its type's own schema."""

    default_error_messages = {"invalid": message("An object is needed here.")}  # noqa: RUF012

    def quick(self, value: Any) -> dict[str, Any]:
        """Return an object as it is; see quick.py."""
        if type(value) is not dict:
            raise TypeError
        return value


class HeadSchema(Strict):
    """What every operation has, whatever its type."""

    op_id = Uuid(required=True)
    device_seq = WholeInt(least=0, most=LARGEST_SEQ, required=True)
    type = _TypeName(required=True)
    recorded_at = Instant(required=True)
    replaces = Uuid(allow_none=True, load_default=None)
    data = _AnyData(required=True)


_HEAD = loading(HeadSchema())
_DATA = {
    OperationType.HOUSEHOLD_REGISTER: loading(RegisterSchema()),
    OperationType.HOUSEHOLD_AMEND: loading(AmendSchema()),
    OperationType.VISIT_RECORD: loading(VisitSchema()),
    OperationType.VISIT_WITHDRAW: loading(WithdrawSchema()),
    OperationType.OP_VOID: loading(VoidSchema()),
}


def read(sent: Any) -> Offered:
    """Read one operation as sent. Never fails: what cannot be read is told in `code` and `problems`.

    Something that is no object at all is kept as `{"sent": …}`.
    """
    raw: dict[str, Any] = sent if isinstance(sent, dict) else {"sent": sent}
    head: dict[str, Any]
    problems: dict[str, list[str]] = {}
    try:
        head = _HEAD(raw)
    except ValidationError as error:
        head, problems = _sound(error), said(error)
    known: dict[str, Any] = {
        name: head.get(name) for name in ("op_id", "device_seq", "recorded_at", "replaces")
    }
    if problems:
        return Offered(raw, **known, code="op.malformed", problems=problems)
    try:
        kind = OperationType(head["type"])
        load = _DATA[kind]
    except (ValueError, KeyError):
        return Offered(raw, **known, code="op.unknown_type")
    try:
        return Offered(raw, **known, type=kind, data=load(head["data"]))
    except ValidationError as error:
        data = {name: _sound(error).get(name) for name in ("team_id", "household_id")}
        return Offered(raw, **known, type=kind, data=data, code="op.malformed", problems=said(error))


def _sound(error: ValidationError) -> dict[str, Any]:
    """Return the fields that could be read although others could not."""
    return error.valid_data if isinstance(error.valid_data, dict) else {}
