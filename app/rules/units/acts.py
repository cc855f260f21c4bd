"""Dated acts on units, on paper: what a merger, split, renaming, move, end or founding makes of the register.

An act holds from the morning of its day. It may be drawn only where nothing later is known of the units it
touches, so that undoing acts in the opposite order is exact. Nothing here guesses: whoever abolishes or splits a
commune says where each hamlet goes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from app.core import errors
from app.rules import naming
from app.rules.units import LEVELS, Register, Span, SuccessionFact, UnitLife
from app.rules.vocabulary import ActKind, SuccessionPart, UnitKind

LONGEST_NAME, LONGEST_CODE, LONGEST_DECISION = 120, 20, 80

UNKNOWN = errors.message("No such unit exists on the eve of that day.")
TOO_FEW = errors.message("Choose at least two units.")
ONE_ONLY = errors.message("Choose exactly one unit.")
NONE_CHOSEN = errors.message("Choose a unit.")
MIXED = errors.message("All these units must be of one level.")
CHANGES_LATER = errors.message("This unit changes again on or after that day. Undo that first.")
NO_NAME = errors.message("Write the name, in 1 to 120 characters.")
SAME_NAME = errors.message("That is its name already.")
NO_CODE = errors.message("Write the code, in 1 to 20 letters and digits.")
CODE_TAKEN = errors.message("Another unit bears this code on that day or later.")
NO_TARGET = errors.message("Say which unit it goes to.")
WRONG_TARGET = errors.message(
    "It cannot go there: that unit must exist from that day on, on the right level."
)
SAME_PARENT = errors.message("It lies there already.")
UNPLACED = errors.message("Say for each unit below where it goes.")
NOT_BELOW = errors.message("Only units that lie directly under it on that day can be placed.")
NO_PARTS = errors.message("A split needs at least two parts.")
NO_DECISION = errors.message("Write the number of the decision, in 1 to 80 characters.")
KEEPS_ITSELF = errors.message("A unit that is abolished cannot take its own hamlets.")


class Refused(errors.Invalid):
    """The act cannot be drawn; `fields` say why (`units on name code to places`)."""

    code = "units.act_refused"
    message = errors.message("This act cannot be entered like this.")


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit that an act founds. Its id follows from its code and day."""

    code: str
    name: str
    parent_id: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to happen on a day.

    `units` are acted upon, `new` are founded, `to` is the unit that takes over (merge, abolish) or the parent (move),
    `places` says of each unit directly below where it goes, by id; a new unit's id is `unit_id(code, on)`.
    """

    kind: ActKind
    on: date
    units: tuple[str, ...] = ()
    new: tuple[NewUnit, ...] = ()
    level: UnitKind = UnitKind.COMMUNE
    name: str | None = None
    to: str | None = None
    places: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Drawn:
    """The register after an act, the lives it changed (None: not there), and the successions it adds."""

    register: Register
    before: dict[str, UnitLife | None]
    after: dict[str, UnitLife]
    facts: tuple[SuccessionFact, ...]


def unit_id(code: str, first: date) -> str:
    """Return a unit's id: its code with the first day of its life."""
    return f"{code}-{first:%Y%m%d}"


def read_decision(text: str) -> str:
    """Return the number of a decision as it is kept. Raises Refused."""
    decision = naming.normalise(text)
    if not 1 <= len(decision) <= LONGEST_DECISION:
        raise Refused(fields={"decision": [NO_DECISION]})
    return decision


def draw(register: Register, plan: Plan) -> Drawn:
    """Work out what `plan` makes of the register. Raises Refused."""
    drawing = _Drawing(register, plan)
    _DRAWERS[plan.kind](drawing)
    drawing.check()
    after = {
        each: drawing.lives[each] for each in drawing.lives if drawing.lives[each] != register.units.get(each)
    }
    before = {each: register.units.get(each) for each in after}
    return Drawn(with_changes(register, after, drawing.facts), before, after, tuple(drawing.facts))


