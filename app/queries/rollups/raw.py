"""Homes as they are stored, as the columns that `rules/steps.py` reckons with."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Select, case, func, or_, select, true, union

from app.core.database import db
from app.models.households import Household, Residence
from app.models.visits import Observation, Visit, VisitTopic
from app.rules import skills
from app.rules.cells import Counts
from app.rules.steps import DAY_ONE, Changes, Homes, changes
from app.rules.vocabulary import Account, Fibre, Outcome, Phone, Sex, SkillRule, Topic

IS_VISIT_UNROLLED = Visit.is_rolled != Visit.is_counting
IS_RESIDENCE_UNROLLED = or_(Residence.rolled_unit_id.is_(None), Residence.rolled_unit_id != Residence.unit_id)
_OUTCOMES = {Outcome.INTERVIEWED: 1, Outcome.MOVED: 2}
_FIBRES: dict[Fibre | None, int] = {Fibre.SUBSCRIBED: 7, Fibre.AVAILABLE: 5, Fibre.NONE: 1}
_OTHERS = {True: 1, False: 0, None: -1}
_TOPICS = {topic: number for number, topic in enumerate(Topic)}


def unrolled() -> Select[Any]:
    """Select the ids of the homes that the rollups do not have as they are."""
    either = union(
        select(Visit.household_id).where(IS_VISIT_UNROLLED),
        select(Residence.household_id).where(IS_RESIDENCE_UNROLLED),
    ).subquery("unrolled")
    return select(either.c.household_id)


def rolled_in(hamlets: Collection[str]) -> Select[Any]:
    """Select the ids of the homes that the rollups of some hamlets count, be it for a while."""
    return select(Residence.household_id).where(Residence.rolled_unit_id.in_(hamlets)).distinct()


@dataclass(frozen=True, eq=False)
class Raw:
    """Rows of some homes. `hamlets` gives each hamlet's number; visits count `now`, `rolled`, or both."""

    hamlets: dict[str, int]
    registered_on: Counts
    residences: list[tuple[str, date, int, int, int]]
    visits: list[tuple[str, bool, bool]]
    columns: Counts
    seen: Counts
    topics: Counts

    def changes(
        self,
        is_counting: Callable[[str, bool, bool], bool],
        hamlet_of: Callable[[str, date, int, int], int],
    ) -> Changes:
        """Return the changes that the homes make if these visits counted and they lived there (-1: unknown)."""
        chosen = np.array([is_counting(*visit) for visit in self.visits], dtype=bool)
        number = np.cumsum(chosen) - 1
        lived = [
            (home, day.toordinal() - DAY_ONE, hamlet_of(home_id, day, now, was))
            for home_id, day, home, now, was in self.residences
        ]
        places = _table((row for row in lived if row[2] >= 0), 3)
        seen, topics = self.seen[chosen[self.seen[:, 0]]], self.topics[chosen[self.topics[:, 0]]]
        visits = self.columns[chosen]
        return changes(
            Homes(
                self.registered_on,
                *(places[:, 0], places[:, 1], places[:, 2]),
                *(visits[:, 0], visits[:, 1], visits[:, 2], visits[:, 3], visits[:, 4]),
                *(number[seen[:, 0]], seen[:, 1], seen[:, 2]),
                *(number[topics[:, 0]], topics[:, 1], topics[:, 2]),
            )
        )

    def now(self) -> Changes:
        """Return the changes as they are."""
        return self.changes(lambda _id, counts, _rolled: counts, lambda _id, _day, now, _was: now)

    def rolled(self) -> Changes:
        """Return the changes as the rollups have them."""
        return self.changes(lambda _id, _counts, rolled: rolled, lambda _id, _day, _now, was: was)


