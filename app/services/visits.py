"""Recording and withdrawing visits. A visit is never edited: only corrected by another, or withdrawn."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.core import errors
from app.core.clock import civil_date, now
from app.core.database import db
from app.models.audit import AuditEntry
from app.models.households import Household, Member
from app.models.visits import Observation, Visit, VisitTopic
from app.rules import observations, skills
from app.rules.operations import MESSAGES
from app.rules.permissions import Actor
from app.rules.vocabulary import ConsentAnswer, Outcome, Role, VisitStatus
from app.services import audit
from app.services.households import HomeUnseen, check_scope, check_team
from app.services.ledger import KnownHome, KnownVisit, Ledger


class AlreadyRecorded(errors.Invalid):
    """A visit with this id is known."""

    code = "visit.exists"
    message = MESSAGES["visit.exists"]


class NotYours(errors.Invalid):
    """Only the author may correct a visit; only the author or the team's leader may withdraw it."""

    code = "visit.not_yours"
    message = MESSAGES["visit.not_yours"]


class Unsound(errors.Invalid):
    """The visit breaks a rule between its fields; the code is that of the first (rules/observations.py)."""


class CorrectsItself(errors.Invalid):
    """A visit names itself as the one it corrects; it would wait for itself for ever."""

    code = "visit.corrects_itself"
    message = MESSAGES["visit.corrects_itself"]


class VisitUnseen(HomeUnseen):
    """The visit to correct or withdraw has not arrived yet; `needed_id` is its id."""

    code = "visit.waited_for"
    message = MESSAGES["visit.waited_for"]


def record(
    actor: Actor,
    data: Mapping[str, Any],
    *,
    recorded_at: datetime,
    received_at: datetime,
    clock_offset_ms: int | None = None,
    is_vouched: bool = False,
    ledger: Ledger | None = None,
) -> tuple[KnownVisit, bool]:
    """Record a visit (visit.record's data); say too whether labels were left out for want of consent.

    With `is_vouched` an official answers for the scope. With a `ledger` the caller writes it.

    Raises Unsound, AlreadyRecorded, HomeUnseen, VisitUnseen, NotYours, TeamNotYours, HomeNotYours, all before
    anything is written.
    """
    book = ledger or Ledger()
    _check_sound(data, received_at)
    if book.visit(data["id"]) is not None:
        raise AlreadyRecorded
    household = book.home(data["household_id"])
    if household is None:
        raise HomeUnseen(data["household_id"])
    corrected = _corrected(actor, data["id"], data.get("corrects"), book)
    areas = book.areas(actor)
    check_team(areas, data["team_id"], is_vouched=is_vouched)
    check_scope(areas, household, is_vouched=is_vouched)
    visit = book.add_visit(
        id=data["id"],
        household_id=household.id,
        team_id=data["team_id"],
        author_id=actor.id,
        visited_on=data["visited_on"],
        recorded_at=recorded_at,
        received_at=received_at,
        clock_offset_ms=clock_offset_ms,
        outcome=Outcome(data["outcome"]),
        fibre=data.get("fibre"),
        other_smart_device=data.get("other_smart_device"),
        note=data.get("note"),
        next_visit_on=data.get("next_visit_on"),
        corrects_id=corrected.id if corrected else None,
        family_id=corrected.family_id if corrected else data["id"],
        is_counting=corrected is None,
        status=VisitStatus.SUBMITTED,
    )
    members = data.get("members") or ()
    book.add_all(Observation, [_observed(visit.id, place, member) for place, member in enumerate(members)])
    book.add_all(VisitTopic, [{"visit_id": visit.id, **row} for row in data.get("topics") or ()])
    was_stripped = _label(household, visit.id, members, book)
    details = {"household": household.id, "corrects": visit.corrects_id}
    book.add(AuditEntry, **audit.row(actor, "visits.record", visit.id, details))
    if corrected is not None or ledger is None:
        book.write()
    if corrected is not None:
        recount(visit.family_id)
    return visit, was_stripped


