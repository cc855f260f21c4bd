"""Loading targets: what a plan or decision wants reached by the end of a year."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.core import errors
from app.core.database import db
from app.models.targets import Target
from app.models.units import Unit
from app.rules.permissions import Actor
from app.services import audit
from app.services.units import BadRows


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A row of targets; without a unit it holds for the whole country. 8000 hundredths are 80 %."""

    line: int
    indicator: str
    year: int
    unit_code: str | None
    hundredths: int
    source: str


def load(actor: Actor, rows: Sequence[TargetRow]) -> int:
    """Load targets that are not known yet; return how many. Those known stay, since people may edit them.

    A bare code means the unit valid on 1 January of the row's year. Raises BadRows, and then loads nothing.
    """
    units = list(db.session.scalars(select(Unit)))
    known = {
        (row.indicator, row.year, row.unit_id)
        for row in db.session.execute(select(Target.indicator, Target.year, Target.unit_id))
    }
    problems: dict[str, list[str]] = {}
    new = 0
    for row in rows:
        on = date(row.year, 1, 1)
        found = [unit for unit in units if unit.code == row.unit_code and unit.is_valid(on)]
        if row.unit_code and len(found) != 1:
            text = errors.message("No single unit bears this code on that date.")
            problems[f"line {row.line}"] = [f"{row.unit_code}: {text}"]
            continue
        unit_id = found[0].id if row.unit_code else None
        if (row.indicator, row.year, unit_id) in known:
            continue
        db.session.add(
            Target(
                indicator=row.indicator,
                year=row.year,
                unit_id=unit_id,
                hundredths=row.hundredths,
                source=row.source,
            )
        )
        new += 1
    if problems:
        raise BadRows(fields=problems)
    if new:
        audit.note(actor, "targets.load", None, {"targets": new})
    return new
