"""Changing homes, and telling the teams concerned."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.core import errors
from app.core.clock import civil_date
from app.core.database import db
from app.models.households import ALWAYS, Household, Residence
from app.models.sync import FeedEntry
from app.models.teams import Team
from app.models.units import Unit
from app.queries import scope
from app.rules.operations import MESSAGES
from app.rules.permissions import Actor
from app.rules.vocabulary import ConsentAnswer, UnitKind
from app.services import audit

PERSONAL = ("address", "head_name", "phone")
MERGED = ("unit_id", "code", *PERSONAL, "consent")
"""Fields with a revision each, so that two people's changes merge one by one (sync.md)."""


class AlreadyRegistered(errors.Invalid):
    """A home with this id is known."""

    code = "household.exists"
    message = MESSAGES["household.exists"]


class UnknownHamlet(errors.Invalid):
    """`unit_id` names no hamlet."""

    code = "units.unknown"
    message = MESSAGES["units.unknown"]


class TeamNotYours(scope.OutOfScope):
    """The actor does not belong to the team the work is done for."""

    code = "team.not_yours"
    message = MESSAGES["team.not_yours"]


def register(actor: Actor, data: Mapping[str, Any], *, recorded_at: datetime) -> tuple[Household, bool]:
    """Register a home (household.register's data); say too whether personal fields were left out.

    Any hamlet will do: school and enterprise teams have no area, and what a team registers is in its scope.
    Raises AlreadyRegistered, UnknownHamlet, TeamNotYours.
    """
    if db.session.get(Household, data["id"]) is not None:
        raise AlreadyRegistered
    if data["team_id"] not in {team.id for team in scope.teams(actor)}:
        raise TeamNotYours
    hamlet = db.session.get(Unit, data["unit_id"])
    if hamlet is None or hamlet.kind is not UnitKind.HAMLET:
        raise UnknownHamlet(fields={"unit_id": [UnknownHamlet.message]})
    consent = data["consent"]
    may_keep = consent["answer"] == ConsentAnswer.YES
    personal = {name: data.get(name) for name in PERSONAL}
    household = Household(
        id=data["id"],
        team_id=data["team_id"],
        author_id=actor.id,
        unit_id=hamlet.id,
        code=data.get("code"),
        consent_answer=ConsentAnswer(consent["answer"]),
        consent_text_version=consent["text_version"],
        consent_at=consent["at"],
        consent_collector_id=actor.id,
        registered_at=recorded_at,
        registered_on=civil_date(recorded_at),
        revisions=dict.fromkeys(MERGED, 1),
        **(personal if may_keep else dict.fromkeys(PERSONAL)),
    )
    db.session.add(household)
    db.session.flush()
    db.session.add(Residence(household_id=household.id, from_on=ALWAYS, unit_id=hamlet.id))
    audit.note(actor, "households.register", household.id, {"unit": hamlet.id, "team": household.team_id})
    return household, not may_keep and any(personal.values())


def announce(household_ids: Collection[str]) -> None:
    """Put homes at the head of the feed of every team that has them in scope. No change of its own to audit.

    Sequences are given under a lock of the team's row, taken in order of id, so that they commit in order.
    """
    if not household_ids:
        return
    homes = db.session.scalars(select(Household).where(Household.id.in_(household_ids))).all()
    over = scope.teams_over({home.unit_id for home in homes})
    wanted = {(team_id, home.id) for home in homes for team_id in over[home.unit_id] | {home.team_id}}
    team_ids = sorted({team_id for team_id, _ in wanted})
    locked = select(Team).where(Team.id.in_(team_ids)).order_by(Team.id).with_for_update()
    heads = {
        team.id: team for team in db.session.scalars(locked, execution_options={"populate_existing": True})
    }
    entries = {
        (entry.team_id, entry.household_id): entry
        for entry in db.session.scalars(
            select(FeedEntry).where(
                FeedEntry.household_id.in_(household_ids), FeedEntry.team_id.in_(team_ids)
            )
        )
    }
    for team_id, household_id in sorted(wanted):
        team = heads[team_id]
        team.feed_head += 1
        entry = entries.get((team_id, household_id))
        if entry is None:
            db.session.add(FeedEntry(team_id=team_id, household_id=household_id, seq=team.feed_head))
        else:
            entry.seq, entry.is_evicted = team.feed_head, False
    db.session.flush()