def of(homes: Select[Any] | None, hamlets: dict[str, int], *, every_visit: bool = False) -> Raw:
    """Read homes by a select of their ids (None: all). Hamlets not in `hamlets` yet get the next numbers.

    Visits that count neither now nor in the rollups are left out, unless `every_visit` is wanted, and so is what
    others store between two of the statements here.
    """

    def among(column: Any) -> Any:
        return column.is_not(None) if homes is None else column.in_(homes)

    def number(unit_id: str | None) -> int:
        return -1 if unit_id is None else hamlets.setdefault(unit_id, len(hamlets))

    found = db.session.execute(
        select(Household.id, Household.registered_on).where(among(Household.id)).order_by(Household.id)
    ).all()
    if not found:
        return Raw(hamlets, np.zeros(0, np.int64), [], [], _table((), 5), _table((), 3), _table((), 3))
    index = {row[0]: place for place, row in enumerate(found)}
    residences = [
        (home_id, day, index[home_id], number(unit_id), number(rolled))
        for home_id, day, unit_id, rolled in db.session.execute(
            select(
                Residence.household_id, Residence.from_on, Residence.unit_id, Residence.rolled_unit_id
            ).where(among(Residence.household_id))
        )
        if home_id in index
    ]
    is_known = true() if every_visit else or_(Visit.is_counting, Visit.is_rolled)
    query = (
        select(
            Visit.id,
            Visit.household_id,
            Visit.visited_on,
            Visit.outcome,
            Visit.fibre,
            Visit.other_smart_device,
            Visit.is_counting,
            Visit.is_rolled,
        )
        .where(among(Visit.household_id), is_known)
        .order_by(Visit.household_id, Visit.visited_on, Visit.recorded_at, Visit.id)
    )
    rows = [row for row in db.session.execute(query) if row[1] in index]
    place = {row[0]: number_ for number_, row in enumerate(rows)}
    columns = _table(
        (
            (
                index[home_id],
                day.toordinal() - DAY_ONE,
                _OUTCOMES.get(outcome, 0),
                _FIBRES.get(fibre, 0),
                _OTHERS[other],
            )
            for _, home_id, day, outcome, fibre, other, _, _ in rows
        ),
        5,
    )
    seen = _table(
        (
            (place[visit_id], key, mask)
            for visit_id, key, mask in db.session.execute(
                select(Observation.visit_id, _key(), _mask())
                .join(Visit, Visit.id == Observation.visit_id)
                .where(among(Visit.household_id), is_known)
            )
            if visit_id in place
        ),
        3,
    )
    topics = _table(
        (
            (place[visit_id], _TOPICS[topic], people)
            for visit_id, topic, people in db.session.execute(
                select(VisitTopic.visit_id, VisitTopic.topic, VisitTopic.people)
                .join(Visit, Visit.id == VisitTopic.visit_id)
                .where(among(Visit.household_id), is_known)
            )
            if visit_id in place
        ),
        3,
    )
    return Raw(
        hamlets,
        np.array([row[1].toordinal() - DAY_ONE for row in found], dtype=np.int64),
        residences,
        [(row[0], row[6], row[7]) for row in rows],
        columns,
        seen[np.argsort(seen[:, 0], kind="stable")],
        topics,
    )


def _table(rows: Iterable[tuple[int, ...]], width: int) -> Counts:
    return np.array(list(rows), dtype=np.int64).reshape(-1, width)


def _key() -> ColumnElement[int]:
    """Return `cells.person_key` in SQL."""
    last = func.coalesce(Observation.birth_year_to, Observation.birth_year)
    born = func.coalesce((Observation.birth_year + last) // 2, 0)
    number = case(*((Observation.sex == sex, 4096 * place) for place, sex in enumerate(Sex)))
    return number + born


def _mask() -> Any:
    """Return which of `cells.PEOPLE` someone counts in, in SQL: bit by bit in their order."""
    conditions: list[Any] = [
        Observation.phone != Phone.UNKNOWN,
        Observation.phone == Phone.SMARTPHONE,
        Observation.account.in_([Account.YES, Account.NO]),
        Observation.account == Account.YES,
        Observation.skills.is_not(None),
    ]
    for rule in SkillRule:
        verdict = skills.RULES[rule]
        touched = sum(
            (case((Observation.skills.bitwise_and(group) != 0, 1), else_=0) for group in verdict.groups),
            start=0,
        )
        conditions.append(touched >= verdict.needed)
    bits: Any = 1
    for place, condition in enumerate(conditions, start=1):
        bits += case((condition, 1 << place), else_=0)
    return bits
