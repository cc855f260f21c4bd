"""Households, where they lived when, and their members' labels.

What members have and can is not here but in `visits.Observation`: it is a fact of one day.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import Encrypted
from app.core.database import Id, Model, UTCDateTime, words
from app.rules.vocabulary import ConsentAnswer

_UNROLLED = text("rolled_unit_id IS NULL OR rolled_unit_id != unit_id")

ALWAYS = date(1900, 1, 1)
"""First day of a home's first residence: a visit may be dated before the registration that came with it."""


class Household(Model):
    """A home. `unit_id` is the hamlet it lives in today; without consent `yes` the personal columns are null."""

    __tablename__ = "households"

    id: Mapped[str] = mapped_column(Id(), primary_key=True)
    team_id: Mapped[str] = mapped_column(ForeignKey("teams.id"), index=True)
    author_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"), index=True)
    code: Mapped[str | None] = mapped_column(String(40))
    address: Mapped[str | None] = mapped_column(Encrypted("households.address"))
    head_name: Mapped[str | None] = mapped_column(Encrypted("households.head_name"))
    phone: Mapped[str | None] = mapped_column(Encrypted("households.phone"))
    consent_answer: Mapped[ConsentAnswer] = mapped_column(words(ConsentAnswer))
    consent_text_version: Mapped[str] = mapped_column(String(36))
    consent_at: Mapped[datetime] = mapped_column(UTCDateTime)
    consent_collector_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    registered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    registered_on: Mapped[date] = mapped_column(index=True)
    revisions: Mapped[dict[str, int]] = mapped_column(JSON)
    revised_by: Mapped[dict[str, list[Any]]] = mapped_column(JSON, default=dict, server_default="{}")
    """Field to [device, revision]: the device that wrote the present value, and the last revision before its
    own run of changes. Two changes made on one phone before it could send do not clash with each other."""

    @property
    def has_consented(self) -> bool:
        """Say whether personal fields may be stored and shown."""
        return self.consent_answer is ConsentAnswer.YES


class Residence(Model):
    """The hamlet a household lived in from a civil date on, until the next residence."""

    __tablename__ = "residences"
    __table_args__ = (
        Index("ix_residences_unit_id_household_id", "unit_id", "household_id"),
        Index("ix_residences_unrolled", "household_id", postgresql_where=_UNROLLED, sqlite_where=_UNROLLED),
    )

    household_id: Mapped[str] = mapped_column(ForeignKey("households.id"), primary_key=True)
    from_on: Mapped[date] = mapped_column(primary_key=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"))
    rolled_unit_id: Mapped[str | None] = mapped_column(String(40))
    """The hamlet that the rollups count the home in from then on; null: they know nothing of it yet."""


class Member(Model):
    """A person of a household: an id kept from visit to visit, and with consent a short label."""

    __tablename__ = "members"

    household_id: Mapped[str] = mapped_column(ForeignKey("households.id"), primary_key=True)
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    label: Mapped[str | None] = mapped_column(Encrypted("members.label"))
