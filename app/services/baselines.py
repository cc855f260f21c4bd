"""Loading official counts of households and people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from app.core import errors
from app.core.database import db
from app.models.baselines import Baseline
from app.models.units import Unit
from app.rules.permissions import Actor
from app.services import audit
from app.services.units import BadRows

COUNTS = ("households", "population", "population_15_plus", "adults")


@dataclass(frozen=True, slots=True)
class BaselineRow:
    """A row of `baselines import`; None where the source gives no count."""

    line: int
    unit_code: str
    year: int
    counts: tuple[int | None, int | None, int | None, int | None]


def load(actor: Actor, rows: Sequence[BaselineRow]) -> int:
    """Load baselines; return how many were new or changed. Raises BadRows, and then loads nothing.

    A bare code means the unit valid on 1 January of the row's year.
    """
    units = list(db.session.scalars(select(Unit)))
    problems: dict[str, list[str]] = {}
    before: list[list[Any]] = []
    for row in rows:
        code, _, day = row.unit_code.partition("@")
        on = date.fromisoformat(day) if day else date(row.year, 1, 1)
        found = [unit for unit in units if unit.code == code and unit.is_valid(on)]
        if len(found) != 1:
            text = errors.message("No single unit bears this code on that date.")
            problems[f"line {row.line}"] = [f"{row.unit_code}: {text}"]
            continue
        known = db.session.get(Baseline, (found[0].id, row.year))
        told = known and [getattr(known, name) for name in COUNTS]
        if known is None:
            known = Baseline(unit_id=found[0].id, year=row.year)
            db.session.add(known)
        elif told == list(row.counts):
            continue
        for name, count in zip(COUNTS, row.counts, strict=True):
            setattr(known, name, count)
        before.append([found[0].id, row.year, told])
    if problems:
        raise BadRows(fields=problems)
    if before:
        audit.note(actor, "baselines.load", None, {"baselines": len(before), "before": before})
    return len(before)
