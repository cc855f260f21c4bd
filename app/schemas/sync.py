"""Push, pull and receipts, on the wire."""

from marshmallow import fields, validate

from app.rules.vocabulary import OperationOutcome, Settlement
from app.schemas import Instant, Limit, Strict, Text, Uuid, WholeInt, Word


class HeldReceiptSchema(Strict):
    """The latest receipt that a phone holds; one from the future of this server tells that it was rolled back."""

    op_id = Uuid(required=True)
    seq = WholeInt(least=0, most=2**53 - 1, required=True)
    hash = fields.String(required=True)
    hmac = fields.String(required=True)


class PushSchema(Strict):
    """A push. Operations are read one by one (schemas/operations.py), so that one bad record stops no other."""

    schema = WholeInt(least=1, most=1000, required=True)
    device_id = Text(most=64, least=1, required=True)
    epoch = fields.String(allow_none=True, load_default=None)
    sent_at = Instant(required=True)
    last_receipt = fields.Nested(HeldReceiptSchema, allow_none=True, load_default=None)
    operations = fields.List(
        fields.Raw(allow_none=True),
        required=True,
        metadata={
            "description": "household.register, visit.record, visit.withdraw or op.void; see the guide"
        },
    )


class RescueSchema(Strict):
    """A rescue file: whose, from which device, and the sealed records (see docs/sync.md)."""

    format = WholeInt(least=1, most=1, required=True)
    device_id = Text(most=64, least=1, required=True)
    author_id = Uuid(required=True)
    made_at = Instant(load_default=None, allow_none=True)
    sealed = fields.List(
        fields.String(validate=validate.Regexp(r"^[A-Za-z0-9_.-]{1,60000}$")),
        required=True,
        validate=validate.Length(max=1000),
    )


class RescuedSchema(Strict):
    """Counts only: how many records, taken in now, known before, kept for the official."""

    count = fields.Integer(required=True)
    taken_in = fields.Integer(required=True)
    known = fields.Integer(required=True)
    quarantined = fields.Integer(required=True)


class ReceiptSchema(Strict):
    """Proof that the server keeps an operation."""

    seq = fields.Integer(required=True)
    hash = fields.String(required=True)
    hmac = fields.String(required=True)


class ResultSchema(Strict):
    """What became of one operation. `was` is the standing outcome of a duplicate."""

    op_id = fields.Raw(required=True, allow_none=True)
    outcome = Word(OperationOutcome, required=True)
    was = Word(OperationOutcome, required=True, allow_none=True)
    receipt = fields.Nested(ReceiptSchema, required=True, allow_none=True)
    code = fields.String(required=True, allow_none=True)
    message = fields.String(required=True, allow_none=True)
    fields_ = fields.Dict(
        keys=fields.String(), values=fields.List(fields.String()), required=True, data_key="fields"
    )


class PushedSchema(Strict):
    """The answer to a push: one result per operation in the order sent."""

    epoch = fields.String(required=True)
    server_time = Instant(required=True)
    results = fields.List(fields.Nested(ResultSchema), required=True)


class PullQuerySchema(Strict):
    """From where, and how many homes at most."""

    cursor = fields.String(load_default=None)
    limit = Limit(least=1, most=500, load_default=150)


class PulledSchema(Strict):
    """A page of the feed; items are of kind household, evict or team. `left` counts homes of later pages."""

    epoch = fields.String(required=True)
    cursor = fields.String(required=True)
    more = fields.Boolean(required=True)
    left = fields.Integer(required=True)
    items = fields.List(fields.Dict(), required=True)


class ReceiptQuerySchema(Strict):
    """Of which device, from where, and how many at most."""

    device_id = Text(most=64, least=1, required=True)
    cursor = Limit(least=0, most=2**53, load_default=0)
    limit = Limit(least=1, most=1000, load_default=500)


class ReceivedSchema(Strict):
    """One kept operation. `settlement` says how it left quarantine, if it did, with the official's reason."""

    op_id = fields.String(required=True)
    device_seq = fields.Integer(required=True, allow_none=True)
    outcome = Word(OperationOutcome, required=True)
    code = fields.String(required=True, allow_none=True)
    message = fields.String(required=True, allow_none=True)
    fields_ = fields.Dict(
        keys=fields.String(), values=fields.List(fields.String()), required=True, data_key="fields"
    )
    receipt = fields.Nested(ReceiptSchema, required=True)
    settlement = Word(Settlement, required=True, allow_none=True)
    settlement_reason = fields.String(required=True, allow_none=True)


class ReceivedListSchema(Strict):
    """The caller's own operations that the server keeps from one device."""

    count = fields.Integer(required=True)
    items = fields.List(fields.Nested(ReceivedSchema), required=True)
    next = fields.String(required=True, allow_none=True)