def withdraw(
    actor: Actor, data: Mapping[str, Any], *, is_vouched: bool = False, ledger: Ledger | None = None
) -> Visit:
    """Withdraw a visit (visit.withdraw's data). A second withdrawal changes nothing.

    Raises VisitUnseen, NotYours, HomeNotYours.
    """
    book = ledger or Ledger()
    if book.visit(data["id"]) is None:
        raise VisitUnseen(data["id"])
    book.write()
    visit = db.session.get_one(Visit, data["id"])
    areas = book.areas(actor)
    leads = actor.role is Role.LEADER and visit.team_id in areas
    if visit.author_id != actor.id and not leads:
        raise NotYours
    check_scope(areas, db.session.get_one(Household, visit.household_id), is_vouched=is_vouched)
    if visit.withdrawn_at is None:
        visit.withdrawn_at = now()
        visit.withdrawn_by_id = actor.id
        visit.withdrawal_reason = data["reason"]
        recount(visit.family_id)
    audit.note(actor, "visits.withdraw", visit.id, {"household": visit.household_id})
    return visit


def recount(family_id: str) -> None:
    """Let the last standing visit of a family count, and no other (product.md). Callers audit their deed.

    The family stays locked until the transaction ends: its first visit stands for all.
    """
    db.session.flush()
    db.session.execute(select(Visit.id).where(Visit.id == family_id).with_for_update(key_share=True))
    fresh = {"populate_existing": True}
    family = db.session.scalars(
        select(Visit).where(Visit.family_id == family_id), execution_options=fresh
    ).all()
    standing = [visit for visit in family if visit.is_standing]
    counting = max(standing, key=lambda visit: (visit.recorded_at, visit.id), default=None)
    for visit in family:
        visit.is_counting = visit is counting
    db.session.flush()


def _check_sound(data: Mapping[str, Any], received_at: datetime) -> None:
    found = observations.problems(data, civil_date(received_at))
    if found:
        first = next(iter(found.values()))[0]
        raise Unsound(first, observations.MESSAGES[first], fields=found)


def _corrected(actor: Actor, own_id: str, visit_id: str | None, book: Ledger) -> KnownVisit | None:
    if visit_id is None:
        return None
    if visit_id == own_id:
        raise CorrectsItself
    visit = book.visit(visit_id)
    if visit is None:
        raise VisitUnseen(visit_id)
    if visit.author_id != actor.id:
        raise NotYours
    return visit


def _observed(visit_id: str, place: int, member: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "visit_id": visit_id,
        "member_id": member["id"],
        "position": place,
        "sex": member["sex"],
        "birth_year": member["birth_year"],
        "birth_year_to": member["birth_year_to"],
        "phone": member["phone"],
        "account": member["account"],
        "skills": None if member["skills"] is None else skills.encode(member["skills"]),
    }


def _label(household: KnownHome, visit_id: str, members: Sequence[Mapping[str, Any]], book: Ledger) -> bool:
    """Keep the labels where there is consent; a visit that arrives late yields to those seen since."""
    labelled = {member["id"]: member["label"] for member in members if member.get("label")}
    if not labelled or household.consent_answer is not ConsentAnswer.YES:
        return bool(labelled)
    known = book.labels(household.id)
    changed = {each for each, label in labelled.items() if known.get(each) not in (None, label)}
    if changed:
        book.write()  # a later visit may be among what was gathered
    yielding = changed & _seen_since(visit_id) if changed else set()
    for member_id in labelled.keys() - yielding:
        label = labelled[member_id]
        if member_id not in known:
            book.add(Member, household_id=household.id, id=member_id, label=label)
        elif known[member_id] != label:
            book.write()
            db.session.get_one(Member, (household.id, member_id)).label = label
        known[member_id] = label
    return False


def _seen_since(visit_id: str) -> set[str]:
    """Return the members whom a later visit saw at the same home."""
    visit = db.session.get_one(Visit, visit_id)
    later = (Visit.visited_on > visit.visited_on) | (
        (Visit.visited_on == visit.visited_on) & (Visit.recorded_at > visit.recorded_at)
    )
    query = (
        select(Observation.member_id)
        .join(Visit, Visit.id == Observation.visit_id)
        .where(Visit.household_id == visit.household_id, later)
    )
    return set(db.session.scalars(query))
