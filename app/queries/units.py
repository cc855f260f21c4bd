"""Looks at the register of units."""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from sqlalchemy import bindparam, or_, select

from app.core import errors
from app.core.clock import read_day, today
from app.core.database import db
from app.core.statements import Prepared
from app.models.units import Succession, Unit, UnitAct, UnitSpan
from app.rules.units import Register, Span, SuccessionFact, UnitLife, acts
from app.rules.vocabulary import SuccessionPart, UnitKind


class UnknownUnit(errors.Invalid):
    """The unit named in the question is not in the register, or not on that date."""

    code = "units.unknown"
    message = errors.message("No such unit is in the register.")


def register() -> Register:
    """Return the whole register, read in two queries."""
    spans: dict[str, list[Span]] = {}
    rows = db.session.execute(select(UnitSpan).order_by(UnitSpan.unit_id, UnitSpan.valid_from)).scalars()
    for row in rows:
        spans.setdefault(row.unit_id, []).append(Span(row.name, row.parent_id, row.valid_from, row.valid_to))
    units = [
        UnitLife(unit.id, unit.code, unit.kind, unit.valid_from, unit.valid_to, tuple(spans[unit.id]))
        for unit in db.session.scalars(select(Unit).order_by(Unit.id))
    ]
    successions = [
        SuccessionFact(row.old_id, row.new_id, row.on, row.part)
        for row in db.session.scalars(select(Succession))
    ]
    return Register(units, successions)


def register_known_at(moment: datetime) -> Register:
    """Return the register as it was known at a moment: what was entered or undone since is read backwards."""
    found = register()
    since = select(UnitAct).where(or_(UnitAct.entered_at > moment, UnitAct.undone_at > moment))
    turns = [
        (at, act.id, is_entry, act)
        for act in db.session.scalars(since)
        for at, is_entry in ((act.entered_at, True), (act.undone_at, False))
        if at is not None and at > moment
    ]
    for _, _, is_entry, act in sorted(turns, key=lambda turn: turn[:2], reverse=True):
        told = act.before if is_entry else act.after
        lives = {each: acts.read(each, life) for each, life in told.items()}
        added, lost = ([read_fact(each) for each in facts] for facts in (act.facts, act.lost))
        found = (
            acts.with_changes(found, lives, lost, added)
            if is_entry
            else acts.with_changes(found, lives, added, lost)
        )
    return found


def tell_fact(fact: SuccessionFact) -> list[str]:
    """Write a succession as an act's row keeps it."""
    return [fact.old_id, fact.new_id, fact.on.isoformat(), fact.part.value]


def read_fact(told: list[str]) -> SuccessionFact:
    """Read a succession from an act's row."""
    old_id, new_id, on, part = told
    return SuccessionFact(old_id, new_id, date.fromisoformat(on), SuccessionPart(part))


def entered() -> list[UnitAct]:
    """Return the acts, those of the latest day first."""
    return list(db.session.scalars(select(UnitAct).order_by(UnitAct.on.desc(), UnitAct.id.desc())))


def valid_on(
    on: date, level: UnitKind | None = None, parent_id: str | None = None
) -> list[tuple[Unit, UnitSpan]]:
    """Return the units that exist on a date with their span of that date, by level and sorted by name."""
    query = (
        select(Unit, UnitSpan)
        .join(UnitSpan, UnitSpan.unit_id == Unit.id)
        .where(UnitSpan.valid_from <= on, (UnitSpan.valid_to.is_(None)) | (UnitSpan.valid_to >= on))
        .order_by(UnitSpan.sort_key, Unit.id)
    )
    if level is not None:
        query = query.where(Unit.kind == level)
    if parent_id is not None:
        query = query.where(UnitSpan.parent_id == parent_id)
    return [(unit, span) for unit, span in db.session.execute(query)]


def hamlets_of(commune_id: str, on: date) -> list[str]:
    """Return the ids of the hamlets directly under a commune on a date."""
    return [unit.id for unit, _ in valid_on(on, UnitKind.HAMLET, commune_id)]


def heirs(hamlet_ids: Collection[str], on: date) -> dict[str, set[str]]:
    """Return for each of the hamlets that has ended what it passed into up to a date, directly or through others."""
    return _follow(_HEIRS, hamlet_ids, on)


def with_absorbed(areas: Mapping[str, frozenset[str]], on: date) -> dict[str, frozenset[str]]:
    """Return areas, each with the ended hamlets that passed, as a whole or in part, into hamlets of it."""
    absorbed = _follow(_ABSORBED, frozenset().union(*areas.values()), on)
    if not absorbed:
        return dict(areas)
    return {key: area.union(*(absorbed.get(each, ()) for each in area)) for key, area in areas.items()}


def _follow(step: Prepared, ids: Collection[str], on: date) -> dict[str, set[str]]:
    """Follow successions of ended hamlets from each of `ids` as far as they lead."""
    led: dict[str, set[str]] = {}
    origins = {each: {each} for each in ids}
    while origins:
        onward: dict[str, set[str]] = {}
        for here, there in step.rows(ids=list(origins), on=on):
            fresh = {each for each in origins[here] if there not in led.setdefault(each, set())}
            for each in fresh:
                led[each].add(there)
            onward.setdefault(there, set()).update(fresh)
        origins = {there: found for there, found in onward.items() if found}
    return led


_ENDED = (
    (Succession.on <= bindparam("on")) & (Unit.kind == UnitKind.HAMLET) & (Unit.valid_to < bindparam("on"))
)
_ABSORBED = Prepared(
    select(Succession.new_id, Succession.old_id)
    .join(Unit, Unit.id == Succession.old_id)
    .where(Succession.new_id.in_(bindparam("ids", expanding=True)), _ENDED)
)
_HEIRS = Prepared(
    select(Succession.old_id, Succession.new_id)
    .join(Unit, Unit.id == Succession.old_id)
    .where(Succession.old_id.in_(bindparam("ids", expanding=True)), _ENDED)
)


def by_option(code: str) -> Unit:
    """Return the unit an operator means by `25768@2025-07-01`, or by a bare code.

    A bare code means the unit valid today, or the only one that ever bore it; UnknownUnit otherwise.
    """
    bare, at_, day = code.partition("@")
    found = list(db.session.scalars(select(Unit).where(Unit.code == bare).order_by(Unit.valid_from)))
    if at_:
        try:
            on = read_day(day)
        except ValueError:
            found = []
        else:
            found = [unit for unit in found if unit.is_valid(on)]
    elif len(found) > 1:
        found = [unit for unit in found if unit.is_valid(today())]
    if len(found) != 1:
        raise UnknownUnit(text=f"{code}: {UnknownUnit.message}")
    return found[0]


def named(ids: Collection[str], on: date) -> list[tuple[Unit, str]]:
    """Return units with their names on a date (the last ones, where they have ended), sorted by name."""
    found = db.session.execute(_NAMED, {"ids": list(ids), "on": on})
    last = {unit.id: (unit, span) for unit, span in found}
    ordered = sorted(last.values(), key=lambda pair: (pair[1].sort_key, pair[0].id))
    return [(unit, span.name) for unit, span in ordered]


_NAMED = (
    select(Unit, UnitSpan)
    .join(UnitSpan, UnitSpan.unit_id == Unit.id)
    .where(Unit.id.in_(bindparam("ids", expanding=True)), UnitSpan.valid_from <= bindparam("on"))
    .order_by(UnitSpan.valid_from)
)