def with_changes(
    register: Register,
    lives: Mapping[str, UnitLife | None],
    added: Iterable[SuccessionFact] = (),
    removed: Iterable[SuccessionFact] = (),
) -> Register:
    """Return a register with some lives replaced (None: taken out) and successions added or removed."""
    units = {**register.units, **lives}
    gone = set(removed)
    known = [fact for facts in register.successors.values() for fact in facts if fact not in gone]
    return Register([life for life in units.values() if life is not None], [*known, *added])


class _Drawing:
    """Lives and facts while an act is being drawn, and what is wrong with it."""

    def __init__(self, register: Register, plan: Plan) -> None:
        self.register, self.plan = register, plan
        self.eve = plan.on - timedelta(days=1)
        self.lives: dict[str, UnitLife] = dict(register.units)
        self.facts: list[SuccessionFact] = []
        self.problems: dict[str, list[str]] = {}
        self._ended: set[str] = set()

    def refuse(self, name: str, text: str) -> None:
        if text not in self.problems.setdefault(name, []):
            self.problems[name].append(text)

    def chosen(self, least: int = 1, most: int | None = None) -> list[UnitLife]:
        """Return the units acted upon; all exist on the eve and are of one level."""
        ids = list(dict.fromkeys(self.plan.units))
        found = [self.lives[each] for each in ids if each in self.lives]
        if len(found) < len(ids) or any(unit.span(self.eve) is None for unit in found):
            self.refuse("units", UNKNOWN)
        if len(found) < least or (most is not None and len(found) > most):
            self.refuse("units", TOO_FEW if least > 1 else ONE_ONLY if most == 1 else NONE_CHOSEN)
        if len({unit.kind for unit in found}) > 1:
            self.refuse("units", MIXED)
        self.stop()
        return found

    def stop(self) -> None:
        """Raise Refused if anything is wrong so far."""
        if self.problems:
            raise Refused(fields=self.problems)

    def end(self, unit: UnitLife) -> None:
        life = self.lives[unit.id]
        last = life.spans[-1]
        if life.last is not None or last.first >= self.plan.on:
            self.refuse("units", CHANGES_LATER)
            self.stop()
        spans = (*life.spans[:-1], replace(last, last=self.eve))
        self.lives[unit.id] = replace(life, last=self.eve, spans=spans)
        self._ended.add(unit.id)

    def found(self, new: NewUnit, kind: UnitKind) -> str:
        code, name = new.code.strip(), new.name.strip()
        if not 1 <= len(name) <= LONGEST_NAME:
            self.refuse("name", NO_NAME)
        if not (1 <= len(code) <= LONGEST_CODE and code.isascii() and code.replace(".", "").isalnum()):
            self.refuse("code", NO_CODE)
        self.stop()
        made = unit_id(code, self.plan.on)
        if made in self.lives:
            self.refuse("code", CODE_TAKEN)
            self.stop()
        span = Span(name, new.parent_id, self.plan.on, None)
        self.lives[made] = UnitLife(made, code, kind, self.plan.on, None, (span,))
        return made

    def change(self, each: str, *, name: str | None = None, parent_id: str | None = None) -> None:
        """Let a unit bear another name, or lie under another parent, from the day on."""
        life = self.lives[each]
        last = life.spans[-1]
        if life.last is not None or last.last is not None or last.first > self.plan.on:
            self.refuse("units", CHANGES_LATER)
            self.stop()
        new = replace(last, name=name or last.name, parent_id=parent_id or last.parent_id, first=self.plan.on)
        kept = () if last.first == self.plan.on else (replace(last, last=self.eve),)
        self.lives[each] = replace(life, spans=(*life.spans[:-1], *kept, new))

    def children(self, each: str) -> list[UnitLife]:
        """Return the units that lie directly under one on the day as things stood before this act."""
        return self.register.children(each, self.plan.on)

    def succeed(self, old_id: str, new_id: str, part: SuccessionPart) -> None:
        if old_id != new_id:
            self.facts.append(SuccessionFact(old_id, new_id, self.plan.on, part))

    def target(self, each: str | None, kind: UnitKind) -> str:
        """Return the id of a unit of `kind` that stands on the day; refuses anything else."""
        life = self.lives.get(each or "")
        if life is None:
            self.refuse("to", NO_TARGET)
        elif life.kind is not kind or life.span(self.plan.on) is None:
            self.refuse("to", WRONG_TARGET)
        self.stop()
        return str(each)

    def check(self) -> None:
        """Refuse what would leave the register in disorder."""
        changed = [life for each, life in self.lives.items() if life != self.register.units.get(each)]
        for life in changed:
            self._check_code(life)
            last = life.spans[-1]
            if last.last is None:
                self._check_parent(life, last.parent_id)
        for life in self.lives.values():
            last = life.spans[-1]
            if last.parent_id in self._ended and (last.last is None or last.last >= self.plan.on):
                self.refuse("places", UNPLACED)
        self.stop()

    def _check_code(self, life: UnitLife) -> None:
        for other in self.lives.values():
            is_same = other.code == life.code and other.id != life.id
            if is_same and (other.last is None or other.last >= self.plan.on) and life.last is None:
                self.refuse("code", CODE_TAKEN)

    def _check_parent(self, life: UnitLife, parent_id: str | None) -> None:
        if parent_id is None:
            if life.kind is not UnitKind.PROVINCE:
                self.refuse("to", NO_TARGET)
            return
        parent = self.lives.get(parent_id)
        is_level = parent is not None and (
            parent.kind is UnitKind.COMMUNE
            if life.kind is UnitKind.HAMLET
            else LEVELS.index(parent.kind) < LEVELS.index(life.kind)
        )
        if parent is None or not is_level or parent.span(self.plan.on) is None or parent.last is not None:
            self.refuse("to", WRONG_TARGET)


