"""Visits as recorded, never edited: what was seen of the home, of each member, and what was taught."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import Encrypted
from app.core.database import Id, Model, UTCDateTime, words
from app.rules.vocabulary import Account, Fibre, Outcome, Phone, Sex, Topic, VisitStatus


class Visit(Model):
    """What one volunteer saw at one home on one day.

    `family_id` is the first visit of its chain of corrections. `is_counting` holds product.md's *Which
    visits count*: true for the last standing visit of the family by (`recorded_at`, `id`); the services
    that write visits keep it so.
    """

    __tablename__ = "visits"
    __table_args__ = (
        Index("ix_visits_household_id_visited_on", "household_id", "visited_on"),
        Index("ix_visits_visited_on_is_counting", "visited_on", "is_counting"),
        Index(
            "ix_visits_unrolled",
            "household_id",
            postgresql_where=text("is_rolled != is_counting"),
            sqlite_where=text("is_rolled != is_counting"),
        ),
    )

    id: Mapped[str] = mapped_column(Id(), primary_key=True)
    household_id: Mapped[str] = mapped_column(ForeignKey("households.id"))
    team_id: Mapped[str] = mapped_column(ForeignKey("teams.id"))
    author_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    visited_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    clock_offset_ms: Mapped[int | None] = mapped_column(BigInteger)
    outcome: Mapped[Outcome] = mapped_column(words(Outcome))
    fibre: Mapped[Fibre | None] = mapped_column(words(Fibre))
    other_smart_device: Mapped[bool | None]
    note: Mapped[str | None] = mapped_column(Encrypted("visits.note"))
    next_visit_on: Mapped[date | None]
    corrects_id: Mapped[str | None] = mapped_column(ForeignKey("visits.id"))
    family_id: Mapped[str] = mapped_column(Id(), index=True)
    is_counting: Mapped[bool]
    is_rolled: Mapped[bool] = mapped_column(server_default=false())
    """Whether the rollups count it; where that differs from `is_counting`, readers make up for it."""
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    withdrawn_by_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    withdrawal_reason: Mapped[str | None] = mapped_column(Encrypted("visits.withdrawal_reason"))
    status: Mapped[VisitStatus] = mapped_column(words(VisitStatus), default=VisitStatus.SUBMITTED)
    status_reason: Mapped[str | None] = mapped_column(Encrypted("visits.status_reason"))

    @property
    def is_standing(self) -> bool:
        """Say whether the visit is neither withdrawn nor returned."""
        return self.withdrawn_at is None and self.status is not VisitStatus.RETURNED


class Observation(Model):
    """What an interviewed visit saw of one member. `skills` is a bit mask (`rules/skills.py`), null: not assessed."""

    __tablename__ = "observations"

    visit_id: Mapped[str] = mapped_column(ForeignKey("visits.id"), primary_key=True)
    member_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger)
    sex: Mapped[Sex] = mapped_column(words(Sex))
    birth_year: Mapped[int | None] = mapped_column(SmallInteger)
    birth_year_to: Mapped[int | None] = mapped_column(SmallInteger)
    phone: Mapped[Phone] = mapped_column(words(Phone))
    account: Mapped[Account] = mapped_column(words(Account))
    skills: Mapped[int | None]


class VisitTopic(Model):
    """A topic covered on a visit and how many people were helped with it."""

    __tablename__ = "visit_topics"

    visit_id: Mapped[str] = mapped_column(ForeignKey("visits.id"), primary_key=True)
    topic: Mapped[Topic] = mapped_column(words(Topic), primary_key=True)
    people: Mapped[int]
