"""The log of what phones sent, as they sent it, with what became of each: store and quarantine in one."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import Encrypted
from app.core.database import Model, UTCDateTime, words
from app.rules.vocabulary import OperationOutcome


class Operation(Model):
    """One operation. Repeating it is harmless, because `op_id` is the key, whatever the race.

    `body` is the operation as sent; `hash` its content hash (sync.md); `waits_for` the id of the household
    or visit that a deferred one depends on; `unit_id` and `team_id` tell whose quarantine it lies in.
    """

    __tablename__ = "operations"
    __table_args__ = (
        Index("ix_operations_author_device_receipt", "author_id", "device_id", "receipt_seq"),
        Index("ix_operations_outcome_team_id", "outcome", "team_id"),
    )

    op_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    author_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    device_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
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
    waits_for: Mapped[str | None] = mapped_column(Uuid(as_uuid=False), index=True)
    team_id: Mapped[str | None] = mapped_column(ForeignKey("teams.id"))
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("units.id"))
    closed_by: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