def _rename(drawing: _Drawing) -> None:
    (unit,) = drawing.chosen(most=1)
    name = (drawing.plan.name or "").strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        drawing.refuse("name", NO_NAME)
    elif name == unit.name(drawing.plan.on):
        drawing.refuse("name", SAME_NAME)
    drawing.stop()
    drawing.change(unit.id, name=name)


def _move(drawing: _Drawing) -> None:
    for unit in drawing.chosen():
        if drawing.plan.to not in drawing.lives:
            drawing.refuse("to", NO_TARGET)
        elif unit.spans[-1].parent_id == drawing.plan.to:
            drawing.refuse("to", SAME_PARENT)
        drawing.stop()
        drawing.change(unit.id, parent_id=drawing.plan.to)


def _found(drawing: _Drawing) -> None:
    if not drawing.plan.new:
        drawing.refuse("code", NO_CODE)
    drawing.stop()
    for new in drawing.plan.new:
        drawing.found(new, drawing.plan.level)


def _merge(drawing: _Drawing) -> None:
    units = drawing.chosen(least=1 if drawing.plan.to else 2)
    kind = units[0].kind
    if drawing.plan.new:
        heir = drawing.plan.new[0]
        own = units[0].spans[-1].parent_id
        into = drawing.found(replace(heir, parent_id=heir.parent_id or own), kind)
    else:
        into = drawing.target(drawing.plan.to, kind)
    absorbed = [unit for unit in units if unit.id != into]
    if len({*(unit.id for unit in absorbed), into}) < 2:
        drawing.refuse("units", TOO_FEW)
    drawing.stop()
    for unit in absorbed:
        for child in drawing.children(unit.id):
            drawing.change(child.id, parent_id=into)
        drawing.end(unit)
        drawing.succeed(unit.id, into, SuccessionPart.WHOLE)
    name = (drawing.plan.name or "").strip()
    if not drawing.plan.new and name and name != drawing.lives[into].name(drawing.plan.on):
        drawing.change(into, name=name)


