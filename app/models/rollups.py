"""What is added up in advance. Nothing here is a source: all of it can be made again from visits and residences."""

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model


class Rollup(Model):
    """One hamlet at the end of a half-month in which anything changed, and what changed in it (`rules/steps.py`).

    It holds what `visits.is_rolled` and `residences.rolled_unit_id` say is rolled; readers add the rest. All four
    are columns of numbers as bytes: `cells` key and counts; `days` of last visits and homes; `changes` day, key,
    mask, count; `flow` half of the visit, half of the interview before, what, count.
    """

    __tablename__ = "rollups"

    hamlet_id: Mapped[str] = mapped_column(ForeignKey("units.id"), primary_key=True)
    half: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cells: Mapped[bytes] = mapped_column(LargeBinary)
    days: Mapped[bytes] = mapped_column(LargeBinary)
    changes: Mapped[bytes] = mapped_column(LargeBinary)
    flow: Mapped[bytes] = mapped_column(LargeBinary)
