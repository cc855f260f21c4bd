"""Looks at the operation log."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, bindparam, false, func, or_, select

from app.core import errors
from app.core.database import db
from app.core.statements import Prepared
from app.models.households import Household
from app.models.operations import FieldConflict, Operation
from app.models.teams import Membership, Team
from app.models.users import User
from app.queries import scope
from app.rules.permissions import Actor
from app.rules.vocabulary import OperationOutcome

QUARANTINED = (OperationOutcome.INVALID, OperationOutcome.OUT_OF_SCOPE, OperationOutcome.DEFERRED)
"""Outcomes of operations that are kept but not taken in."""


def by_ids(op_ids: Collection[str]) -> list[Operation]:
    """Return the kept operations among `op_ids`, whoever sent them."""
    found = [row[0] for row in _IDS.rows(ids=list(op_ids))] if op_ids else []
    return list(db.session.scalars(select(Operation).where(Operation.op_id.in_(found)))) if found else []


_IDS = Prepared(select(Operation.op_id).where(Operation.op_id.in_(bindparam("ids", expanding=True))))


def deferred_for(ids: Collection[str]) -> list[Operation]:
    """Return the unsettled operations that wait for any of the homes or visits in `ids`, oldest first."""
    found = [row[0] for row in _DEFERRED.rows(ids=list(ids))] if ids else []
    if not found:
        return []
    query = select(Operation).where(Operation.op_id.in_(found))
    return list(db.session.scalars(query.order_by(Operation.received_at, Operation.op_id)))


_DEFERRED = Prepared(
    select(Operation.op_id).where(
        Operation.outcome == OperationOutcome.DEFERRED,
        Operation.settlement.is_(None),
        Operation.waits_for.in_(bindparam("ids", expanding=True)),
    )
)


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
    """Return a conflict about a home in the official's scope, locked to be settled; NotFound otherwise."""
    query = _conflicts(actor).where(FieldConflict.id == conflict_id).with_for_update(of=FieldConflict)
    conflict = db.session.scalars(query, execution_options={"populate_existing": True}).one_or_none()
    if conflict is None:
        raise errors.NotFound
    return conflict


def open_conflicts(actor: Actor) -> list[FieldConflict]:
    """Return the conflicts that wait for the official, the oldest first."""
    query = _conflicts(actor).where(FieldConflict.settled_at.is_(None))
    return list(db.session.scalars(query.order_by(FieldConflict.noticed_at, FieldConflict.id)))


def quarantine(actor: Actor) -> list[Operation]:
    """Return what waits in the official's quarantine, the oldest first: not taken in, and not settled."""
    query = select(Operation).where(_in_commune(actor), is_waiting())
    return list(db.session.scalars(query.order_by(Operation.received_at, Operation.op_id)))


def in_commune_or_404(actor: Actor, op_id: str) -> Operation:
    """Return an operation of the official's commune, locked to be settled; NotFound otherwise."""
    query = select(Operation).where(Operation.op_id == op_id, _in_commune(actor)).with_for_update()
    found = db.session.scalars(query, execution_options={"populate_existing": True}).one_or_none()
    if found is None:
        raise errors.NotFound
    return found


def quarantine_of(actor: Actor, author_id: str) -> list[Operation]:
    """Return what waits of one sender's in the official's quarantine, the oldest first, locked to be settled."""
    query = (
        select(Operation)
        .where(Operation.author_id == author_id, _in_commune(actor), is_waiting())
        .order_by(Operation.received_at, Operation.op_id)
        .with_for_update()
    )
    return list(db.session.scalars(query, execution_options={"populate_existing": True}))


def count_to_settle(actor: Actor) -> int:
    """Return how many decisions wait for the official: conflicts and operations in quarantine."""
    conflicts = _conflicts(actor).where(FieldConflict.settled_at.is_(None)).subquery()
    waiting = select(Operation.op_id).where(_in_commune(actor), is_waiting()).subquery()
    counts = (db.session.scalar(select(func.count()).select_from(each)) for each in (conflicts, waiting))
    return sum(each or 0 for each in counts)


def _conflicts(actor: Actor) -> Select[FieldConflict]:
    return (
        select(FieldConflict)
        .join(Household, Household.id == FieldConflict.household_id)
        .where(scope.households(actor))
    )


def is_waiting() -> ColumnElement[bool]:
    """Return the condition that an operation was not taken in, and nobody has settled it."""
    return Operation.outcome.in_(QUARANTINED) & Operation.settlement.is_(None)


def _in_commune(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that an operation is the official's to decide.

    Its home's hamlet lies in the commune today; where no home is known, the team it names, or else a team of
    its author's, lies there, or its author works for the commune.
    """
    hamlets = scope.home_hamlets(actor)
    if not hamlets:
        return false()
    teams = select(Team.id).where(Team.unit_id.in_(hamlets | {actor.unit_id}))
    members = select(Membership.user_id).where(Membership.team_id.in_(teams))
    staff = select(User.id).where(User.unit_id == actor.unit_id)
    return or_(
        Operation.unit_id.in_(hamlets),
        Operation.unit_id.is_(None) & Operation.team_id.in_(teams),
        Operation.unit_id.is_(None)
        & Operation.team_id.is_(None)
        & (Operation.author_id.in_(members) | Operation.author_id.in_(staff)),
    )
