"""Looks at teams."""

import uuid
from collections.abc import Collection

from sqlalchemy import bindparam, select

from app.core import errors
from app.core.clock import today
from app.core.database import db
from app.models.teams import Membership, Team
from app.models.users import User


class UnknownTeam(errors.Invalid):
    """No team has that id."""

    code = "teams.unknown"
    message = errors.message("No such team.")


def by_option(team_id: str) -> Team:
    """Return the team an operator means; UnknownTeam otherwise."""
    try:
        team = db.session.get(Team, str(uuid.UUID(team_id)))
    except ValueError:
        team = None
    if team is None:
        raise UnknownTeam
    return team


def colleagues(team_id: str) -> list[User]:
    """Return the active users who belong to a team today, by given name."""
    return list(db.session.scalars(_COLLEAGUES, {"team_id": team_id, "on": today()}))


_COLLEAGUES = (
    select(User)
    .join(Membership, Membership.user_id == User.id)
    .where(
        Membership.team_id == bindparam("team_id"),
        Membership.joined_on <= bindparam("on"),
        (Membership.left_on.is_(None)) | (Membership.left_on >= bindparam("on")),
        User.is_active,
    )
    .order_by(User.sort_key, User.id)
)


def names(ids: Collection[str]) -> dict[str, str]:
    """Return the names of teams by id."""
    return dict(db.session.execute(select(Team.id, Team.name).where(Team.id.in_(ids))).all())


def names_by_member(user_ids: Collection[str]) -> dict[str, list[str]]:
    """Return the names of the teams that users belong to today, by user id."""
    on = today()
    query = (
        select(Membership.user_id, Team.name)
        .join(Team, Team.id == Membership.team_id)
        .where(
            Membership.user_id.in_(user_ids),
            Membership.joined_on <= on,
            (Membership.left_on.is_(None)) | (Membership.left_on >= on),
        )
        .order_by(Team.sort_key, Team.id)
    )
    found: dict[str, list[str]] = {}
    for user_id, name in db.session.execute(query):
        found.setdefault(user_id, []).append(name)
    return found
