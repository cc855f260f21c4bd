"""Sessions and failed attempts, as rows; to sign in, use the `signed_in` fixture."""

from datetime import datetime, timedelta
from hashlib import sha256

from app.core.clock import now
from app.models.sessions import Session, SignInAttempt, SignInCard
from app.models.users import User
from app.queries.sessions import card_hash
from tests.factories.rows import MORNING, number, save


def session(user: User, *, device_id: str | None = None, token: str | None = None) -> Session:
    """A session of `user` that lasts a month."""
    return save(
        Session(
            id=sha256((token or f"token-{number()}").encode()).hexdigest(),
            user_id=user.id,
            device_id=device_id,
            created_at=MORNING,
            expires_at=MORNING + timedelta(days=30),
        )
    )


def sign_in_card(user: User, *, code: str, expires_at: datetime | None = None) -> SignInCard:
    """A card that signs `user` in with `code`; good for another fourteen days."""
    card = SignInCard(
        id=card_hash(code),
        user_id=user.id,
        made_by_id=user.id,
        expires_at=expires_at or now() + SignInCard.LIFETIME,
    )
    return save(card)


def sign_in_attempt(key: str, *, at: datetime = MORNING) -> SignInAttempt:
    """A failed attempt under a keyed hash."""
    return save(SignInAttempt(key=key, at=at))
