"""Writes the made-up world into the database, in bulk: the very rows that registering and recording leave.

Two things are left out, because no phone sent this work: operations with their receipts, and an audit entry
per row; one entry `demo.load` stands for all.
"""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert

from app.cli.demo import homes, names, places
from app.core.clock import civil_date
from app.core.database import Model, db
from app.models.baselines import Baseline
from app.models.households import ALWAYS, Household, Member, Residence
from app.models.teams import Membership, Team
from app.models.units import Unit, UnitSpan
from app.models.users import User
from app.models.visits import Observation, Visit, VisitTopic
from app.rules import naming
from app.rules.vocabulary import ConsentAnswer, Outcome, Role, UnitKind, VisitStatus
from app.services import households

CONSENT_TEXT = "1"
_CHUNK = 2_000


@dataclass(slots=True)
class Workers:
    """A team with the ids of its people."""

    team_id: str
    unit_id: str
    people: list[str] = field(default_factory=list)


class World:
    """Collects rows by table and writes them in the tables' own order."""

    def __init__(self, random: Random, stretch: homes.Stretch, now: datetime) -> None:
        self.random = random
        self.stretch = stretch
        self.now = now
        self.rows: dict[type[Model], list[dict[str, Any]]] = {}
        self.homes = 0

    def add(self, model: type[Model], **values: Any) -> None:
        """Keep a row for `write`."""
        self.rows.setdefault(model, []).append(values)

    def new_id(self) -> str:
        """Make an identifier that the seed decides."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def write(self) -> None:
        """Insert everything, parents before children, and tell the teams' feeds."""
        models = {mapper.local_table: mapper.class_ for mapper in Model.registry.mappers}
        for table in Model.metadata.sorted_tables:
            rows = self.rows.get(models[table], [])
            for start in range(0, len(rows), _CHUNK):
                db.session.execute(insert(table), rows[start : start + _CHUNK])
        ids = [row["id"] for row in self.rows[Household]]
        for start in range(0, len(ids), _CHUNK):
            households.announce(ids[start : start + _CHUNK])

    def hamlet(self, hamlet: places.Hamlet) -> None:
        """Add a hamlet with its two parents, and its official counts for every year."""
        first, last = date(2022, 1, 1), places.CHANGE - timedelta(days=1)
        self.add(Unit, id=hamlet.id, code=hamlet.code, kind=UnitKind.HAMLET, valid_from=first, valid_to=None)
        for parent, valid_from, valid_to in ((hamlet.old, first, last), (hamlet.new, places.CHANGE, None)):
            self.add(
                UnitSpan,
                unit_id=hamlet.id,
                name=hamlet.name,
                sort_key=naming.place_key(hamlet.name),
                parent_id=parent.id,
                valid_from=valid_from,
                valid_to=valid_to,
            )
        counted = round(hamlet.homes * self.random.uniform(1.03, 1.25)) or self.random.randint(15, 40)
        for year in range(2022, self.now.year + 1):
            count = round(counted * (1 - 0.012 * (self.now.year - year)))
            people = round(count * 3.3)
            self.add(
                Baseline,
                unit_id=hamlet.id,
                year=year,
                households=count,
                population=people,
                population_15_plus=round(people * 0.78),
                adults=round(people * 0.74),
            )

    def team(self, plan: places.TeamPlan, number: int) -> Workers:
        """Add a team with its people, none of whom can sign in."""
        workers = Workers(self.new_id(), plan.unit_id)
        self.add(
            Team,
            id=workers.team_id,
            kind=plan.kind,
            unit_id=plan.unit_id,
            name=plan.name,
            sort_key=naming.place_key(plan.name),
            decision=f"MẪU-{number}/QĐ-UBND",
            founded_on=plan.founded_on,
            dissolved_on=plan.dissolved_on,
            feed_head=0,
        )
        for place in range(plan.size):
            sex = homes.any_sex(self.random)
            name = names.full_name(self.random, sex)
            workers.people.append(self.new_id())
            self.add(
                User,
                id=workers.people[-1],
                username=f"demo-{number:03}-{place + 1}",
                name=name,
                sort_key=naming.sort_key(name),
                role=Role.VOLUNTEER,
                unit_id=None,
                password_hash=None,
                is_active=True,
                created_at=datetime.combine(plan.founded_on, time(1), UTC),
            )
            self.join(workers, workers.people[-1], plan.founded_on)
        return workers

    def join(self, workers: Workers, user_id: str, on: date) -> None:
        """Add someone to a team."""
        self.add(Membership, team_id=workers.team_id, user_id=user_id, joined_on=on, left_on=None)

    def home(self, hamlet: places.Hamlet, workers: Workers) -> None:
        """Add a home of `hamlet` with its members and visits."""
        self.homes += 1
        home = homes.make(self.random, self.stretch, self.homes)
        author = self.random.choice(workers.people)
        has_consented = home.consent is ConsentAnswer.YES
        registered_at = home.calls[0].recorded_at - timedelta(minutes=6)
        household_id = self.new_id()
        self.add(
            Household,
            id=household_id,
            team_id=workers.team_id,
            author_id=author,
            unit_id=hamlet.id,
            code=f"{hamlet.code}-{self.homes:04}",
            address=home.address if has_consented else None,
            head_name=home.head_name if has_consented else None,
            phone=home.phone if has_consented and self.random.random() < 0.7 else None,
            consent_answer=home.consent,
            consent_text_version=CONSENT_TEXT,
            consent_at=registered_at,
            consent_collector_id=author,
            registered_at=registered_at,
            registered_on=civil_date(registered_at),
            revisions=dict.fromkeys(households.MERGED, 1),
        )
        self.add(Residence, household_id=household_id, from_on=ALWAYS, unit_id=hamlet.id)
        if has_consented:
            seen = {each.member_id for call in home.calls for each in call.seen}
            for person in home.people:
                if person.id in seen:
                    self.add(Member, household_id=household_id, id=person.id, label=person.label)
        for call in home.calls:
            self._visit(household_id, workers, call, is_ward=hamlet.new.code == places.WARD_CODE)

    def _visit(self, household_id: str, workers: Workers, call: homes.Call, *, is_ward: bool) -> None:
        visit_id = self.new_id()
        author = self.random.choice(workers.people)
        fate = self.random.random()
        row: dict[str, Any] = {
            "id": visit_id,
            "household_id": household_id,
            "team_id": workers.team_id,
            "author_id": author,
            "visited_on": call.visited_on,
            "recorded_at": call.recorded_at,
            "received_at": min(call.received_at, self.now),
            "clock_offset_ms": self.random.randint(-4_000, 4_000),
            "outcome": call.outcome,
            "fibre": call.fibre,
            "other_smart_device": call.other_smart_device,
            "note": call.note,
            "next_visit_on": call.next_visit_on,
            "corrects_id": None,
            "family_id": visit_id,
            "is_counting": True,
            "withdrawn_at": None,
            "withdrawn_by_id": None,
            "withdrawal_reason": None,
            "status": VisitStatus.SUBMITTED,
            "status_reason": None,
        }
        is_recent = self.stretch.last - call.visited_on < timedelta(days=90)
        if fate < 0.008 and call.outcome is Outcome.INTERVIEWED:
            corrected_at = min(row["recorded_at"] + timedelta(minutes=self.random.randint(9, 55)), self.now)
            correction = row | {"id": self.new_id(), "corrects_id": visit_id, "recorded_at": corrected_at}
            correction["received_at"] = min(max(row["received_at"], corrected_at), self.now)
            self._write_visit(row | {"is_counting": False, "next_visit_on": None}, call)
            self._write_visit(correction, call)
            return
        if fate < 0.012:
            withdrawn_at = min(row["received_at"] + timedelta(minutes=self.random.randint(5, 90)), self.now)
            row |= {"withdrawn_at": withdrawn_at, "withdrawn_by_id": author, "is_counting": False}
            row["withdrawal_reason"] = names.WITHDRAWAL
        elif is_ward and is_recent and fate > 0.96:
            row |= {"status": VisitStatus.RETURNED, "status_reason": names.RETURN, "is_counting": False}
        self._write_visit(row, call)

    def _write_visit(self, row: dict[str, Any], call: homes.Call) -> None:
        self.add(Visit, **row)
        for position, each in enumerate(call.seen):
            self.add(
                Observation,
                visit_id=row["id"],
                member_id=each.member_id,
                position=position,
                sex=each.sex,
                birth_year=each.birth_year,
                birth_year_to=each.birth_year_to,
                phone=each.phone,
                account=each.account,
                skills=each.skills,
            )
        for topic, people in call.topics.items():
            self.add(VisitTopic, visit_id=row["id"], topic=topic, people=people)
