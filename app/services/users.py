"""Accounts of people who sign in."""

import unicodedata

from argon2 import PasswordHasher
from sqlalchemy import select

from app.core import errors
from app.core.clock import now, today
from app.core.database import db
from app.core.ids import new_id
from app.models.teams import Membership, Team
from app.models.units import Unit
from app.models.users import User
from app.rules import naming
from app.rules.permissions import Actor
from app.rules.vocabulary import Role, UnitKind
from app.services import audit

HASHER = PasswordHasher()
"""Argon2id with the library's parameters, which follow RFC 9106's low-memory profile."""

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 200
LONGEST_NAME = 120


class UsernameTaken(errors.Conflict):
    """Another account has that user name."""

    code = "users.taken"
    message = errors.message("Another account already has this user name.")


class BadAccount(errors.Invalid):
    """The role does not go with the unit or team given, or the password is too short or too long."""

    code = "users.invalid"


def password_bytes(password: str) -> bytes:
    """Return a password as it is hashed: NFKC, so that every keyboard's "é" is the same."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def add(
    actor: Actor,
    username: str,
    *,
    role: Role,
    name: str,
    password: str | None,
    unit: Unit | None = None,
    team: Team | None = None,
) -> User:
    """Open an account. Officials and province staff need a unit, volunteers and leaders a team.

    Without a password nobody can sign in to it. Raises UsernameTaken or BadAccount.
    """
    username = naming.normalise(username).casefold()
    if not username or len(username) > 64 or any(letter.isspace() for letter in username):
        raise BadAccount(fields={"username": [errors.message("Write 1 to 64 characters without spaces.")]})
    if password is not None and not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise BadAccount(fields={"password": [errors.message("Use 8 to 200 characters.")]})
    name = naming.normalise(name)
    if not 1 <= len(name) <= LONGEST_NAME:
        raise BadAccount(fields={"name": [errors.message("This text is too long or too short.")]})
    _check_scope(role, unit, team)
    if db.session.scalars(select(User.id).where(User.username == username)).first() is not None:
        raise UsernameTaken
    user = User(
        id=new_id(),
        username=username,
        name=name,
        sort_key=naming.sort_key(name),
        role=role,
        unit_id=unit.id if unit else None,
        password_hash=HASHER.hash(password_bytes(password)) if password else None,
        is_active=True,
        created_at=now(),
    )
    db.session.add(user)
    db.session.flush()
    if team is not None:
        db.session.add(Membership(team_id=team.id, user_id=user.id, joined_on=today(), left_on=None))
    audit.note(
        actor, "users.add", user.id, {"role": role, "unit": user.unit_id, "team": team.id if team else None}
    )
    return user


def _check_scope(role: Role, unit: Unit | None, team: Team | None) -> None:
    needs_team = role in (Role.VOLUNTEER, Role.LEADER)
    if needs_team != (team is not None):
        text = errors.message("Volunteers and leaders belong to a team, others to none.")
        raise BadAccount(fields={"team": [text]})
    kinds = {
        Role.OFFICIAL: (UnitKind.COMMUNE,),
        Role.PROVINCE: (UnitKind.PROVINCE, UnitKind.DISTRICT),
    }.get(role, ())
    if kinds and (unit is None or unit.kind not in kinds):
        text = errors.message("An official needs a commune, province staff a province or district.")
        raise BadAccount(fields={"unit": [text]})
