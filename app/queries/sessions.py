"""Looks at sessions and at failed attempts to sign in."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select

from app.core.clock import now
from app.core.database import db
from app.core.statements import Prepared
from app.models.sessions import Session, SignInAttempt, SignInCard
from app.models.users import User
from app.rules.vocabulary import Role


def token_hash(token: str) -> str:
    """Return what the database keeps of a session's token."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class SessionOwner:
    """Who is signed in, and on which phone if any."""

    user_id: str
    username: str
    name: str
    role: Role
    unit_id: str | None
    device_id: str | None


_SIGNED_IN = Prepared(
    select(User.id, User.username, User.name, User.role, User.unit_id, Session.device_id)
    .join(Session, Session.user_id == User.id)
    .where(Session.id == bindparam("id"), Session.expires_at > bindparam("now"), User.is_active)
)


def signed_in(token: str) -> SessionOwner | None:
    """Return the active user of a token's unexpired session, or None."""
    rows = _SIGNED_IN.rows(id=token_hash(token), now=now())
    return SessionOwner(*rows[0]) if rows else None


CARD_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Of a card's code: none that is easily taken for another."""

CARD_LENGTH = 12


def card_hash(code: str) -> str:
    """Return what a card's code is kept as; how it was typed, with spaces, dashes or small letters, is no matter."""
    bare = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(f"card:{bare}".encode()).hexdigest()


def card(code: str) -> tuple[SignInCard, User] | None:
    """Return the unexpired card with this code and whose it is, if they may still sign in."""
    query = (
        select(SignInCard, User)
        .join(User, User.id == SignInCard.user_id)
        .where(SignInCard.id == card_hash(code), SignInCard.expires_at > now(), User.is_active)
    )
    found = db.session.execute(query).one_or_none()
    return (found[0], found[1]) if found else None


def failures_since(key: str, since: datetime) -> tuple[int, datetime | None]:
    """Return how many attempts under `key` failed since an instant, and when the first of them did."""
    count, first = db.session.execute(
        select(func.count(), func.min(SignInAttempt.at)).where(
            SignInAttempt.key == key, SignInAttempt.at > since
        )
    ).one()
    return count, first
