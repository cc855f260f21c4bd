"""Targets for indicators: what a plan or decision wants reached by the end of a year."""

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model


class Target(Model):
    """One aim: `hundredths` of a per cent (8000 is 80 %) by `year`; `unit_id` null means the whole country."""

    __tablename__ = "targets"
    __table_args__ = (UniqueConstraint("indicator", "year", "unit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    indicator: Mapped[str] = mapped_column(String(40))
    year: Mapped[int]
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("units.id"))
    hundredths: Mapped[int]
    source: Mapped[str] = mapped_column(String(200))
