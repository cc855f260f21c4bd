"""Official counts of households and people, by unit and year."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model


class Baseline(Model):
    """The counts of one unit for one year; null where the source gives none. Missing is never zero."""

    __tablename__ = "baselines"

    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    households: Mapped[int | None]
    population: Mapped[int | None]
    population_15_plus: Mapped[int | None]
    adults: Mapped[int | None]
