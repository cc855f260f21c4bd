"""What an act makes of the map, as people read it: which units end, begin, bear another name, lie elsewhere."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from app.rules.units import Register, SuccessionFact, UnitLife


@dataclass(frozen=True, slots=True)
class Change:
    """One unit that changes. `was` and `becomes` are names: its own, or those of what it lies under or passes into."""

    code: str
    name: str
    was: str = ""
    becomes: str = ""


@dataclass(slots=True)
class Changes:
    """All that changes on a day, by what happens."""

    ending: list[Change] = field(default_factory=list)
    beginning: list[Change] = field(default_factory=list)
    renamed: list[Change] = field(default_factory=list)
    moved: list[Change] = field(default_factory=list)


def changes(
    register: Register,
    on: date,
    before: Mapping[str, UnitLife | None],
    after: Mapping[str, UnitLife | None],
    facts: Collection[SuccessionFact],
) -> Changes:
    """Compare lives before and after an act of the day `on`; `register` (with the act) gives other units' names."""

    def name(each: str | None) -> str:
        return register.units[each].name(on) if each in register.units else ""

    found = Changes()
    for each, life in after.items():
        old = before.get(each)
        if life is None:
            continue
        was, now = (old.span(on) if old else None), life.span(on)
        if now is None:
            into = ", ".join(name(fact.new_id) for fact in facts if fact.old_id == each)
            found.ending.append(Change(life.code, life.name(on), becomes=into))
        elif was is None:
            found.beginning.append(Change(life.code, now.name, becomes=name(now.parent_id)))
        else:
            if was.name != now.name:
                found.renamed.append(Change(life.code, now.name, was.name, now.name))
            if was.parent_id != now.parent_id:
                found.moved.append(Change(life.code, now.name, name(was.parent_id), name(now.parent_id)))
    return found
