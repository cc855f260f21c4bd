"""Judging operations: what a phone offered becomes homes and visits, or stays in quarantine with its reason."""

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy.exc import OperationalError

from app.core import errors
from app.core.clock import now
from app.core.database import db
from app.models.operations import Draft, Operation
from app.models.users import User
from app.queries import operations as looks
from app.queries import visits as visit_looks
from app.queries.operations import QUARANTINED
from app.queries.scope import OutOfScope
from app.rules.operations import Offered, canonical, may_keep_personal, without_personal
from app.rules.permissions import Actor
from app.rules.vocabulary import OperationOutcome, OperationType, Settlement
from app.services import audit, households, visits
from app.services.ledger import Ledger, lock

log = structlog.get_logger()

Read = Callable[[dict[str, Any]], Offered]
"""How the wire is read (schemas/operations.py); handed in, because services do not know the wire."""


@dataclass(frozen=True, slots=True)
class Case:
    """One operation to be judged, as read, for its author; an official may vouch for its scope.

    Its row is a draft if the operation is new, and in the session if it was kept before (deferred, say).
    """

    row: Draft | Operation
    offered: Offered
    author: Actor
    is_vouched: bool = False

    @property
    def visit_ids(self) -> set[str]:
        """Return the ids of the visits that the operation names."""
        is_of_visit = self.offered.type in (OperationType.VISIT_RECORD, OperationType.VISIT_WITHDRAW)
        named = {self.offered.data.get("id"), self.offered.data.get("corrects")} if is_of_visit else set()
        return {each for each in named if each}


@dataclass(slots=True)
class _Round:
    """A set of cases on its way: what it read and will write, the homes touched, and what it brought."""

    ledger: Ledger
    touched: set[str] = field(default_factory=set)
    brought: set[str] = field(default_factory=set)


def judge(
    cases: Sequence[Case], waiting: Callable[[set[str]], Sequence[Case]], *, singly: bool = False
) -> set[str]:
    """Judge `cases`, keep new ones, then judge those that waited for what they brought; return the homes touched.

    `waiting(ids)` gives the deferred operations that wait for any of the homes or visits in `ids`. Judged as a
    set, any unexpected failure goes up, and the caller tries again `singly`: then each has a savepoint of its
    own, so that one poisonous record does not hold up the others. Each deed is audited by the service that
    does it.
    """
    touched: set[str] = set()
    pending: list[Case] = []
    locked: set[str] = set()
    while cases:
        locked |= _lock(cases, locked)
        done = _judge_singly(cases, locked) if singly else _judge_set(cases, locked)
        touched |= done.touched
        pending += [case for case in cases if _is_pending(case)]
        ready = [case for case in pending if case.row.waits_for in done.brought]
        pending = [case for case in pending if case.row.waits_for not in done.brought]
        cases = [*ready, *waiting(done.brought)] if done.brought else []
    kept = Ledger()
    for case in pending:
        _keep(case, kept)
    kept.write()
    return touched


def _lock(cases: Sequence[Case], locked: set[str]) -> set[str]:
    """Lock all homes and visits that the cases name, together and in order; return them."""
    named = {each for case in cases for each in (case.offered.home_id, *case.visit_ids) if each}
    lock(named - locked)
    return named


def _is_pending(case: Case) -> bool:
    """Say whether a new operation waits for another: it is kept at the end, for that may be in the same push."""
    return case.row.outcome is OperationOutcome.DEFERRED and isinstance(case.row, Draft)


def _keep(case: Case, ledger: Ledger) -> None:
    """Write a new operation; what was kept before is in the session, which writes its changes by itself."""
    if isinstance(case.row, Draft):
        ledger.add(Operation, **vars(case.row))


def _judge_set(cases: Sequence[Case], locked: Collection[str]) -> _Round:
    done = _Round(Ledger(locked))
    homes = {case.offered.home_id for case in cases if case.offered.home_id}
    done.ledger.fetch(homes, set().union(*(case.visit_ids for case in cases)))
    for case in cases:
        _judge(case, done)
    done.ledger.write()
    return done


def _judge_singly(cases: Sequence[Case], locked: Collection[str]) -> _Round:
    done = _Round(Ledger(locked))
    for case in cases:
        try:
            with db.session.begin_nested():
                each = _judge_set([case], locked)
        except OperationalError:
            raise  # the database is full, gone or deadlocked: no record's fault, and the phone tries again
        except Exception:
            log.exception("an operation failed", op_id=case.row.op_id)
            _mark(case.row, OperationOutcome.INVALID, "op.failed")
            _keep(case, done.ledger)
            done.ledger.write()
        else:
            done.touched |= each.touched
            done.brought |= each.brought
    return done


def _judge(case: Case, done: _Round) -> None:
    row, offered = case.row, case.offered
    row.waits_for = None
    _place(case, done.ledger)
    try:
        if offered.problems or offered.code:
            raise errors.Invalid(offered.code or "op.malformed", fields=offered.problems)
        outcome, code = _do(case, done)
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
    home = done.ledger.home(offered.home_id) if offered.home_id else None
    if not may_keep_personal(offered, home.consent_answer if home else None):
        row.body = canonical(without_personal(json.loads(row.body)))  # the hash stays that of what was sent
    if not _is_pending(case):
        _keep(case, done.ledger)


