"""Accounts that can sign in with `PASSWORD`."""

from argon2 import PasswordHasher

from app.core.ids import new_id
from app.models.teams import Team
from app.models.units import Unit
from app.models.users import User
from app.rules.naming import sort_key
from app.rules.vocabulary import Role
from tests.factories.rows import MORNING, number, save
from tests.factories.teams import membership

PASSWORD = "a-long-test-password"
# Hashed once and cheaply: what is tested is that it is checked, not how long that takes.
_HASH = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)


def user(
    role: Role = Role.VOLUNTEER,
    *,
    username: str | None = None,
    name: str | None = None,
    unit: Unit | None = None,
    team: Team | None = None,
) -> User:
    """An account; with a team, a member of it."""
    name = name or f"Người thử {number()}"
    made = save(
        User(
            id=new_id(),
            username=username or f"user-{number()}",
            name=name,
            sort_key=sort_key(name),
            role=role,
            unit_id=unit and unit.id,
            password_hash=_HASH,
            created_at=MORNING,
        )
    )
    if team is not None:
        membership(made, team)
    return made
