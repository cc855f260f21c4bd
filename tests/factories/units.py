"""Units with one span, their further spans, and successions."""

from datetime import date

from app.models.units import Succession, Unit, UnitAct, UnitSpan
from app.rules.naming import place_key
from app.rules.vocabulary import ActKind, SuccessionPart, UnitKind
from tests.factories.rows import MORNING, number, save

BEGINNING = date(2022, 1, 1)


def unit(
    kind: UnitKind = UnitKind.HAMLET,
    *,
    code: str | None = None,
    name: str | None = None,
    parent: Unit | None = None,
    valid_from: date = BEGINNING,
    valid_to: date | None = None,
) -> Unit:
    """A unit with one name and one parent for its whole life."""
    code = code or f"{number():05}"
    made = save(
        Unit(id=f"{code}-{valid_from:%Y%m%d}", code=code, kind=kind, valid_from=valid_from, valid_to=valid_to)
    )
    unit_span(made, name=name, parent=parent, valid_from=valid_from, valid_to=valid_to)
    return made


def unit_span(
    unit: Unit,
    *,
    name: str | None = None,
    parent: Unit | None = None,
    valid_from: date = BEGINNING,
    valid_to: date | None = None,
) -> UnitSpan:
    """A stretch of `unit`'s life with its own name and parent."""
    name = name or f"{unit.kind.value} {unit.code}"
    return save(
        UnitSpan(
            unit_id=unit.id,
            name=name,
            sort_key=place_key(name),
            parent_id=parent and parent.id,
            valid_from=valid_from,
            valid_to=valid_to,
        )
    )


def province(**details: object) -> Unit:
    """A province."""
    return unit(UnitKind.PROVINCE, **details)  # type: ignore[arg-type] # handed on as given


def district(**details: object) -> Unit:
    """A district."""
    return unit(UnitKind.DISTRICT, **details)  # type: ignore[arg-type]


def commune(**details: object) -> Unit:
    """A commune."""
    return unit(UnitKind.COMMUNE, **details)  # type: ignore[arg-type]


def hamlet(**details: object) -> Unit:
    """A hamlet, in a commune of its own where no parent is given."""
    details.setdefault("parent", commune())
    return unit(UnitKind.HAMLET, **details)  # type: ignore[arg-type]


def succession(old: Unit, new: Unit, *, on: date, part: SuccessionPart = SuccessionPart.WHOLE) -> Succession:
    """`old` passed into `new`."""
    return save(Succession(old_id=old.id, new_id=new.id, on=on, part=part))


def unit_act(*, kind: ActKind = ActKind.RENAME, on: date = BEGINNING, decision: str = "1/NQ") -> UnitAct:
    """An act that changed nothing."""
    made = UnitAct(kind=kind, on=on, decision=decision, title={}, before={}, after={}, facts=[], lost=[])
    made.entered_at = MORNING
    return save(made)
