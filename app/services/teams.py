"""Founding and dissolving teams."""

from datetime import date

from app.core import errors
from app.core.database import db
from app.core.ids import new_id
from app.models.teams import Team
from app.models.units import Unit
from app.rules import naming
from app.rules.permissions import Actor
from app.rules.vocabulary import TeamKind, UnitKind
from app.services import audit, households

LONGEST_NAME = 160
LONGEST_DECISION = 80


class BadTeam(errors.Invalid):
    """The unit does not go with the kind of team, or the dates do not go together."""

    code = "teams.invalid"


def add(actor: Actor, *, kind: TeamKind, unit: Unit, name: str, decision: str, founded_on: date) -> Team:
    """Found a team; the homes already registered in its area enter its feed. Raises BadTeam.

    A hamlet team is attached to a hamlet, a commune team to a commune, the others to either.
    """
    allowed = {TeamKind.HAMLET: {UnitKind.HAMLET}, TeamKind.COMMUNE: {UnitKind.COMMUNE}}
    if unit.kind not in allowed.get(kind, {UnitKind.HAMLET, UnitKind.COMMUNE}):
        raise BadTeam(
            fields={"unit": [errors.message("This kind of team belongs to another level of unit.")]}
        )
    name = naming.normalise(name)
    decision = naming.normalise(decision)
    if not name or not decision:
        raise BadTeam(fields={"name": [errors.message("Name and decision are needed.")]})
    for field, text, most in (("name", name, LONGEST_NAME), ("decision", decision, LONGEST_DECISION)):
        if len(text) > most:
            raise BadTeam(fields={field: [errors.message("This text is too long or too short.")]})
    team = Team(
        id=new_id(),
        kind=kind,
        unit_id=unit.id,
        name=name,
        sort_key=naming.place_key(name),
        decision=decision,
        founded_on=founded_on,
        dissolved_on=None,
        feed_head=0,
    )
    db.session.add(team)
    db.session.flush()
    households.bring_in_line(team)
    audit.note(actor, "teams.add", team.id, {"kind": kind, "unit": unit.id})
    return team


def end(actor: Actor, team: Team, on: date) -> None:
    """Dissolve a team: from that civil date on it is no more. Raises BadTeam before its founding."""
    if on < team.founded_on:
        raise BadTeam(fields={"on": [errors.message("The team was founded later.")]})
    before = team.dissolved_on and team.dissolved_on.isoformat()
    team.dissolved_on = on
    audit.note(actor, "teams.end", team.id, {"on": on.isoformat(), "before": before})
