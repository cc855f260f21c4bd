"""Loading the register of units and their successions. Repeating a load changes nothing."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from sqlalchemy import delete, select

from app.core import errors
from app.core.database import db
from app.models.units import Succession, Unit, UnitSpan
from app.queries import units as looks
from app.rules import naming
from app.rules.permissions import Actor
from app.rules.units import LEVELS, SuccessionFact
from app.rules.vocabulary import ActKind, SuccessionPart, UnitKind
from app.services import audit
from app.services.ledger import lock
from app.services.units import acts


class BadRows(errors.Invalid):
    """Some rows of a file cannot be loaded; `fields` names them by line. Nothing was loaded."""

    code = "import.rows"
    message = errors.message("Some rows cannot be loaded. Nothing was changed.")


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A row of `units import`: one unit, parent and span; both dates inclusive, open where None."""

    line: int
    code: str
    kind: UnitKind
    name: str
    parent_code: str | None
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class SuccessionRow:
    """A row of `units successions`."""

    line: int
    old_code: str
    new_code: str
    on: date
    part: SuccessionPart


def load(actor: Actor, rows: Sequence[UnitRow]) -> int:
    """Load units with their spans; return how many units were new or changed. Raises BadRows.

    Rows whose code is written alike are one unit. Of a unit already known, a span that begins on the same day
    is replaced, and others are added.
    """
    lock({acts.LOCK})
    before = looks.register().units
    loading = _Loading()
    groups: dict[str, list[UnitRow]] = defaultdict(list)
    for row in rows:
        groups[row.code].append(row)
    for written, group in groups.items():
        loading.declare(written, group)
    for written, group in groups.items():
        loading.place(written, group)
    loading.refuse_problems()
    changed = loading.write()
    if changed:
        after = {each: life for each, life in looks.register().units.items() if life != before.get(each)}
        first = min(life.first for life in after.values())
        db.session.add(acts.note(ActKind.LOAD, first, {each: before.get(each) for each in after}, after))
        audit.note(actor, "units.load", None, {"units": changed})
    return changed


def succeed(actor: Actor, rows: Sequence[SuccessionRow]) -> int:
    """Write down which unit passed into which; return how many facts were new or changed. Raises BadRows.

    A bare old code means the unit valid on the day before, a bare new code the one valid on the day itself.
    """
    lock({acts.LOCK})
    register = _known()
    problems: dict[str, list[str]] = {}
    added: list[SuccessionFact] = []
    lost: list[SuccessionFact] = []
    for row in rows:
        old = _find(register, row.old_code, row.on - timedelta(days=1))
        new = _find(register, row.new_code, row.on)
        if old is None or new is None:
            text = errors.message("No such unit is in the register on that date.")
            problems[f"line {row.line}"] = [f"{row.old_code if old is None else row.new_code}: {text}"]
            continue
        fact = db.session.get(Succession, (old.id, new.id, row.on))
        if fact is None:
            db.session.add(Succession(old_id=old.id, new_id=new.id, on=row.on, part=row.part))
        elif fact.part is not row.part:
            lost.append(SuccessionFact(old.id, new.id, row.on, fact.part))
            fact.part = row.part
        else:
            continue
        added.append(SuccessionFact(old.id, new.id, row.on, row.part))
    if problems:
        raise BadRows(fields=problems)
    if added:
        first = min(fact.on for fact in added)
        db.session.add(acts.note(ActKind.LOAD, first, {}, {}, added, lost=lost))
        audit.note(actor, "units.succeed", None, {"successions": len(added)})
    return len(added)


def _known() -> dict[str, list[Unit]]:
    found: dict[str, list[Unit]] = defaultdict(list)
    for unit in db.session.scalars(select(Unit)):
        found[unit.code].append(unit)
    return found


def _find(known: Mapping[str, Sequence[Unit]], written: str, on: date) -> Unit | None:
    """Return the unit that a code stands for: on its own date if it carries one, otherwise on `on`."""
    code, _, day = written.partition("@")
    when = date.fromisoformat(day) if day else on
    found = [unit for unit in known.get(code, ()) if unit.is_valid(when)]
    return found[0] if len(found) == 1 else None


