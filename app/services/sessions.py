"""Signing in and out."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete

from app.core import errors
from app.core.clock import now
from app.core.crypto import keyring
from app.core.database import db
from app.models.sessions import Session, SignInAttempt, SignInCard
from app.models.sync import Device
from app.models.users import User
from app.queries import sessions, users
from app.rules import naming
from app.rules.permissions import Actor
from app.services import audit
from app.services.users import HASHER, LONGEST_PASSWORD, password_bytes

WINDOW = timedelta(minutes=15)
FAILURES_PER_NAME = 8
FAILURES_PER_ADDRESS = 60
"""A whole commune may sit behind one address, so this is generous."""

_NOBODY = HASHER.hash(b"nobody")
"""Verified where there is no such user, so that the answer takes as long."""


class Refused(errors.Unauthenticated):
    """User name and password do not go together. The failed attempt is kept."""

    code = "session.refused"
    message = errors.message("User name or password is wrong.")
    keeps_changes = True


class CardRefused(errors.Unauthenticated):
    """No card has this code, or it was used or has expired. The failed attempt is kept."""

    code = "session.card_refused"
    message = errors.message(
        "This code is wrong, used already or too old. Ask the commune's official for a new card."
    )
    keeps_changes = True


class TooManyAttempts(errors.TooMany):
    """Too many failures for this name or from this address."""

    code = "session.too_many"
    message = errors.message("Too many attempts to sign in. Please wait a little.")


@dataclass(frozen=True, slots=True)
class DeviceClaim:
    """The phone someone signs in on: its own id (a UUID made on it) and a name for people."""

    id: str
    name: str


def open(  # noqa: A001 (the verb of the permission: sessions.open)
    username: str, password: str, *, address: str, device: DeviceClaim | None
) -> tuple[str, User]:
    """Sign someone in; return the session's token and the user. Raises Refused or TooManyAttempts."""
    keys = [(_key("name", naming.normalise(username).casefold()), FAILURES_PER_NAME)]
    keys.append((_key("address", address), FAILURES_PER_ADDRESS))
    _throttle(keys)
    user = users.by_username(username)
    stored = user.password_hash if user is not None and user.password_hash else _NOBODY
    if not _fits(stored, password) or user is None or stored == _NOBODY:
        for key, _ in keys:
            db.session.add(SignInAttempt(key=key, at=now()))
        raise Refused
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.key == keys[0][0]))
    return _opened(user, device)


def open_with_card(code: str, *, address: str, device: DeviceClaim) -> tuple[str, User]:
    """Sign in whom a card was printed for, and use the card up. Raises CardRefused or TooManyAttempts."""
    key = _key("address", address)
    _throttle([(key, FAILURES_PER_ADDRESS)])
    found = sessions.card(code)
    card_id = found[0].id if found else ""
    used = db.session.scalars(
        delete(SignInCard).where(SignInCard.id == card_id).returning(SignInCard.id)
    ).all()
    if found is None or not used:
        db.session.add(SignInAttempt(key=key, at=now()))
        raise CardRefused
    return _opened(found[1], device)


def issue_card(actor: Actor, user: User) -> str:
    """Make a card for someone of the actor's commune and return its code; an earlier card opens nothing any more."""
    code = "".join(secrets.choice(sessions.CARD_LETTERS) for _ in range(sessions.CARD_LENGTH))
    db.session.execute(delete(SignInCard).where(SignInCard.user_id == user.id))
    db.session.add(
        SignInCard(
            id=sessions.card_hash(code),
            user_id=user.id,
            made_by_id=actor.id,
            expires_at=now() + SignInCard.LIFETIME,
        )
    )
    audit.note(actor, "sessions.issue_card", user.id)
    return code


def _opened(user: User, device: DeviceClaim | None) -> tuple[str, User]:
    token = secrets.token_urlsafe(32)
    session = Session(
        id=sessions.token_hash(token),
        user_id=user.id,
        device_id=device.id if device else None,
        created_at=now(),
        expires_at=now() + Session.LIFETIME,
    )
    db.session.add(session)
    if device is not None:
        _enrol(user, device)
    actor = Actor(id=user.id, role=user.role, unit_id=user.unit_id, device_id=session.device_id)
    audit.note(actor, "sessions.open", user.id, {"device": session.device_id})
    return token, user


def close(actor: Actor, token: str) -> None:
    """Sign out: the session's token opens nothing any more."""
    db.session.execute(delete(Session).where(Session.id == sessions.token_hash(token)))
    audit.note(actor, "sessions.close", actor.id)


def _key(kind: str, value: str) -> str:
    return keyring().sign("throttle", f"{kind}:{value}")


def _throttle(keys: list[tuple[str, int]]) -> None:
    since = now() - WINDOW
    for key, allowed in keys:
        count, first = sessions.failures_since(key, since)
        if count >= allowed and first is not None:
            wait = first + WINDOW - now()
            raise TooManyAttempts(retry_after=max(1, int(wait.total_seconds())))


def _fits(stored: str, password: str) -> bool:
    if len(password) > LONGEST_PASSWORD:
        return False
    try:
        return HASHER.verify(stored, password_bytes(password))
    except (VerificationError, InvalidHashError):
        return False


def _enrol(user: User, claim: DeviceClaim) -> None:
    device = db.session.get(Device, (claim.id, user.id))
    if device is None:
        device = Device(
            id=claim.id,
            user_id=user.id,
            name=naming.normalise(claim.name),
            secret=secrets.token_urlsafe(32),
            receipt_head=0,
            created_at=now(),
            seen_at=now(),
        )
        db.session.add(device)
    device.seen_at = now()
