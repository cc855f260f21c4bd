"""Judging operations: what a phone offered becomes homes and visits, or stays in quarantine with its reason."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import structlog

from app.core import errors
from app.core.clock import now
from app.core.database import db
from app.models.households import Household
from app.models.operations import Operation
from app.models.teams import Team
from app.models.users import User
from app.models.visits import Visit
from app.queries import operations as looks
from app.queries import visits as visit_looks
from app.queries.operations import QUARANTINED
from app.queries.scope import OutOfScope
from app.rules.operations import Offered, canonical, without_personal
from app.rules.permissions import Actor
from app.rules.vocabulary import OperationOutcome, OperationType, Settlement
from app.services import audit, households, visits

log = structlog.get_logger()

Read = Callable[[dict[str, Any]], Offered]
"""How the wire is read (schemas/operations.py); handed in, because services do not know the wire."""


@dataclass(frozen=True, slots=True)
class Case:
    """One stored operation to be judged, as read, for its author; an official may vouch for its scope."""

    row: Operation
    offered: Offered
    author: Actor
    is_vouched: bool = False


def judge(cases: list[Case], waiting: Callable[[set[str]], Iterable[Case]]) -> set[str]:
    """Judge `cases` as a set, then those that waited for what they brought; return the homes touched.

    `waiting(ids)` gives the deferred operations that wait for any of the homes or visits in `ids`. Where the
    set fails unexpectedly, each is judged in a savepoint of its own, so that one poisonous record does not
    hold up the others. Each deed is audited by the service that does it.
    """
    touched: set[str] = set()
    while cases:
        brought: set[str] = set()
        try:
            with db.session.begin_nested():
                for case in cases:
                    _judge(case, touched, brought)
        except Exception:
            log.exception("a set of operations failed; judging one by one")
            brought = _judge_singly(cases, touched)
        cases = list(waiting(brought)) if brought else []
    return touched


def _judge_singly(cases: list[Case], touched: set[str]) -> set[str]:
    brought: set[str] = set()
    for case in cases:
        try:
            with db.session.begin_nested():
                _judge(case, touched, brought)
        except Exception:
            log.exception("an operation failed", op_id=case.row.op_id)
            _mark(case.row, OperationOutcome.INVALID, "op.failed")
    return brought


def _judge(case: Case, touched: set[str], brought: set[str]) -> None:
    row, offered = case.row, case.offered
    row.waits_for = None
    _place(case)
    if offered.problems or offered.code:
        _mark(row, OperationOutcome.INVALID, offered.code or "op.malformed", offered.problems)
        return
    if case.offered.type is OperationType.HOUSEHOLD_REGISTER and offered.data["consent"]["answer"] != "yes":
        _strip(row)
    try:
        outcome, code = _do(case, touched, brought)
    except households.HomeUnseen as error:
        row.waits_for = error.needed_id
        _mark(row, OperationOutcome.DEFERRED, error.code)
    except OutOfScope as error:
        _mark(row, OperationOutcome.OUT_OF_SCOPE, error.code)
    except errors.Invalid as error:
        _mark(row, OperationOutcome.INVALID, error.code, error.fields)
    else:
        _mark(row, outcome, code)
        _close_replaced(case)
    db.session.flush()


def _do(case: Case, touched: set[str], brought: set[str]) -> tuple[OperationOutcome, str | None]:
    """Do what the operation asks; return `stored` or `conflict`, and a code to tell beside it, if any."""
    row, author, data = case.row, case.author, case.offered.data
    recorded_at = row.recorded_at or row.received_at
    was_stripped, clashes = False, []
    match case.offered.type:
        case OperationType.HOUSEHOLD_REGISTER:
            household, was_stripped = households.register(
                author, data, recorded_at=recorded_at, is_vouched=case.is_vouched
            )
            touched.add(household.id)
            brought.add(household.id)
        case OperationType.VISIT_RECORD:
            visit, was_stripped = visits.record(
                author,
                data,
                recorded_at=recorded_at,
                received_at=row.received_at,
                clock_offset_ms=row.clock_offset_ms,
                is_vouched=case.is_vouched,
            )
            touched |= visit_looks.homes_of_family(visit) if visit.corrects_id else {visit.household_id}
            brought.add(visit.id)
        case OperationType.VISIT_WITHDRAW:
            withdrawn = visits.withdraw(author, data, is_vouched=case.is_vouched)
            touched |= visit_looks.homes_of_family(withdrawn)
        case OperationType.HOUSEHOLD_AMEND:
            amended = households.amend(
                author, data, op_id=row.op_id, recorded_at=recorded_at, is_vouched=case.is_vouched
            )
            was_stripped, clashes = amended.was_stripped, amended.clashes
            touched.add(amended.household.id)
        case OperationType.OP_VOID:
            pass  # the volunteer undid it before it was ever sent
        case _:
            raise errors.Invalid("op.unknown_type")
    if was_stripped:
        _strip(row)
    outcome = OperationOutcome.CONFLICT if clashes else OperationOutcome.STORED
    return outcome, "consent.stripped" if was_stripped else None


def _strip(row: Operation) -> None:
    """Leave out of the kept body what may not be kept without consent; the hash stays that of what was sent."""
    row.body = canonical(without_personal(json.loads(row.body)))


def _close_replaced(case: Case) -> None:
    """Close the quarantined operation that this one mends; only its author's own."""
    if case.offered.replaces is None:
        return
    replaced = db.session.get(Operation, case.offered.replaces)
    if replaced is not None and replaced.author_id == case.author.id and replaced.outcome in QUARANTINED:
        _settle(replaced, Settlement.MENDED, case.author)


