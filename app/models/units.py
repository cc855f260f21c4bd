"""The register of administrative units through time: units, their dated names and parents, successions, acts."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model, UTCDateTime, words
from app.rules.vocabulary import ActKind, SuccessionPart, UnitKind


class Unit(Model):
    """One unit for its whole life. Codes are reused, so `id` is the code with the first day of life."""

    __tablename__ = "units"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    code: Mapped[str] = mapped_column(String(20), index=True)
    kind: Mapped[UnitKind] = mapped_column(words(UnitKind), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    def is_valid(self, on: date) -> bool:
        """Say whether the unit exists on the civil date `on`; both ends are inclusive."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


class UnitSpan(Model):
    """A stretch of a unit's life with one name and one parent; both ends inclusive, open where null."""

    __tablename__ = "unit_spans"
    __table_args__ = (
        UniqueConstraint("unit_id", "valid_from"),
        Index("ix_unit_spans_parent_id", "parent_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"))
    name: Mapped[str] = mapped_column(String(120))
    sort_key: Mapped[str] = mapped_column(String(160))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("units.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class Succession(Model):
    """`old_id` passed into `new_id` on a day, as a whole or in part."""

    __tablename__ = "successions"

    old_id: Mapped[str] = mapped_column(ForeignKey("units.id"), primary_key=True)
    new_id: Mapped[str] = mapped_column(ForeignKey("units.id"), primary_key=True, index=True)
    on: Mapped[date] = mapped_column(primary_key=True)
    part: Mapped[SuccessionPart] = mapped_column(words(SuccessionPart))


class UnitAct(Model):
    """One change of the register, holding from the day `on`: what was asked, and exactly what it did.

    `before` and `after` hold the lives it changed (`rules/units/acts.py`, None: not there), `facts` the successions
    it added and `lost` those it replaced. Read backwards they give the register as it was known at any moment.
    """

    __tablename__ = "unit_acts"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ActKind] = mapped_column(words(ActKind))
    on: Mapped[date] = mapped_column(index=True)
    decision: Mapped[str] = mapped_column(String(80))
    title: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Names of the units as they were when it was entered: `{"units": […], "into": […], "name": …}`."""
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    facts: Mapped[list[Any]] = mapped_column(JSON)
    lost: Mapped[list[Any]] = mapped_column(JSON)
    entered_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    entered_by_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    undone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    undone_by_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
