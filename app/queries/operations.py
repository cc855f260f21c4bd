"""Looks at the operation log."""

from collections.abc import Collection

from sqlalchemy import func, or_, select

from app.core import errors
from app.core.database import db
from app.models.households import Household
from app.models.operations import FieldConflict, Operation
from app.models.teams import Membership, Team
from app.queries import scope
from app.rules.permissions import Actor
from app.rules.vocabulary import OperationOutcome

QUARANTINED = (OperationOutcome.INVALID, OperationOutcome.OUT_OF_SCOPE, OperationOutcome.DEFERRED)
"""Outcomes of operations that are kept but not taken in."""


def by_ids(op_ids: Collection[str]) -> list[Operation]:
    """Return the kept operations among `op_ids`, whoever sent them."""
    return list(db.session.scalars(select(Operation).where(Operation.op_id.in_(op_ids)))) if op_ids else []


def deferred_for(ids: Collection[str]) -> list[Operation]:
    """Return the deferred operations that wait for any of the homes or visits in `ids`, oldest first."""
    query = (
        select(Operation)
        .where(Operation.outcome == OperationOutcome.DEFERRED, Operation.waits_for.in_(ids))
        .order_by(Operation.received_at, Operation.op_id)
    )
    return list(db.session.scalars(query))


def receipts(actor: Actor, device_id: str, after: int, limit: int) -> list[Operation]:
    """Return the actor's own operations from a device with receipt numbers above `after`, in their order."""
    query = (
        select(Operation)
        .where(
            Operation.author_id == actor.id, Operation.device_id == device_id, Operation.receipt_seq > after
        )
        .order_by(Operation.receipt_seq)
        .limit(limit)
    )
    return list(db.session.scalars(query))


def count(actor: Actor, device_id: str) -> int:
    """Return how many operations the server keeps of the actor's from a device."""
    query = select(func.count()).where(Operation.author_id == actor.id, Operation.device_id == device_id)
    return db.session.scalar(query) or 0


def of_household(household_id: str) -> list[Operation]:
    """Return the kept operations that concern a home."""
    return list(db.session.scalars(select(Operation).where(Operation.household_id == household_id)))


def conflict_in_scope_or_404(actor: Actor, conflict_id: int) -> FieldConflict:
    """Return a conflict about a home in the official's scope; NotFound otherwise."""
    query = (
        select(FieldConflict)
        .join(Household, Household.id == FieldConflict.household_id)
        .where(FieldConflict.id == conflict_id, scope.households(actor))
    )
    conflict = db.session.scalars(query).one_or_none()
    if conflict is None:
        raise errors.NotFound
    return conflict


def open_conflicts(actor: Actor) -> list[FieldConflict]:
    """Return the conflicts that wait for the official, the oldest first."""
    query = (
        select(FieldConflict)
        .join(Household, Household.id == FieldConflict.household_id)
        .where(FieldConflict.settled_at.is_(None), scope.households(actor))
        .order_by(FieldConflict.noticed_at, FieldConflict.id)
    )
    return list(db.session.scalars(query))


def quarantine(actor: Actor) -> list[Operation]:
    """Return what waits in the official's quarantine, the oldest first.

    That is what was not taken in and is not settled, whose home's hamlet (otherwise the hamlets or commune of
    whose author's team) lies in the official's commune.
    """
    hamlets = scope.home_hamlets(actor)
    teams = select(Team.id).where(Team.unit_id.in_(hamlets | {actor.unit_id or ""}))
    members = select(Membership.user_id).where(Membership.team_id.in_(teams))
    query = (
        select(Operation)
        .where(
            Operation.outcome.in_(QUARANTINED),
            Operation.settlement.is_(None),
            or_(
                Operation.unit_id.in_(hamlets),
                Operation.unit_id.is_(None) & Operation.team_id.in_(teams),
                Operation.unit_id.is_(None) & Operation.team_id.is_(None) & Operation.author_id.in_(members),
            ),
        )
        .order_by(Operation.received_at, Operation.op_id)
    )
    return list(db.session.scalars(query))


def quarantined_or_404(actor: Actor, op_id: str) -> Operation:
    """Return one operation of the official's quarantine; NotFound otherwise."""
    found = next((row for row in quarantine(actor) if row.op_id == op_id), None)
    if found is None:
        raise errors.NotFound
    return found
