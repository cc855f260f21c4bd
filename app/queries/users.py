"""Looks at users."""

from collections.abc import Collection

from sqlalchemy import select

from app.core.database import db
from app.models.users import User
from app.rules import naming


def by_username(username: str) -> User | None:
    """Return the active user of that name, however it is capitalised, or None."""
    name = naming.normalise(username).casefold()
    return db.session.scalars(select(User).where(User.username == name, User.is_active)).one_or_none()


def names(ids: Collection[str]) -> dict[str, str]:
    """Return the names of users by id."""
    return dict(db.session.execute(select(User.id, User.name).where(User.id.in_(ids))).all())
