"""What the phones' sync rests on: devices with their receipt counts, the feed of each team, epochs."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import Encrypted
from app.core.database import Id, Model, UTCDateTime


class Device(Model):
    """A phone as one user signed in on it. `receipt_head` counts the receipts given to the two together."""

    __tablename__ = "devices"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    secret: Mapped[str] = mapped_column(Encrypted("devices.secret"))
    receipt_head: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)


class FeedEntry(Model):
    """The latest change of one household as one team must hear of it; one row however long the history."""

    __tablename__ = "feed_entries"
    __table_args__ = (Index("ix_feed_entries_team_id_seq", "team_id", "seq", unique=True),)

    team_id: Mapped[str] = mapped_column(ForeignKey("teams.id"), primary_key=True)
    household_id: Mapped[str] = mapped_column(ForeignKey("households.id"), primary_key=True, index=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    is_evicted: Mapped[bool] = mapped_column(default=False)


class Epoch(Model):
    """One life of this database; restoring a backup begins another. The last row is the present one."""

    __tablename__ = "epochs"

    number: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(Id(), unique=True)
    began_at: Mapped[datetime] = mapped_column(UTCDateTime)
