"""/api/v1/sync: what phones push and pull (docs/sync.md)."""

from typing import Any

from flask import Response
from flask_login import current_user
from flask_smorest import Blueprint
from marshmallow import ValidationError

from app.core import errors
from app.core.clock import now
from app.core.i18n import translate
from app.http import bodies, guards, transaction
from app.http.openapi import secured
from app.models.operations import Draft, Operation
from app.queries import operations as operation_looks
from app.queries import scope
from app.queries import sync as feed
from app.rules.operations import LARGEST_PUSH, MESSAGES
from app.schemas import operations, said
from app.schemas.sync import (
    PulledSchema,
    PullQuerySchema,
    PushedSchema,
    PushSchema,
    ReceiptQuerySchema,
    ReceivedListSchema,
    RescuedSchema,
    RescueSchema,
)
from app.services import sync

blueprint = Blueprint("sync", __name__, description="The phones' work")

_PUSH = PushSchema()
_RESCUE = RescueSchema()


@blueprint.after_request
def _note_failure(response: Response) -> Response:
    """Let refused attempts be seen by whoever looks after the teams."""
    if response.status_code >= 400 and current_user.is_authenticated:
        code = (response.json or {}).get("error", {}).get("code", "") if response.is_json else ""
        transaction.start_writing()
        sync.note_failure(guards.actor(), response.status_code, code)
        transaction.keep_changes()
    return response


@blueprint.post("/sync/push")
@blueprint.doc(requestBody={"required": True, "content": {"application/json": {"schema": PushSchema}}})
@secured(blueprint, 413, 415, 422, writes=True)
@blueprint.response(200, PushedSchema)
@guards.requires("sync.push")
@transaction.looks_first
def push() -> dict[str, Any]:
    """Take in at most 100 operations and 512 KiB; gzip is accepted. One result each, in the order sent."""
    try:
        envelope = _PUSH.load(bodies.json_object(LARGEST_PUSH))
    except ValidationError as error:
        raise errors.Invalid(fields=said(error)) from error
    actor = guards.actor()
    offered = [operations.read(raw) for raw in envelope["operations"]]
    for each in offered:
        each.hash  # noqa: B018 (worked out here, not while others wait for the lock)
    transaction.start_writing()
    # A receipt of another epoch says nothing about this one: after a restore each phone would begin one more.
    is_present = envelope["last_receipt"] is not None and envelope["epoch"] == feed.epoch()
    results = sync.push(
        actor,
        device_id=envelope["device_id"],
        schema=envelope["schema"],
        sent_at=envelope["sent_at"],
        last_receipt=envelope["last_receipt"] if is_present else None,
        offered=offered,
        read=operations.read,
    )
    answer = {
        "epoch": feed.epoch(),
        "server_time": now(),
        "results": [
            {
                "op_id": result.op_id,
                "outcome": result.outcome,
                "was": result.row.outcome if result.is_repeated else None,
                "receipt": sync.receipt(result.row) if result.has_receipt else None,
                **_told(result.row),
            }
            for result in results
        ],
    }
    transaction.settle()
    return answer


@blueprint.post("/sync/rescue")
@blueprint.doc(requestBody={"required": True, "content": {"application/json": {"schema": RescueSchema}}})
@secured(blueprint, 413, 415, 422, writes=True)
@blueprint.response(200, RescuedSchema)
@guards.requires("sync.rescue")
def rescue() -> sync.Rescued:
    """Take in a file of unsent work, whoever brings it; at most 1,000 records and 2 MiB. Answers counts only."""
    try:
        body = _RESCUE.load(bodies.json_object(guards.LARGEST_BODY))
    except ValidationError as error:
        raise errors.Invalid(fields=said(error)) from error
    return sync.rescue(
        guards.actor(),
        device_id=body["device_id"],
        author_id=body["author_id"],
        sealed=body["sealed"],
        read=operations.read,
    )


@blueprint.get("/sync/pull")
@blueprint.arguments(PullQuerySchema, location="query")
@secured(blueprint, 422)
@blueprint.response(200, PulledSchema)
@guards.requires("sync.pull")
def pull(query: dict[str, Any]) -> feed.Page:
    """Tell what the caller's teams have to hear since the cursor."""
    actor = guards.actor()
    cursor = feed.Cursor.read(query["cursor"]) if query["cursor"] else None
    mine = scope.areas(actor)
    if feed.is_ahead(mine, cursor) or feed.out_of_line(mine):
        transaction.start_writing()
        sync.catch_up(actor, cursor)
        mine = scope.areas(actor)
    return feed.changes(actor, mine, cursor, query["limit"])


@blueprint.get("/sync/receipts")
@blueprint.arguments(ReceiptQuerySchema, location="query")
@secured(blueprint, 422)
@blueprint.response(200, ReceivedListSchema)
@guards.requires("sync.receipts")
def receipts(query: dict[str, Any]) -> dict[str, Any]:
    """List the caller's own operations from one device, so that phone and server can compare counts."""
    found = operation_looks.receipts(guards.actor(), query["device_id"], query["cursor"], query["limit"])
    return {
        "count": operation_looks.count(guards.actor(), query["device_id"]),
        "items": [
            {
                "op_id": row.op_id,
                "device_seq": row.device_seq,
                "outcome": row.outcome,
                "receipt": sync.receipt(row),
                "settlement": row.settlement,
                "settlement_reason": row.settlement_reason,
                **_told(row),
            }
            for row in found
        ],
        "next": str(found[-1].receipt_seq) if len(found) == query["limit"] else None,
    }


def _told(row: Draft | Operation) -> dict[str, Any]:
    """Return code, message and fields of an operation in the reader's language."""
    fields = {name: [_say(each) for each in texts] for name, texts in (row.fields or {}).items()}
    return {"code": row.code, "message": _say(row.code) if row.code else None, "fields_": fields}


def _say(code_or_text: str) -> str:
    return translate(MESSAGES.get(code_or_text, code_or_text))
