"""Looks at sessions and at failed attempts to sign in."""

import hashlib
from datetime import datetime

from sqlalchemy import func, select

from app.core.clock import now
from app.core.database import db
from app.models.sessions import Session, SignInAttempt
from app.models.users import User


def token_hash(token: str) -> str:
    """Return what the database keeps of a session's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def signed_in(token: str) -> tuple[Session, User] | None:
    """Return the unexpired session of a token with its active user, or None."""
    row = db.session.execute(
        select(Session, User)
        .join(User, User.id == Session.user_id)
        .where(Session.id == token_hash(token), Session.expires_at > now(), User.is_active)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def failures_since(key: str, since: datetime) -> tuple[int, datetime | None]:
    """Return how many attempts under `key` failed since an instant, and when the first of them did."""
    count, first = db.session.execute(
        select(func.count(), func.min(SignInAttempt.at)).where(
            SignInAttempt.key == key, SignInAttempt.at > since
        )
    ).one()
    return count, first
