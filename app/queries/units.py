"""Looks at the register of units."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import bindparam, select

from app.core import errors
from app.core.clock import read_day, today
from app.core.database import db
from app.models.units import Succession, Unit, UnitSpan
from app.rules.units import Register, Span, SuccessionFact, UnitLife
from app.rules.vocabulary import UnitKind


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