def _split(drawing: _Drawing) -> None:
    (unit,) = drawing.chosen(most=1)
    own = unit.spans[-1].parent_id
    made = [
        drawing.found(replace(new, parent_id=new.parent_id or own), unit.kind) for new in drawing.plan.new
    ]
    placed = _place(drawing, unit)
    heirs = list(dict.fromkeys([*made, *placed]))
    lives_on = unit.id in placed or drawing.plan.to == unit.id
    if len(heirs) + (lives_on and unit.id not in heirs) < 2:
        drawing.refuse("code" if not drawing.plan.new else "places", NO_PARTS)
    drawing.stop()
    if not lives_on:
        drawing.end(unit)
    for each in heirs:
        drawing.succeed(unit.id, drawing.target(each, unit.kind), SuccessionPart.PART)


def _abolish(drawing: _Drawing) -> None:
    (unit,) = drawing.chosen(most=1)
    if unit.id == drawing.plan.to or unit.id in drawing.plan.places.values():
        drawing.refuse("places", KEEPS_ITSELF)
    children = drawing.children(unit.id)
    if drawing.plan.to is None and (unit.kind is UnitKind.HAMLET or not children):
        drawing.refuse("to", NO_TARGET)
    drawing.stop()
    placed = _place(drawing, unit)
    heirs = list(dict.fromkeys(placed if children else [str(drawing.plan.to)]))
    drawing.end(unit)
    same = [each for each in heirs if each in drawing.lives and drawing.lives[each].kind is unit.kind]
    if not children and not same:
        drawing.refuse("to", WRONG_TARGET)
    for each in same:
        part = SuccessionPart.WHOLE if len(heirs) == 1 else SuccessionPart.PART
        drawing.succeed(unit.id, drawing.target(each, unit.kind), part)


def _place(drawing: _Drawing, unit: UnitLife) -> list[str]:
    """Move every unit below to where the plan says; return these places."""
    children = drawing.children(unit.id)
    if set(drawing.plan.places) - {child.id for child in children}:
        drawing.refuse("places", NOT_BELOW)
    placed = [drawing.plan.places.get(child.id) or drawing.plan.to for child in children]
    if not all(each and each in drawing.lives for each in placed):
        drawing.refuse("places", UNPLACED)
    drawing.stop()
    for child, place in zip(children, placed, strict=True):
        if place != unit.id:
            drawing.change(child.id, parent_id=place)
    return [str(each) for each in placed]


_DRAWERS = {
    ActKind.RENAME: _rename,
    ActKind.MOVE: _move,
    ActKind.FOUND: _found,
    ActKind.MERGE: _merge,
    ActKind.SPLIT: _split,
    ActKind.ABOLISH: _abolish,
}


Told = dict[str, object]
"""A life as JSON keeps it, so that an act can be undone, and the register of any moment be worked out, exactly."""


def tell(life: UnitLife | None) -> Told | None:
    """Write a life as JSON keeps it; None is a unit that is not there."""
    if life is None:
        return None
    return {
        "code": life.code,
        "kind": life.kind.value,
        "spans": [
            [span.name, span.parent_id, span.first.isoformat(), span.last and span.last.isoformat()]
            for span in life.spans
        ],
    }


def read(each: str, told: Mapping[str, object] | None) -> UnitLife | None:
    """Read a life that `tell` wrote."""
    if told is None:
        return None
    kept: list[list[str | None]] = told["spans"]  # type: ignore[assignment]  # JSON that `tell` wrote
    spans = tuple(
        Span(str(name), parent, date.fromisoformat(str(first)), date.fromisoformat(last) if last else None)
        for name, parent, first, last in kept
    )
    kind = UnitKind(str(told["kind"]))
    return UnitLife(each, str(told["code"]), kind, spans[0].first, spans[-1].last, spans)