class _Loading:
    """One load: units are declared first, so that parents may come later in the file, then placed, then written."""

    def __init__(self) -> None:
        self.known = _known()
        self.declared: dict[str, Unit] = {}
        self.lives = {
            unit.id: (unit.valid_from, unit.valid_to or date.max)
            for units in self.known.values()
            for unit in units
        }
        self.spans: dict[str, list[UnitSpan]] = {}
        self.before: dict[str, list[UnitSpan]] = defaultdict(list)
        for span in db.session.scalars(select(UnitSpan).order_by(UnitSpan.valid_from)):
            self.before[span.unit_id].append(span)
        self.problems: dict[str, list[str]] = defaultdict(list)

    def declare(self, written: str, group: list[UnitRow]) -> None:
        """Find the unit that `group` speaks of, or make it."""
        code, _, day = written.partition("@")
        first = min(row.valid_from for row in group)
        last = max((row.valid_to or date.max) for row in group)
        when = date.fromisoformat(day) if day else None
        for row in group:
            if row.kind is not group[0].kind:
                self._refuse(row, errors.message("One unit cannot be of two kinds."))
            if row.valid_to is not None and row.valid_to < row.valid_from:
                self._refuse(row, errors.message("It ends before it begins."))
        same = [
            unit
            for unit in self.known[code]
            if (
                unit.is_valid(when)
                if when
                else unit.valid_from <= last and first <= (unit.valid_to or date.max)
            )
        ]
        if len(same) > 1:
            self._refuse(group[0], errors.message("Several units bear this code; write it with a date."))
        if same:
            unit = same[0]
            if unit.kind is not group[0].kind:
                self._refuse(group[0], errors.message("One unit cannot be of two kinds."))
        else:
            unit = Unit(id=f"{code}-{first:%Y%m%d}", code=code, kind=group[0].kind, valid_from=first)
            unit.valid_to = None if last == date.max else last
            self.known[code].append(unit)
        self.declared[written] = unit
        begun, ended = self.lives.get(unit.id, (first, last))
        self.lives[unit.id] = (min(begun, first), max(ended, last))

    def place(self, written: str, group: list[UnitRow]) -> None:
        """Give the unit its spans; its life runs from the first to the last of them."""
        unit = self.declared[written]
        spans = {span.valid_from: span for span in self.before[unit.id]}
        for row in group:
            spans[row.valid_from] = UnitSpan(
                unit_id=unit.id,
                name=naming.normalise(row.name),
                sort_key=naming.place_key(row.name),
                parent_id=self._parent(row),
                valid_from=row.valid_from,
                valid_to=row.valid_to,
            )
        ordered = sorted(spans.values(), key=lambda span: span.valid_from)
        for earlier, later in pairwise(ordered):
            if earlier.valid_to is None or earlier.valid_to >= later.valid_from:
                self._refuse(group[0], errors.message("Two rows of this unit overlap in time."))
        self.spans[written] = ordered

    def _parent(self, row: UnitRow) -> str | None:
        if not row.parent_code:
            if row.kind is not UnitKind.PROVINCE:
                self._refuse(row, errors.message("Only a province has no parent."))
            return None
        parent = self.declared.get(row.parent_code) or _find(self.known, row.parent_code, row.valid_from)
        if parent is None:
            self._refuse(row, errors.message("No such parent is in the register on that date."))
            return None
        if not self._covers(parent, row):
            self._refuse(row, errors.message("The parent does not exist for all of that time."))
        if LEVELS.index(parent.kind) >= LEVELS.index(row.kind):
            self._refuse(row, errors.message("The parent must be of a higher level."))
        return parent.id

    def _covers(self, parent: Unit, row: UnitRow) -> bool:
        """Say whether the parent lives as long as the row says the unit lies under it."""
        first, last = self.lives[parent.id]
        return first <= row.valid_from and (row.valid_to or date.max) <= last

    def _refuse(self, row: UnitRow, text: str) -> None:
        self.problems[f"line {row.line}"].append(f"{row.code}: {text}")

    def refuse_problems(self) -> None:
        """Raise BadRows if anything was wrong; nothing is written before this."""
        if self.problems:
            raise BadRows(fields=self.problems)

    def write(self) -> int:
        """Write the units that differ from what is known; return how many."""
        changed = [
            written
            for written, unit in self.declared.items()
            if _told(self.spans[written]) != _told(self.before[unit.id])
        ]
        for written in changed:
            unit = self.declared[written]
            unit.valid_from = self.spans[written][0].valid_from
            unit.valid_to = self.spans[written][-1].valid_to
            db.session.add(unit)
        db.session.flush()
        db.session.execute(
            delete(UnitSpan).where(UnitSpan.unit_id.in_([self.declared[each].id for each in changed]))
        )
        for written in changed:
            for span in self.spans[written]:
                db.session.add(UnitSpan(**dict(zip(_SPAN, _fields(span), strict=True))))
        db.session.flush()
        return len(changed)


_SPAN = ("unit_id", "name", "sort_key", "parent_id", "valid_from", "valid_to")


def _fields(span: UnitSpan) -> tuple[object, ...]:
    return tuple(getattr(span, name) for name in _SPAN)


def _told(spans: Sequence[UnitSpan]) -> list[tuple[object, ...]]:
    return [_fields(span) for span in spans]
