"""Which rows may this actor see. Every look at homes and every change of one starts here.

Scope is judged on the day the server judges, never by a phone's clock.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, bindparam, false, or_, select

from app.core import errors
from app.core.clock import today
from app.core.database import db
from app.core.statements import Prepared
from app.models.households import Household
from app.models.teams import Membership, Team
from app.models.units import Unit, UnitSpan
from app.queries import units
from app.rules.permissions import Actor
from app.rules.units import Register
from app.rules.vocabulary import Role, TeamKind

Areas = Mapping[str, frozenset[str]]
"""The ids of the hamlets of a team's area, by the team's id."""

TEAM_ROLES = frozenset({Role.VOLUNTEER, Role.LEADER})


class OutOfScope(errors.NotFound):
    """It exists, but not for this actor; told apart from NotFound only by sync, which keeps such work."""


@dataclass(frozen=True, slots=True)
class TeamArea:
    """A team of the actor's with the hamlets of its area today; school and enterprise teams have none."""

    team: Team
    hamlet_ids: frozenset[str]


def teams(actor: Actor, on: date | None = None) -> list[Team]:
    """Return the teams that the actor belongs to on a date (default today), undissolved, by name."""
    return list(db.session.scalars(_TEAMS, {"user_id": actor.id, "on": on or today()}))


_IS_MEMBER = and_(
    Membership.user_id == bindparam("user_id"),
    Membership.joined_on <= bindparam("on"),
    or_(Membership.left_on.is_(None), Membership.left_on >= bindparam("on")),
    Team.founded_on <= bindparam("on"),
    or_(Team.dissolved_on.is_(None), Team.dissolved_on > bindparam("on")),
)
_TEAMS = (
    select(Team)
    .join(Membership, Membership.team_id == Team.id)
    .where(_IS_MEMBER)
    .order_by(Team.sort_key, Team.id)
)
_WORKING = Prepared(
    select(Team.id, Team.kind, Team.unit_id).join(Membership, Membership.team_id == Team.id).where(_IS_MEMBER)
)


def area(team: Team, on: date | None = None) -> frozenset[str]:
    """Return the ids of the hamlets of a team's area on a date (default today).

    A commune team whose commune is abolished keeps the hamlets that were ever under it. Homes of a hamlet that was
    merged or split stay with the teams over the hamlets it passed into, until somebody moves them.
    """
    on = on or today()
    return units.with_absorbed({team.id: _area(team.kind, team.unit_id, on)}, on)[team.id]


def _area(kind: TeamKind, unit_id: str, on: date) -> frozenset[str]:
    if kind is TeamKind.HAMLET:
        return frozenset({unit_id})
    if kind is TeamKind.COMMUNE:
        return _commune_hamlets(unit_id, on)
    return frozenset()


def area_digest(hamlet_ids: Collection[str]) -> str:
    """Return a short mark by which a team's feed knows the area it was brought in line with."""
    return hashlib.sha256("\n".join(sorted(hamlet_ids)).encode()).hexdigest()


def _commune_hamlets(unit_id: str, on: date) -> frozenset[str]:
    if db.session.get_one(Unit, unit_id).is_valid(on):
        return frozenset(units.hamlets_of(unit_id, on))
    return units.register().hamlets_ever_under(unit_id)


def areas(actor: Actor) -> list[TeamArea]:
    """Return the actor's teams, each with its area of today."""
    return [TeamArea(team, area(team)) for team in teams(actor)]


def hamlets_by_team(actor: Actor) -> Areas:
    """Return the ids of the hamlets of `areas` by team id, without loading the teams: for judging work."""
    on = today()
    found = {
        team_id: _area(kind, unit_id, on) for team_id, kind, unit_id in _WORKING.rows(user_id=actor.id, on=on)
    }
    return units.with_absorbed(found, on)


def teams_over(hamlet_ids: Collection[str]) -> dict[str, set[str]]:
    """Return for each hamlet the ids of the undissolved teams in whose area it lies today."""
    on = today()
    heirs = units.heirs(hamlet_ids, on)
    asked = set().union(hamlet_ids, *heirs.values())
    over: dict[str, set[str]] = {hamlet_id: set() for hamlet_id in asked}
    for hamlet_id, first, last, team_id, kind, begins, ends in _TEAMS_OVER.rows(hamlets=list(asked), on=on):
        is_there_today = first <= on and (last is None or on <= last)
        is_abolished = not begins <= on or (ends is not None and ends < on)
        if kind is TeamKind.HAMLET or is_there_today or is_abolished:
            over[hamlet_id].add(team_id)
    return {each: over[each].union(*(over[heir] for heir in heirs.get(each, ()))) for each in hamlet_ids}


_TEAMS_OVER = Prepared(
    select(
        UnitSpan.unit_id,
        UnitSpan.valid_from,
        UnitSpan.valid_to,
        Team.id,
        Team.kind,
        Unit.valid_from,
        Unit.valid_to,
    )
    .join(
        Team,
        ((Team.kind == TeamKind.HAMLET) & (Team.unit_id == UnitSpan.unit_id))
        | ((Team.kind == TeamKind.COMMUNE) & (Team.unit_id == UnitSpan.parent_id)),
    )
    .join(Unit, Unit.id == Team.unit_id)
    .where(
        UnitSpan.unit_id.in_(bindparam("hamlets", expanding=True)),
        or_(Team.dissolved_on.is_(None), Team.dissolved_on > bindparam("on")),
    )
)


def hamlets(actor: Actor, register: Register | None = None) -> frozenset[str]:
    """Return the hamlets whose figures the actor may see: all that were ever under the scope's unit."""
    if actor.unit_id is None:
        return frozenset()
    return (register or units.register()).hamlets_ever_under(actor.unit_id)


def home_hamlets(actor: Actor) -> frozenset[str]:
    """Return the hamlets whose homes an official may see by name: those of the commune today.

    A scope given on an abolished unit keeps the hamlets that were ever under it.
    """
    if actor.role is not Role.OFFICIAL or actor.unit_id is None:
        return frozenset()
    on = today()
    return units.with_absorbed({"": _commune_hamlets(actor.unit_id, on)}, on)[""]


def households(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `Household` for the homes in the actor's scope today."""
    if actor.role in TEAM_ROLES:
        mine = areas(actor)
        inside = frozenset().union(*(each.hamlet_ids for each in mine)) if mine else frozenset()
        return or_(Household.unit_id.in_(inside), Household.team_id.in_([each.team.id for each in mine]))
    if actor.role is Role.OFFICIAL:
        return Household.unit_id.in_(home_hamlets(actor))
    return false()
