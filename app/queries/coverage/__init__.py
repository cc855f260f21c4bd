"""How far the teams have come: homes that exist, are registered, visited, interviewed, and not seen for long."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Select, false, func, select

from app.core.database import db
from app.models.households import Household
from app.models.visits import Visit
from app.queries import baselines, borders, rollups
from app.queries.coverage import counting
from app.rules.cells import STALE_DAYS, Stock
from app.rules.permissions import Actor
from app.rules.vocabulary import Outcome, UnitKind


@dataclass(frozen=True, slots=True)
class Count:
    """Homes of one place on a date. `baseline` is the official number of households, None where none is known."""

    registered: int = 0
    visited: int = 0
    interviewed: int = 0
    stale: int = 0
    last_visit_on: date | None = None
    baseline: int | None = None

    def __add__(self, other: "Count") -> "Count":
        days = [day for day in (self.last_visit_on, other.last_visit_on) if day is not None]
        return Count(
            self.registered + other.registered,
            self.visited + other.visited,
            self.interviewed + other.interviewed,
            self.stale + other.stale,
            max(days, default=None),
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """Where coverage counts one home: nowhere if moved away, else visited or not, and stale or not."""

    has_moved: bool
    last_visit_on: date | None
    is_stale: bool


@dataclass(frozen=True, slots=True)
class Line:
    """The coverage of one unit; `unit` is None for homes that cannot be placed on the borders."""

    unit: borders.Place | None
    count: Count
    is_partial: bool = False

    @property
    def is_unconverted(self) -> bool:
        """Say whether these homes cannot be placed on the borders."""
        return self.unit is None


def lines(actor: Actor, on: date, unit: str | None = None, level: UnitKind | None = None) -> list[Line]:
    """Return the coverage on a date, on that day's borders, by unit of `level` (default the unit's own).

    `unit` is `ID` or `ID@DATE`, by default the actor's scope. Errors as `borders.of`.
    """
    asked = borders.of(actor, unit, level, on)
    official = baselines.known(asked.register, on.year, asked.borders)
    counts = by_unit(asked, rollups.stock(asked.hamlets, on), official)
    found = [Line(asked.place(each.id), counts[each.id], each.id in asked.partial) for each in asked.units]
    if counts.get(None, Count()).registered:
        found.append(Line(None, counts[None]))
    return found


def by_unit(asked: borders.Map, cells: Stock, official: baselines.Counts) -> dict[str | None, Count]:
    """Return the coverage of every unit of a map out of its hamlets' cells; None holds what cannot be placed."""
    groups = asked.grouping(cells.hamlets)
    columns = [
        groups.summed(cells.of_homes(word)) for word in ("registered", "visited", "interviewed", "stale")
    ]
    columns.append(groups.latest(cells.of_homes("last_visit_on")))
    told = dict(zip(groups.units, np.column_stack(columns).tolist(), strict=True))
    found: dict[str | None, Count] = {}
    for place in {*(unit.id for unit in asked.units), *told}:
        registered, visited, interviewed, stale, last = told.get(place, (0, 0, 0, 0, 0))
        found[place] = Count(
            registered,
            visited,
            interviewed,
            stale,
            last_visit_on=date.fromordinal(last) if last else None,
            baseline=None if place is None else official.of(place, "households"),
        )
    return found


def standings(hamlets: Collection[str], on: date) -> dict[str, Standing]:
    """Return how each home of `hamlets` stood on a date, by its id; homes registered later are left out."""
    return {
        row.household_id: Standing(row.has_moved, row.last_on, row.is_stale)
        for row in db.session.execute(_standing(hamlets, on))
    }


def _standing(hamlets: Collection[str], on: date) -> Select[Any]:
    """Select the homes registered on or before a date, one row each, with what decides where they are counted."""
    homes = counting.homes(hamlets, on)
    deciding = counting.deciding(homes, on)
    last = (
        select(Visit.household_id, func.max(Visit.visited_on).label("last_on"))
        .join(homes, homes.c.household_id == Visit.household_id)
        .where(Visit.is_counting, Visit.visited_on <= on)
        .group_by(Visit.household_id)
        .cte("last_visits")
    )
    return (
        select(
            homes.c.household_id,
            last.c.last_on,
            _is_so(last.c.last_on < on - timedelta(days=STALE_DAYS)).label("is_stale"),
            _is_so(deciding.c.outcome == Outcome.MOVED).label("has_moved"),
        )
        .join(Household, Household.id == homes.c.household_id)
        .outerjoin(deciding, deciding.c.household_id == homes.c.household_id)
        .outerjoin(last, last.c.household_id == homes.c.household_id)
        .where(Household.registered_on <= on)
    )


def _is_so(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return a condition as yes or no, where what it asks about may be missing."""
    return func.coalesce(condition, false())
