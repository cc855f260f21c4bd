"""Looks at visits: one within scope, and the history of homes."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from app.core import errors
from app.core.database import db
from app.models.households import Household, Member
from app.models.visits import Observation, Visit, VisitTopic
from app.queries import scope
from app.rules import skills
from app.rules.permissions import Actor
from app.rules.vocabulary import Outcome


@dataclass(slots=True)
class Seen:
    """A visit with what it saw of each member (in the order of the form) and its topics."""

    visit: Visit
    members: list[Observation] = field(default_factory=list)
    topics: list[VisitTopic] = field(default_factory=list)
    labels: dict[str, str | None] = field(default_factory=dict)

    def as_recorded(self) -> dict[str, Any]:
        """Return it in the shape of visit.record's data (api.md), with its status and an official's reason."""
        visit = self.visit
        return {
            "id": visit.id,
            "household_id": visit.household_id,
            "team_id": visit.team_id,
            "visited_on": visit.visited_on.isoformat(),
            "outcome": visit.outcome,
            "fibre": visit.fibre,
            "other_smart_device": visit.other_smart_device,
            "members": [self._member(each) for each in self.members],
            "topics": [{"topic": each.topic, "people": each.people} for each in self.topics],
            "note": visit.note,
            "next_visit_on": visit.next_visit_on.isoformat() if visit.next_visit_on else None,
            "corrects": visit.corrects_id,
            "author_id": visit.author_id,
            "status": visit.status,
            "reason": visit.status_reason,
        }

    def _member(self, seen: Observation) -> dict[str, Any]:
        return {
            "id": seen.member_id,
            "label": self.labels.get(seen.member_id),
            "sex": seen.sex,
            "birth_year": seen.birth_year,
            "birth_year_to": seen.birth_year_to,
            "phone": seen.phone,
            "account": seen.account,
            "skills": None if seen.skills is None else skills.decode(seen.skills),
        }


def in_scope_or_404(actor: Actor, visit_id: str) -> Visit:
    """Return a visit of a home in the actor's scope; NotFound otherwise."""
    query = (
        select(Visit)
        .join(Household, Household.id == Visit.household_id)
        .where(Visit.id == visit_id, scope.households(actor))
    )
    visit = db.session.scalars(query).one_or_none()
    if visit is None:
        raise errors.NotFound
    return visit


def homes_of_family(family_id: str) -> set[str]:
    """Return the homes of all visits of a family; a correction may name another home."""
    query = select(Visit.household_id).where(Visit.family_id == family_id)
    return set(db.session.scalars(query))


def history(household_id: str) -> list[Seen]:
    """Return all visits of a home, withdrawn and corrected ones too, the latest first."""
    order = (Visit.visited_on.desc(), Visit.recorded_at.desc(), Visit.id.desc())
    found = db.session.scalars(select(Visit).where(Visit.household_id == household_id).order_by(*order))
    return _with_contents(list(found))


def last_of(household_ids: Collection[str]) -> dict[str, tuple[Seen | None, Seen | None]]:
    """Return for each home its last visit and its last interviewed one, as its volunteers should see them.

    Withdrawn visits and those corrected since are passed over; a returned one is shown, so that it can be
    mended. Three queries however long the history.
    """
    inner = (
        select(
            Visit.id,
            func.row_number()
            .over(partition_by=Visit.family_id, order_by=(Visit.recorded_at.desc(), Visit.id.desc()))
            .label("place"),
        )
        .where(Visit.household_id.in_(household_ids), Visit.withdrawn_at.is_(None))
        .subquery()
    )
    met: ColumnElement[bool] = Visit.outcome == Outcome.INTERVIEWED
    latest_first = (Visit.visited_on.desc(), Visit.recorded_at.desc(), Visit.id.desc())
    ranked = (
        select(
            Visit,
            func.row_number()
            .over(partition_by=(Visit.household_id, met), order_by=latest_first)
            .label("place"),
        )
        .join(inner, inner.c.id == Visit.id)
        .where(inner.c.place == 1)
        .subquery()
    )
    latest = aliased(Visit, ranked)
    found = _with_contents(list(db.session.scalars(select(latest).where(ranked.c.place == 1))))
    lasts: dict[str, list[Seen]] = defaultdict(list)
    for seen in sorted(
        found, key=lambda each: (each.visit.visited_on, each.visit.recorded_at, each.visit.id)
    ):
        lasts[seen.visit.household_id].append(seen)
    answer: dict[str, tuple[Seen | None, Seen | None]] = {}
    for household_id in household_ids:
        some = lasts.get(household_id, [])
        interviewed = [each for each in some if each.visit.outcome is Outcome.INTERVIEWED]
        answer[household_id] = (some[-1] if some else None, interviewed[-1] if interviewed else None)
    return answer


def _with_contents(visits: list[Visit]) -> list[Seen]:
    seen = {visit.id: Seen(visit) for visit in visits}
    if not seen:
        return []
    by_place = select(Observation).where(Observation.visit_id.in_(seen)).order_by(Observation.position)
    for observation in db.session.scalars(by_place):
        seen[observation.visit_id].members.append(observation)
    by_topic = select(VisitTopic).where(VisitTopic.visit_id.in_(seen)).order_by(VisitTopic.topic)
    for topic in db.session.scalars(by_topic):
        seen[topic.visit_id].topics.append(topic)
    homes = {visit.household_id for visit in visits}
    labels: dict[str, dict[str, str | None]] = defaultdict(dict)
    for member in db.session.scalars(select(Member).where(Member.household_id.in_(homes))):
        labels[member.household_id][member.id] = member.label
    for each in seen.values():
        each.labels = labels[each.visit.household_id]
    return list(seen.values())
