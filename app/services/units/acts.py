"""Entering dated acts on units, in advance as a rule, and undoing them until their day."""

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import delete, select

from app.core import errors
from app.core.clock import now, today
from app.core.database import Model, db
from app.models.units import Succession, Unit, UnitAct, UnitSpan
from app.queries import units as looks
from app.rules import naming, periods
from app.rules.permissions import Actor
from app.rules.units import Register, SuccessionFact, UnitLife, acts
from app.rules.vocabulary import ActKind, SuccessionPart
from app.services import audit
from app.services.ledger import lock

LOCK = "units"
"""Whoever changes the register holds it until the transaction ends."""


class DayPassed(errors.Invalid):
    """The day has come already, and nobody said that the act is entered late."""

    code = "units.day_passed"
    message = errors.message(
        "That day has come already. An act entered late holds at once and cannot be undone."
    )


class TooLate(errors.Conflict):
    """The act's day has come: borders that people live by are changed by another act, not undone."""

    code = "units.act_in_force"
    message = errors.message(
        "The day of this act has come, so it can no longer be undone. Enter another act."
    )


class AlreadyUndone(errors.Conflict):
    """It was undone before."""

    code = "units.act_undone"
    message = errors.message("This act has been undone already.")


class BuiltUpon(errors.Conflict):
    """The units were changed since, or something has been attached to a unit that the act founded."""

    code = "units.act_built_upon"
    message = errors.message("Something entered later rests on this act. Undo that first.")


def enact(actor: Actor, plan: acts.Plan, *, decision: str, is_late: bool = False) -> UnitAct:
    """Enter an act: from its day on the register is as `plan` says. Raises acts.Refused, DayPassed, Invalid.

    An act whose day has come is taken only where `is_late` says that this is meant.
    """
    periods.check_day(plan.on, "on")
    decision = acts.read_decision(decision)
    if plan.on <= today() and not is_late:
        raise DayPassed(fields={"on": [DayPassed.message]})
    lock({LOCK})
    register = looks.register()
    drawn = acts.draw(register, plan)
    _write(drawn.after, drawn.facts)
    act = note(plan.kind, plan.on, drawn.before, drawn.after, drawn.facts)
    act.decision, act.title, act.entered_by_id = decision, _title(register, drawn, plan), actor.id
    db.session.add(act)
    db.session.flush()
    details = {"kind": plan.kind, "on": plan.on.isoformat(), "units": sorted(drawn.after)}
    audit.note(actor, "units.enact", str(act.id), details)
    return act


def undo(actor: Actor, act_id: int) -> UnitAct:
    """Undo an act before its day: the register is exactly as if it had not been entered.

    Raises NotFound, AlreadyUndone, TooLate, BuiltUpon.
    """
    lock({LOCK})
    act = db.session.get(UnitAct, act_id, populate_existing=True)
    if act is None or act.kind is ActKind.LOAD:
        raise errors.NotFound
    if act.undone_at is not None:
        raise AlreadyUndone
    if act.on <= today():
        raise TooLate
    register = looks.register()
    for each, told in act.after.items():
        if acts.tell(register.units.get(each)) != told:
            raise BuiltUpon
    founded = {each for each, told in act.before.items() if told is None}
    if _is_used(founded) or _carries_more(register, act, founded):
        raise BuiltUpon
    _forget([looks.read_fact(each) for each in act.facts])
    _write({each: acts.read(each, told) for each, told in act.before.items()}, ())
    act.undone_at, act.undone_by_id = now(), actor.id
    audit.note(actor, "units.undo", str(act.id), {"kind": act.kind, "on": act.on.isoformat()})
    return act


def note(
    kind: ActKind,
    on: date,
    before: Mapping[str, UnitLife | None],
    after: Mapping[str, UnitLife | None],
    facts: Collection[SuccessionFact] = (),
    *,
    lost: Collection[SuccessionFact] = (),
) -> UnitAct:
    """Make the row that remembers a change of the register; whoever changes it adds and audits it."""
    return UnitAct(
        kind=kind,
        on=on,
        decision="",
        title={},
        before={each: acts.tell(life) for each, life in before.items()},
        after={each: acts.tell(life) for each, life in after.items()},
        facts=[looks.tell_fact(each) for each in facts],
        lost=[looks.tell_fact(each) for each in lost],
        entered_at=now(),
    )


def _write(lives: Mapping[str, UnitLife | None], facts: Collection[SuccessionFact]) -> None:
    """Write lives (None: take the unit out) and new successions. No deed of its own; callers audit theirs."""
    for each, life in lives.items():
        if life is None:
            continue
        unit = db.session.get(Unit, each)
        if unit is None:
            unit = Unit(id=each, code=life.code, kind=life.kind)
            db.session.add(unit)
        unit.valid_from, unit.valid_to = life.first, life.last
    db.session.flush()
    db.session.execute(delete(UnitSpan).where(UnitSpan.unit_id.in_(list(lives))))
    gone = [each for each, life in lives.items() if life is None]
    for each, life in lives.items():
        for span in life.spans if life else ():
            row = UnitSpan(unit_id=each, name=span.name, sort_key=naming.place_key(span.name))
            row.parent_id, row.valid_from, row.valid_to = span.parent_id, span.first, span.last
            db.session.add(row)
    db.session.flush()
    if gone:
        db.session.execute(delete(Unit).where(Unit.id.in_(gone)))
    for fact in facts:
        db.session.add(Succession(old_id=fact.old_id, new_id=fact.new_id, on=fact.on, part=fact.part))
    db.session.flush()


def _forget(facts: Collection[SuccessionFact]) -> None:
    for fact in facts:
        row = db.session.get(Succession, (fact.old_id, fact.new_id, fact.on))
        if row is None or row.part is not SuccessionPart(fact.part):
            raise BuiltUpon
        db.session.delete(row)
    db.session.flush()


def _is_used(ids: Collection[str]) -> bool:
    """Say whether anything outside the register refers to one of these units: teams, homes, accounts, counts."""
    own = {UnitSpan.__tablename__, Succession.__tablename__}
    references = [
        column
        for table in Model.metadata.sorted_tables
        if table.name not in own
        for column in table.c
        if any(key.column.table.name == Unit.__tablename__ for key in column.foreign_keys)
    ]
    return bool(ids) and any(
        db.session.execute(select(column).where(column.in_(ids)).limit(1)).first() for column in references
    )


def _carries_more(register: Register, act: UnitAct, founded: Collection[str]) -> bool:
    """Say whether an act entered later put units under what this one founded, or passed them on."""
    own = {looks.read_fact(each) for each in act.facts}
    has_guests = any(
        span.parent_id in founded
        for unit in register.units.values()
        if unit.id not in act.after
        for span in unit.spans
    )
    facts = {fact for each in founded for fact in (*register.successors[each], *register.predecessors[each])}
    return has_guests or bool(facts - own)


def _title(register: Register, drawn: acts.Drawn, plan: acts.Plan) -> dict[str, object]:
    into = dict.fromkeys([*(fact.new_id for fact in drawn.facts), *([plan.to] if plan.to else [])])
    if plan.kind is ActKind.FOUND:
        into = dict.fromkeys(each for each, life in drawn.before.items() if life is None)
    return {
        "units": [register.units[each].name(plan.on) for each in plan.units],
        "into": [drawn.register.units[each].name(plan.on) for each in into],
        "name": plan.name,
    }
