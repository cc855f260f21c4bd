"""Looks at targets: what a plan or decision wants reached."""

from collections.abc import Collection

from sqlalchemy import or_, select

from app.core.database import db
from app.models.targets import Target


def of(year: int, unit_ids: Collection[str] = ()) -> list[Target]:
    """Return the targets of a year for the whole country and for `unit_ids`, by indicator, the country's first."""
    query = (
        select(Target)
        .where(Target.year == year, or_(Target.unit_id.is_(None), Target.unit_id.in_(unit_ids)))
        .order_by(Target.indicator, Target.unit_id.isnot(None), Target.unit_id)
    )
    return list(db.session.scalars(query))
