"""Approvals of months by communes, and releases: figures frozen hamlet by hamlet when a province publishes them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Id, Model, UTCDateTime, words
from app.rules.vocabulary import Calendar


class Approval(Model):
    """A commune's word that its month is sound; it stands until it is taken back."""

    __tablename__ = "approvals"
    __table_args__ = (Index("ix_approvals_period_calendar", "period", "calendar"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"))
    period: Mapped[str] = mapped_column(String(10))
    calendar: Mapped[Calendar] = mapped_column(words(Calendar))
    approved_at: Mapped[datetime] = mapped_column(UTCDateTime)
    approved_by_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    taken_back_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Release(Model):
    """The published figures of a period. A restated release has the next `number`; the older ones stay.

    `definitions` are the versions by code, `approvals` say which communes had approved, `teams` hold the units that
    had a team of each kind at the cut-off, `baselines` the official counts known then. `fingerprint` is the SHA-256
    of all that was frozen.
    """

    __tablename__ = "releases"
    __table_args__ = (UniqueConstraint("unit_id", "period", "calendar", "number"),)

    id: Mapped[str] = mapped_column(Id(), primary_key=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"))
    period: Mapped[str] = mapped_column(String(10))
    calendar: Mapped[Calendar] = mapped_column(words(Calendar))
    number: Mapped[int]
    cut_off: Mapped[date]
    published_at: Mapped[datetime] = mapped_column(UTCDateTime)
    published_by_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    fingerprint: Mapped[str] = mapped_column(String(64))
    definitions: Mapped[dict[str, str]] = mapped_column(JSON)
    approvals: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    teams: Mapped[dict[str, list[str]]] = mapped_column(JSON)
    baselines: Mapped[list[list[Any]]] = mapped_column(JSON)


class ReleaseCell(Model):
    """What was counted in one hamlet, as `rules/cells.py` packs it."""

    __tablename__ = "release_cells"

    release_id: Mapped[str] = mapped_column(ForeignKey("releases.id"), primary_key=True)
    hamlet_id: Mapped[str] = mapped_column(ForeignKey("units.id"), primary_key=True)
    stock: Mapped[bytes] = mapped_column(LargeBinary)
    flow: Mapped[bytes] = mapped_column(LargeBinary)
