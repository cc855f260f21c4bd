"""The log of what phones sent, as they sent it, with what became of each: store and quarantine in one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import Encrypted
from app.core.database import Id, Model, UTCDateTime, words
from app.rules.vocabulary import OperationOutcome, Settlement


class Operation(Model):
    """One operation. Repeating it is harmless, because `op_id` is the key, whatever the race.

    `body` is the operation as sent; `hash` its content hash (sync.md); `waits_for` the id of the household
    or visit that a deferred one depends on; `unit_id` and `team_id` tell whose quarantine it lies in.
    An operation in quarantine is closed by its `settlement`.
    """

    __tablename__ = "operations"
    __table_args__ = (
        Index("ix_operations_author_device_receipt", "author_id", "device_id", "receipt_seq"),
        Index("ix_operations_outcome_team_id", "outcome", "team_id"),
    )

    op_id: Mapped[str] = mapped_column(Id(), primary_key=True)
    author_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    device_id: Mapped[str] = mapped_column(String(64))
    device_seq: Mapped[int | None] = mapped_column(BigInteger)
    type: Mapped[str | None] = mapped_column(String(40))
    schema: Mapped[int]
    recorded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    body: Mapped[str] = mapped_column(Encrypted("operations.body"))
    hash: Mapped[str] = mapped_column(String(64))
    receipt_seq: Mapped[int] = mapped_column(BigInteger)
    outcome: Mapped[OperationOutcome] = mapped_column(words(OperationOutcome))
    code: Mapped[str | None] = mapped_column(String(60))
    fields: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    clock_offset_ms: Mapped[int | None] = mapped_column(BigInteger)
    waits_for: Mapped[str | None] = mapped_column(Id(), index=True)
    household_id: Mapped[str | None] = mapped_column(Id(), index=True)
    team_id: Mapped[str | None] = mapped_column(ForeignKey("teams.id"))
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("units.id"))
    replaces: Mapped[str | None] = mapped_column(Id())
    settlement: Mapped[Settlement | None] = mapped_column(words(Settlement))
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    settled_by_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    settlement_reason: Mapped[str | None] = mapped_column(Encrypted("operations.settlement_reason"))


@dataclass
class Draft:
    """A new operation until it is written: what judging sets of `Operation`, without the weight of the session.

    `vars(draft)` is its row.
    """

    op_id: str
    author_id: str
    device_id: str
    device_seq: int | None
    type: str | None
    schema: int
    recorded_at: datetime | None
    received_at: datetime
    body: str
    hash: str
    receipt_seq: int
    outcome: OperationOutcome
    code: str | None
    clock_offset_ms: int | None
    household_id: str | None
    replaces: str | None
    fields: dict[str, Any] | None = None
    waits_for: str | None = None
    team_id: str | None = None
    unit_id: str | None = None


class FieldConflict(Model):
    """A field of a home that was changed on the server and on a phone: both values, until an official settles it."""

    __tablename__ = "field_conflicts"
    __table_args__ = (UniqueConstraint("op_id", "field"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    op_id: Mapped[str] = mapped_column(ForeignKey("operations.op_id"))
    household_id: Mapped[str] = mapped_column(ForeignKey("households.id"), index=True)
    field: Mapped[str] = mapped_column(String(20))
    kept: Mapped[str | None] = mapped_column(Encrypted("field_conflicts.kept"))
    offered: Mapped[str | None] = mapped_column(Encrypted("field_conflicts.offered"))
    noticed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    settled_by_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    took_offered: Mapped[bool | None]
