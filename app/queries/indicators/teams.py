"""Which communes and hamlets have a team of their very kind."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date

from sqlalchemy import or_, select

from app.core.database import db
from app.models.teams import Team
from app.queries.borders import Map, below_or_same
from app.queries.indicators.tallies import Tally
from app.rules.indicators import DEFINITIONS, Counts
from app.rules.units import Register
from app.rules.vocabulary import SuccessionPart, TeamKind, UnitKind

Served = Mapping[TeamKind, Collection[str]]
"""For each kind of team, the units that have one."""


def of_units(asked: Map, indicators: Collection[str], has: Served) -> Iterator[tuple[str, str, Tally]]:
    """Return `(unit id, indicator, tally)` of the units indicators among `indicators`.

    Counted are the units of the team's kind that are valid on the borders and in scope; a unit has a team if
    one of that very kind is attached to it, or through whole succession to a predecessor, founded and not yet
    dissolved at the cut-off.
    """
    wanted = [code for code in indicators if DEFINITIONS[code].counts is Counts.UNITS]
    if not wanted:
        return
    for code in wanted:
        kind = DEFINITIONS[code].team_kind or TeamKind.HAMLET
        level = UnitKind(kind.value)
        if not below_or_same(asked.level, level):
            continue
        for unit in asked.at(level):
            place = asked.under(unit.id)
            if place is not None:
                has_team = _has_team(asked.register, unit.id, has[kind], asked.borders)
                yield place, code, Tally(int(has_team), 1)


def served(cut_off: date) -> dict[TeamKind, set[str]]:
    """Return, for each kind of team, the units that have one at the cut-off."""
    query = select(Team.kind, Team.unit_id).where(
        Team.founded_on <= cut_off, or_(Team.dissolved_on.is_(None), Team.dissolved_on > cut_off)
    )
    found: dict[TeamKind, set[str]] = {kind: set() for kind in TeamKind}
    for kind, unit_id in db.session.execute(query):
        found[kind].add(unit_id)
    return found


def _has_team(register: Register, unit_id: str, served: Collection[str], borders: date) -> bool:
    if unit_id in served:
        return True
    return any(
        fact.part is SuccessionPart.WHOLE
        and fact.on <= borders
        and _has_team(register, fact.old_id, served, borders)
        for fact in register.predecessors[unit_id]
    )