def _settle(row: Operation, settlement: Settlement, actor: Actor, reason: str | None = None) -> None:
    row.settlement, row.settled_at, row.settled_by_id = settlement, now(), actor.id
    row.settlement_reason = reason


def _place(case: Case) -> None:
    """Note whose quarantine the operation would lie in: its home's hamlet, and the team it names."""
    data = case.offered.data
    home_id = data.get("household_id")
    if case.offered.type in (OperationType.HOUSEHOLD_REGISTER, OperationType.HOUSEHOLD_AMEND):
        home_id = data.get("id")
    if case.offered.type is OperationType.VISIT_WITHDRAW and data.get("id"):
        visit = db.session.get(Visit, data["id"])
        home_id = visit.household_id if visit else None
    home = db.session.get(Household, home_id) if home_id else None
    team_id = data.get("team_id")
    case.row.household_id = home_id
    case.row.unit_id = home.unit_id if home else None
    case.row.team_id = team_id if team_id and db.session.get(Team, team_id) else None


def _mark(
    row: Operation, outcome: OperationOutcome, code: str | None, fields: dict[str, list[str]] | None = None
) -> None:
    row.outcome, row.code, row.fields = outcome, code, fields or None


class StillRefused(errors.Conflict):
    """Taking it in was tried, and it still cannot be; its new code and fields say why."""

    code = "operations.still_refused"
    message = errors.message("This record still cannot be taken in. Its reason is shown beside it.")
    keeps_changes = True


class ReasonMissing(errors.Invalid):
    """Setting work aside needs a reason that its author will read."""

    code = "operations.reason"
    message = errors.message("Write the reason, in 1 to 500 characters.")


def take_in(actor: Actor, op_id: str, read: Read) -> Operation:
    """Judge a quarantined operation again, the official answering for its scope; others that waited follow.

    Raises NotFound outside the official's quarantine, StillRefused where it cannot be taken in as it is.
    """
    row = looks.quarantined_or_404(actor, op_id)
    case = Case(row, read(json.loads(row.body)), author_of(row), is_vouched=True)
    touched = judge([case], lambda ids: waiting_for(ids, read))
    households.announce(touched)
    audit.note(actor, "operations.take_in", row.op_id, {"outcome": row.outcome, "code": row.code})
    if row.outcome in QUARANTINED:
        raise StillRefused
    _settle(row, Settlement.TAKEN_IN, actor)
    return row


def set_aside(actor: Actor, op_id: str, reason: str) -> Operation:
    """Close a quarantined operation without taking it in; its author's phone shows the reason.

    Raises NotFound outside the official's quarantine, ReasonMissing.
    """
    row = looks.quarantined_or_404(actor, op_id)
    reason = reason.strip()
    if not 1 <= len(reason) <= 500:
        raise ReasonMissing(fields={"reason": [ReasonMissing.message]})
    _settle(row, Settlement.SET_ASIDE, actor, reason)
    audit.note(actor, "operations.set_aside", row.op_id, {"outcome": row.outcome})
    return row


def waiting_for(ids: set[str], read: Read) -> list[Case]:
    """Return the cases of all deferred operations that wait for any of the homes or visits in `ids`."""
    rows = looks.deferred_for(ids)
    return [Case(row, read(json.loads(row.body)), author_of(row)) for row in rows]


def author_of(row: Operation) -> Actor:
    """Return the author of a stored operation as the actor they are today, on the device they used."""
    user = db.session.get_one(User, row.author_id)
    return Actor(id=user.id, role=user.role, unit_id=user.unit_id, device_id=row.device_id)
