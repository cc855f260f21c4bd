"""What a question about a unit means: which hamlets it chooses, and how the borders of a date group them.

Product.md, *Units through time*: a unit asked about chooses hamlets, borders only group them, and a scope
given on an abolished unit keeps its hamlets. The register's own arithmetic is in `rules/units.py`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from app.core import errors
from app.core.clock import read_day
from app.queries import scope, units
from app.rules import periods
from app.rules.cells import Counts
from app.rules.permissions import Actor
from app.rules.units import LEVELS, Register, UnitLife
from app.rules.vocabulary import UnitKind


class NoSuchLevel(errors.Invalid):
    """No unit of the level asked for exists on the borders asked for (districts after 30 June 2025)."""

    code = "units.no_such_level"
    message = errors.message("There are no units of this level on these borders.")


@dataclass(frozen=True, slots=True)
class Place:
    """A unit as it is told of on the borders of a date; the bare code may be reused, the id is not."""

    id: str
    code: str
    name: str
    kind: UnitKind


@dataclass(frozen=True, eq=False)
class Grouping:
    """Hamlets in a fixed order, grouped: `of_hamlet` gives each one's place among `units` (None: not convertible)."""

    units: list[str | None]
    of_hamlet: Counts

    def summed(self, counts: Counts) -> Counts:
        """Add up one count per hamlet to one per unit."""
        found = np.zeros(len(self.units), dtype=np.int64)
        np.add.at(found, self.of_hamlet, counts)
        return found

    def latest(self, days: Counts) -> Counts:
        """Return the greatest of the hamlets of each unit."""
        found = np.zeros(len(self.units), dtype=np.int64)
        np.maximum.at(found, self.of_hamlet, days)
        return found


@dataclass(frozen=True)
class Map:
    """The hamlets that a question chooses, within the asker's scope, grouped by units of `level` on `borders`.

    `asked` are the units that were asked about and are the asker's to see, of every level and valid on the
    borders, whether or not hamlets of theirs are known.
    """

    register: Register
    hamlets: frozenset[str]
    asked: frozenset[str]
    level: UnitKind
    borders: date

    @cached_property
    def groups(self) -> dict[str, str | None]:
        """Return for each hamlet of the register its unit of the level; None where it cannot be converted."""
        return {
            unit.id: self.register.group(unit.id, self.level, self.borders) for unit in self._all_hamlets()
        }

    def grouping(self, hamlets: Sequence[str]) -> Grouping:
        """Return how hamlets in this order are grouped."""
        numbers: dict[str | None, int] = {}
        of_hamlet = [numbers.setdefault(self.groups[each], len(numbers)) for each in hamlets]
        return Grouping(list(numbers), np.array(of_hamlet, dtype=np.int64))

    @cached_property
    def units(self) -> list[UnitLife]:
        """Return the units of the level to speak of, by code and id."""
        return self.at(self.level)

    @cached_property
    def partial(self) -> frozenset[str]:
        """Return the units of the level that also hold hamlets which were not chosen."""
        return frozenset(
            unit_id
            for hamlet, unit_id in self.groups.items()
            if unit_id is not None and hamlet not in self.hamlets
        )

    def at(self, level: UnitKind) -> list[UnitLife]:
        """Return the units of `level` on the borders that hold chosen hamlets or were asked about."""
        found = {self.register.group(hamlet, level, self.borders) for hamlet in self.hamlets}
        found |= {self.register.ancestor(unit_id, level, self.borders) for unit_id in self.asked}
        return sorted(self._known(found), key=lambda unit: (unit.code, unit.id))

    def place(self, unit_id: str | None) -> Place | None:
        """Return a unit with its name on the borders; None is what has no place."""
        if unit_id is None:
            return None
        unit = self.register.units[unit_id]
        return Place(unit.id, unit.code, unit.name(self.borders), unit.kind)

    def under(self, unit_id: str) -> str | None:
        """Return the unit of the level that a unit, valid on the borders, is or lies under."""
        return self.register.ancestor(unit_id, self.level, self.borders)

    def _known(self, found: Iterable[str | None]) -> list[UnitLife]:
        return [self.register.units[unit_id] for unit_id in found if unit_id is not None]

    def _all_hamlets(self) -> list[UnitLife]:
        return [unit for unit in self.register.units.values() if unit.kind is UnitKind.HAMLET]


def of(
    actor: Actor,
    unit: str | None,
    level: UnitKind | None,
    borders: date,
    register: Register | None = None,
) -> Map:
    """Read a question: `unit` is `ID` (all hamlets ever under it), `ID@DATE` (those of that date) or None (scope).

    `level` defaults to the unit's own. Raises NotFound for a unit that is unknown or wholly outside the scope,
    Invalid for a date that is none, NoSuchLevel.
    """
    register = register or units.register()
    if actor.unit_id is None:
        raise errors.NotFound
    unit_id, day = _parse(unit) if unit is not None else (actor.unit_id, None)
    known = register.units.get(unit_id)
    if known is None:
        raise errors.NotFound
    chosen = register.hamlets_ever_under(unit_id) if day is None else register.hamlets_under(unit_id, day)
    hamlets = chosen & scope.hamlets(actor, register)
    shared = register.hamlets_ever_under(unit_id) & scope.hamlets(actor, register)
    is_related = _was_under(register, unit_id, actor.unit_id) or _was_under(register, actor.unit_id, unit_id)
    if not shared and not is_related:
        raise errors.NotFound
    level = level or known.kind
    if not register.valid(level, borders):
        raise NoSuchLevel(fields={"level": [NoSuchLevel.message]})
    asked = frozenset(
        each.id
        for each in register.units.values()
        if each.span(borders) is not None
        and _was_under(register, each.id, unit_id, day)
        and _was_under(register, each.id, actor.unit_id)
    )
    return Map(register, hamlets, asked, level, borders)


def _parse(unit: str) -> tuple[str, date | None]:
    unit_id, at, day = unit.partition("@")
    if not at:
        return unit_id, None
    try:
        return unit_id, periods.check_day(read_day(day), "unit")
    except ValueError as error:
        wrong = errors.message("Write the unit as ID or ID@YYYY-MM-DD.")
        raise errors.Invalid(fields={"unit": [wrong]}) from error


def _was_under(register: Register, unit_id: str, top_id: str, day: date | None = None) -> bool:
    """Say whether a unit was, on `day` or else ever, the same as `top_id` or under it."""
    if day is not None:
        return register.ancestor(unit_id, register.units[top_id].kind, day) == top_id
    return _reaches(register, unit_id, top_id, date.min, None)


def _reaches(register: Register, unit_id: str, top_id: str, first: date, last: date | None) -> bool:
    if unit_id == top_id:
        return True
    for span in register.units[unit_id].spans:
        shared = span.meets(first, last)
        if (
            shared is not None
            and span.parent_id is not None
            and _reaches(register, span.parent_id, top_id, *shared)
        ):
            return True
    return False


def below_or_same(level: UnitKind, kind: UnitKind) -> bool:
    """Say whether units of `kind` are of `level` or lie under units of it."""
    return LEVELS.index(kind) >= LEVELS.index(level)
