"""Units through time, on paper: whose parent, which hamlets, placed where on the borders of a date.

Hamlets are the stable leaves. A question about a unit chooses hamlets; the borders of a date only group
them (product.md, *Units through time*). All dates are civil dates and both ends are inclusive.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from app.rules.vocabulary import SuccessionPart, UnitKind

LEVELS = (UnitKind.PROVINCE, UnitKind.DISTRICT, UnitKind.COMMUNE, UnitKind.HAMLET)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time with one name and one parent."""

    name: str
    parent_id: str | None
    first: date
    last: date | None

    def covers(self, on: date) -> bool:
        """Say whether `on` lies within."""
        return self.first <= on and (self.last is None or on <= self.last)

    def meets(self, first: date, last: date | None) -> "tuple[date, date | None] | None":
        """Return the days shared with `first`..`last`, or None."""
        begin = max(self.first, first)
        ends = [end for end in (self.last, last) if end is not None]
        end = min(ends) if ends else None
        return None if end is not None and end < begin else (begin, end)


@dataclass(frozen=True, slots=True)
class UnitLife:
    """A unit with its spans in order of time."""

    id: str
    code: str
    kind: UnitKind
    first: date
    last: date | None
    spans: tuple[Span, ...]

    def span(self, on: date) -> Span | None:
        """Return the span that covers `on`."""
        return next((span for span in self.spans if span.covers(on)), None)

    def name(self, on: date) -> str:
        """Return the name on a date; before its life the first name, after it the last."""
        past = [span for span in self.spans if span.first <= on]
        return (past[-1] if past else self.spans[0]).name


@dataclass(frozen=True, slots=True)
class SuccessionFact:
    """`old_id` passed into `new_id` on a day."""

    old_id: str
    new_id: str
    on: date
    part: SuccessionPart


class Register:
    """The whole register in memory; a province's is a few thousand rows."""

    def __init__(self, units: Iterable[UnitLife], successions: Iterable[SuccessionFact]) -> None:
        self.units = {unit.id: unit for unit in units}
        self.successors: dict[str, list[SuccessionFact]] = defaultdict(list)
        self.predecessors: dict[str, list[SuccessionFact]] = defaultdict(list)
        for fact in successions:
            self.successors[fact.old_id].append(fact)
            self.predecessors[fact.new_id].append(fact)

    @cached_property
    def _children(self) -> dict[str, list[tuple[UnitLife, Span]]]:
        children: dict[str, list[tuple[UnitLife, Span]]] = defaultdict(list)
        for unit in self.units.values():
            for span in unit.spans:
                if span.parent_id is not None:
                    children[span.parent_id].append((unit, span))
        return children

    def by_code(self, code: str, on: date) -> UnitLife | None:
        """Return the unit that bears `code` on a date; a code alone identifies nothing."""
        return next((u for u in self.units.values() if u.code == code and u.span(on) is not None), None)

    def valid(self, kind: UnitKind, on: date) -> list[UnitLife]:
        """Return the units of a level that exist on a date."""
        return [unit for unit in self.units.values() if unit.kind is kind and unit.span(on) is not None]

    def children(self, unit_id: str, on: date) -> list[UnitLife]:
        """Return the units directly under one on a date."""
        return [unit for unit, span in self._children.get(unit_id, ()) if span.covers(on)]

    def ancestor(self, unit_id: str, kind: UnitKind, on: date) -> str | None:
        """Return the unit of level `kind` that `unit_id` is or lies under on a date, or None."""
        current: str | None = unit_id
        while current is not None:
            unit = self.units[current]
            span = unit.span(on)
            if span is None:
                return None
            if unit.kind is kind:
                return current
            current = span.parent_id
        return None

    def hamlets_under(self, unit_id: str, on: date) -> frozenset[str]:
        """Return the hamlets that are or lie under a unit on a date."""
        return self._hamlets(unit_id, on, on)

    def hamlets_ever_under(self, unit_id: str) -> frozenset[str]:
        """Return the hamlets that were ever under a unit, on any day of its life, and those to come."""
        return self._hamlets(unit_id, date.min, None)

    def _hamlets(self, unit_id: str, first: date, last: date | None) -> frozenset[str]:
        unit = self.units[unit_id]
        if unit.kind is UnitKind.HAMLET:
            return frozenset({unit_id} if any(span.meets(first, last) for span in unit.spans) else ())
        found: set[str] = set()
        for child, span in self._children.get(unit_id, ()):
            shared = span.meets(first, last)
            if shared is not None:
                found |= self._hamlets(child.id, *shared)
        return frozenset(found)

    def placements(self, hamlet_id: str, on: date) -> frozenset[str]:
        """Return the hamlets valid on a date that stand for `hamlet_id`; empty where that is not known.

        A hamlet that has ended is where whole successions lead. One that has not begun stands for all it
        was made of, if every predecessor passed into it as a whole.
        """
        unit = self.units[hamlet_id]
        if unit.span(on) is not None:
            return frozenset({hamlet_id})
        if unit.last is not None and unit.last < on:
            facts = [fact for fact in self.successors[hamlet_id] if fact.on <= on]
            onward = [fact.new_id for fact in facts]
        elif on < unit.first:
            facts = [fact for fact in self.predecessors[hamlet_id] if fact.on > on]
            onward = [fact.old_id for fact in facts]
        else:
            return frozenset()  # a gap in its life
        if not facts or any(fact.part is not SuccessionPart.WHOLE for fact in facts):
            return frozenset()
        found = [self.placements(each, on) for each in onward]
        return frozenset().union(*found) if all(found) else frozenset()

    def group(self, hamlet_id: str, kind: UnitKind, on: date) -> str | None:
        """Return the unit of level `kind` that a hamlet counts in on the borders of a date.

        None where it cannot be converted: no whole succession, or one that leads into several units.
        """
        groups = {self.ancestor(each, kind, on) for each in self.placements(hamlet_id, on)}
        return groups.pop() if len(groups) == 1 else None
