"""Looks at the official counts of households and people."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from app.core.database import db
from app.models.baselines import Baseline
from app.rules.units import Register


@dataclass(frozen=True, slots=True)
class Counts:
    """Official counts known in a year, for the units on the borders of a date."""

    register: Register
    borders: date
    by_unit: dict[str, list[Baseline]]

    def of(self, unit_id: str, column: str) -> int | None:
        """Return the count of a unit in `column` (`households population population_15_plus adults`).

        The latest known of that very unit; where it has none, the sum over the units right under it, but only
        if every one has one. Otherwise None: missing is never zero.
        """
        own = [getattr(row, column) for row in self.by_unit.get(unit_id, ())]
        known: list[int] = [count for count in own if count is not None]
        if known:
            return known[-1]
        children = [self.of(child.id, column) for child in self.register.children(unit_id, self.borders)]
        counts = [count for count in children if count is not None]
        return sum(counts) if counts and len(counts) == len(children) else None


def rows(year: int) -> list[list[object]]:
    """Return the counts of years not after `year` as rows of plain values, for keeping."""
    found = db.session.scalars(
        select(Baseline).where(Baseline.year <= year).order_by(Baseline.unit_id, Baseline.year)
    )
    return [
        [each.unit_id, each.year, each.households, each.population, each.population_15_plus, each.adults]
        for each in found
    ]


def kept(register: Register, told: list[list[Any]], borders: date) -> Counts:
    """Return the counts that `rows` kept."""
    by_unit: dict[str, list[Baseline]] = defaultdict(list)
    for unit_id, year, households, population, older, adults in sorted(told, key=lambda row: row[1]):
        row = Baseline(unit_id=unit_id, year=year, households=households, population=population)
        row.population_15_plus, row.adults = older, adults
        by_unit[unit_id].append(row)
    return Counts(register, borders, by_unit)


def known(register: Register, year: int, borders: date) -> Counts:
    """Return the counts of years not after `year`."""
    by_unit: dict[str, list[Baseline]] = defaultdict(list)
    for row in db.session.scalars(select(Baseline).where(Baseline.year <= year).order_by(Baseline.year)):
        by_unit[row.unit_id].append(row)
    return Counts(register, borders, by_unit)
