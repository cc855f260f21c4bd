"""Signed-in sessions, and the attempts that the throttle counts."""

from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model, UTCDateTime


class Session(Model):
    """One sign-in. `id` is the SHA-256 of the token in the cookie, so the table alone opens nothing."""

    __tablename__ = "sessions"

    LIFETIME: ClassVar[timedelta] = timedelta(days=60)
    """Long, because a phone may be out of coverage for weeks; recording never waits for a session anyway."""

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    device_id: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)


class SignInAttempt(Model):
    """One failed attempt to sign in; `key` is a keyed hash of a user name or of an address."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index("ix_sign_in_attempts_key_at", "key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class SignInCard(Model):
    """A printed card that signs one person in on one phone, once. `id` is the SHA-256 of its code."""

    __tablename__ = "sign_in_cards"

    LIFETIME: ClassVar[timedelta] = timedelta(days=14)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), unique=True)
    made_by_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
