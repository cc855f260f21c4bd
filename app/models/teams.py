"""Community digital-technology teams and who belongs to them."""

from datetime import date

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Id, Model, words
from app.rules.vocabulary import TeamKind


class Team(Model):
    """A team, founded by a decision, perhaps dissolved. `feed_head` is the last sequence of its feed."""

    __tablename__ = "teams"

    id: Mapped[str] = mapped_column(Id(), primary_key=True)
    kind: Mapped[TeamKind] = mapped_column(words(TeamKind))
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"), index=True)
    name: Mapped[str] = mapped_column(String(160))
    sort_key: Mapped[str] = mapped_column(String(200))
    decision: Mapped[str] = mapped_column(String(80))
    founded_on: Mapped[date]
    dissolved_on: Mapped[date | None]
    feed_head: Mapped[int] = mapped_column(BigInteger, default=0)
    area_digest: Mapped[str | None] = mapped_column(String(64))
    """Of the area that the feed was last brought in line with; borders change by date, without any write."""


class Membership(Model):
    """A user in a team, from one civil date to another; both inclusive, open where null."""

    __tablename__ = "memberships"

    team_id: Mapped[str] = mapped_column(ForeignKey("teams.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    joined_on: Mapped[date]
    left_on: Mapped[date | None]
