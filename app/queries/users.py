"""Looks at users."""

from collections.abc import Collection

from sqlalchemy import select

from app.core import errors
from app.core.clock import today
from app.core.database import db
from app.models.teams import Membership, Team
from app.models.users import User
from app.queries import scope
from app.rules import naming
from app.rules.permissions import Actor


def by_username(username: str) -> User | None:
    """Return the active user of that name, however it is capitalised, or None."""
    name = naming.normalise(username).casefold()
    return db.session.scalars(select(User).where(User.username == name, User.is_active)).one_or_none()


def volunteers(actor: Actor) -> list[tuple[User, str]]:
    """Return the active volunteers and leaders of an official's commune with a team of theirs, by given name."""
    hamlets = scope.home_hamlets(actor)
    on = today()
    query = (
        select(User, Team.name)
        .join(Membership, Membership.user_id == User.id)
        .join(Team, Team.id == Membership.team_id)
        .where(
            Team.unit_id.in_([*hamlets, *([actor.unit_id] if actor.unit_id else [])]),
            Membership.joined_on <= on,
            (Membership.left_on.is_(None)) | (Membership.left_on >= on),
            User.is_active,
            User.role.in_(scope.TEAM_ROLES),
        )
        .order_by(User.sort_key, User.id, Team.sort_key)
    )
    found: dict[str, tuple[User, str]] = {}
    for user, team in db.session.execute(query):
        found.setdefault(user.id, (user, team))
    return list(found.values())


def volunteer_or_404(actor: Actor, user_id: str) -> tuple[User, str]:
    """Return one of an official's volunteers and a team of theirs; NotFound outside the commune."""
    found = next((each for each in volunteers(actor) if each[0].id == user_id), None)
    if found is None:
        raise errors.NotFound
    return found


def names(ids: Collection[str]) -> dict[str, str]:
    """Return the names of users by id."""
    return dict(db.session.execute(select(User.id, User.name).where(User.id.in_(ids))).all())
