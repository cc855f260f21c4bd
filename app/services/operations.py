"""Judging operations: what a phone offered becomes homes and visits, or stays in quarantine with its reason."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import structlog

from app.core import errors
from app.core.database import db
from app.models.households import Household
from app.models.operations import Operation
from app.models.teams import Team
from app.models.users import User
from app.models.visits import Visit
from app.queries import visits as visit_looks
from app.queries.scope import OutOfScope
from app.rules.operations import Offered
from app.rules.permissions import Actor
from app.rules.vocabulary import OperationOutcome, OperationType
from app.services import households, visits

log = structlog.get_logger()

Read = Callable[[dict[str, Any]], Offered]
"""How the wire is read (schemas/operations.py); handed in, because services do not know the wire."""


@dataclass(frozen=True, slots=True)
class Case:
    """One stored operation to be judged, as read, for its author."""

    row: Operation
    offered: Offered
    author: Actor


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
    try:
        code = _do(case, touched, brought)
    except visits.HomeUnseen as error:
        row.waits_for = error.needed_id
        _mark(row, OperationOutcome.DEFERRED, error.code)
    except OutOfScope as error:
        _mark(row, OperationOutcome.OUT_OF_SCOPE, error.code)
    except errors.Invalid as error:
        _mark(row, OperationOutcome.INVALID, error.code, error.fields)
    else:
        _mark(row, OperationOutcome.STORED, code)
    db.session.flush()


def _do(case: Case, touched: set[str], brought: set[str]) -> str | None:
    """Do what the operation asks; return a code to tell beside `stored`, if any."""
    row, author, data = case.row, case.author, case.offered.data
    recorded_at = row.recorded_at or row.received_at
    was_stripped = False
    match case.offered.type:
        case OperationType.HOUSEHOLD_REGISTER:
            household, was_stripped = households.register(author, data, recorded_at=recorded_at)
            touched.add(household.id)
            brought.add(household.id)
        case OperationType.VISIT_RECORD:
            visit, was_stripped = visits.record(
                author,
                data,
                recorded_at=recorded_at,
                received_at=row.received_at,
                clock_offset_ms=row.clock_offset_ms,
            )
            touched |= visit_looks.homes_of_family(visit) if visit.corrects_id else {visit.household_id}
            brought.add(visit.id)
        case OperationType.VISIT_WITHDRAW:
            touched |= visit_looks.homes_of_family(visits.withdraw(author, data))
        case OperationType.OP_VOID:
            pass  # the volunteer undid it before it was ever sent
        case _:
            raise errors.Invalid("op.unknown_type")
    return "consent.stripped" if was_stripped else None


def _place(case: Case) -> None:
    """Note whose quarantine the operation would lie in: its home's hamlet, and the team it names."""
    data = case.offered.data
    home = db.session.get(Household, data["household_id"]) if data.get("household_id") else None
    if home is None and case.offered.type is OperationType.VISIT_WITHDRAW:
        visit = db.session.get(Visit, data["id"])
        home = db.session.get(Household, visit.household_id) if visit else None
    team_id = data.get("team_id")
    case.row.unit_id = home.unit_id if home else None
    case.row.team_id = team_id if team_id and db.session.get(Team, team_id) else None


def _mark(
    row: Operation, outcome: OperationOutcome, code: str | None, fields: dict[str, list[str]] | None = None
) -> None:
    row.outcome, row.code, row.fields = outcome, code, fields or None


def author_of(row: Operation) -> Actor:
    """Return the author of a stored operation as the actor they are today, on the device they used."""
    user = db.session.get_one(User, row.author_id)
    return Actor(id=user.id, role=user.role, unit_id=user.unit_id, device_id=row.device_id)