def _do(case: Case, done: _Round) -> tuple[OperationOutcome, str | None]:
    """Do what the operation asks; return `stored` or `conflict`, and a code to tell beside it, if any."""
    row, author, data = case.row, case.author, case.offered.data
    recorded_at = row.recorded_at or row.received_at
    trust: dict[str, Any] = {"is_vouched": case.is_vouched, "ledger": done.ledger}
    was_stripped, clashes = False, []
    match case.offered.type:
        case OperationType.HOUSEHOLD_REGISTER:
            household, was_stripped = households.register(author, data, recorded_at=recorded_at, **trust)
            done.touched.add(household.id)
            done.brought.add(household.id)
        case OperationType.VISIT_RECORD:
            visit, was_stripped = visits.record(
                author,
                data,
                recorded_at=recorded_at,
                received_at=row.received_at,
                clock_offset_ms=row.clock_offset_ms,
                **trust,
            )
            done.touched |= (
                visit_looks.homes_of_family(visit.family_id) if visit.corrects_id else {visit.household_id}
            )
            done.brought.add(visit.id)
        case OperationType.VISIT_WITHDRAW:
            withdrawn = visits.withdraw(author, data, **trust)
            done.touched |= visit_looks.homes_of_family(withdrawn.family_id)
        case OperationType.HOUSEHOLD_AMEND:
            amended = households.amend(author, data, op_id=row.op_id, recorded_at=recorded_at, **trust)
            was_stripped, clashes = amended.was_stripped, amended.clashes
            done.touched.add(amended.household.id)
        case OperationType.OP_VOID:
            pass  # the volunteer undid it before it was ever sent
        case _:
            raise errors.Invalid("op.unknown_type")
    outcome = OperationOutcome.CONFLICT if clashes else OperationOutcome.STORED
    return outcome, "consent.stripped" if was_stripped else None


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


def _place(case: Case, ledger: Ledger) -> None:
    """Note whose quarantine the operation would lie in: its home's hamlet, and the team it names."""
    home_id = case.offered.home_id
    if case.offered.type is OperationType.VISIT_WITHDRAW and case.visit_ids:
        visit = ledger.visit(*case.visit_ids)
        home_id = visit.household_id if visit else None
    home = ledger.home(home_id) if home_id else None
    team_id = case.offered.data.get("team_id")
    case.row.household_id = home_id
    case.row.unit_id = home.unit_id if home else None
    case.row.team_id = team_id if team_id and ledger.is_team(case.author, team_id) else None


def _mark(
    row: Draft | Operation,
    outcome: OperationOutcome,
    code: str | None,
    fields: dict[str, list[str]] | None = None,
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

    Raises NotFound outside the official's commune, AlreadySettled, StillRefused where it cannot be taken in as
    it is.
    """
    row = _unsettled(actor, op_id)
    if not _take_in(actor, [row], read):
        raise StillRefused
    return row


def take_in_all(actor: Actor, author_id: str, read: Read) -> tuple[int, int]:
    """Take in what waits of one sender's; one that fails stops no other. Return how many of how many.

    Raises NotFound where nothing waits in the official's quarantine.
    """
    rows = looks.quarantine_of(actor, author_id)
    if not rows:
        raise errors.NotFound
    return _take_in(actor, rows, read), len(rows)


def set_aside(actor: Actor, op_id: str, reason: str) -> Operation:
    """Close a quarantined operation without taking it in; its author's phone shows the reason.

    Raises NotFound outside the official's commune, AlreadySettled, ReasonMissing.
    """
    row = _unsettled(actor, op_id)
    reason = reason.strip()
    if not 1 <= len(reason) <= 500:
        raise ReasonMissing(fields={"reason": [ReasonMissing.message]})
    _settle(row, Settlement.SET_ASIDE, actor, reason)
    audit.note(actor, "operations.set_aside", row.op_id, {"outcome": row.outcome})
    return row


def _unsettled(actor: Actor, op_id: str) -> Operation:
    row = looks.in_commune_or_404(actor, op_id)
    if row.settlement is not None or row.outcome not in QUARANTINED:
        raise households.AlreadySettled
    return row


def _take_in(actor: Actor, rows: Sequence[Operation], read: Read) -> int:
    """Judge `rows` again, vouching for their scope; return how many were taken in."""
    vouched = {row.op_id for row in rows}
    cases = [_reopen(row, read, is_vouched=True) for row in rows]
    touched = judge(cases, lambda ids: waiting_for(ids, read, vouched), singly=True)
    households.announce(touched)
    taken = [row for row in rows if row.outcome not in QUARANTINED]
    for row in rows:
        audit.note(actor, "operations.take_in", row.op_id, {"outcome": row.outcome, "code": row.code})
    for row in taken:
        _settle(row, Settlement.TAKEN_IN, actor)
    return len(taken)


def waiting_for(ids: set[str], read: Read, vouched: Collection[str] = ()) -> list[Case]:
    """Return the cases of all deferred operations that wait for any of the homes or visits in `ids`.

    An official answers for the scope of those whose `op_id` is in `vouched`.
    """
    return [_reopen(row, read, is_vouched=row.op_id in vouched) for row in looks.deferred_for(ids)]


def _reopen(row: Operation, read: Read, *, is_vouched: bool) -> Case:
    """Return a kept operation as a case; what could not be opened when it was rescued still cannot."""
    raw = json.loads(row.body)
    offered = Offered(raw, code="op.unreadable") if raw.keys() == {"sealed"} else read(raw)
    return Case(row, offered, author_of(row), is_vouched)


def author_of(row: Operation) -> Actor:
    """Return the author of a stored operation as the actor they are today, on the device they used."""
    user = db.session.get_one(User, row.author_id)
    return Actor(id=user.id, role=user.role, unit_id=user.unit_id, device_id=row.device_id)
