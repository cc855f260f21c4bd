"""Teams and who belongs to them."""

from datetime import date

from app.core.ids import new_id
from app.models.teams import Membership, Team
from app.models.units import Unit
from app.models.users import User
from app.rules.naming import place_key
from app.rules.vocabulary import TeamKind
from tests.factories.rows import number, save
from tests.factories.units import hamlet

FOUNDED = date(2022, 6, 1)


def team(
    unit: Unit | None = None,
    *,
    kind: TeamKind = TeamKind.HAMLET,
    name: str | None = None,
    founded_on: date = FOUNDED,
    dissolved_on: date | None = None,
) -> Team:
    """A team; without a unit, of a hamlet of its own."""
    name = name or f"Tổ {number()}"
    return save(
        Team(
            id=new_id(),
            kind=kind,
            unit_id=(unit or hamlet()).id,
            name=name,
            sort_key=place_key(name),
            decision=f"{number()}/QĐ-UBND",
            founded_on=founded_on,
            dissolved_on=dissolved_on,
        )
    )


def membership(
    user: User, team: Team, *, joined_on: date = FOUNDED, left_on: date | None = None
) -> Membership:
    """`user` belongs to `team`."""
    return save(Membership(team_id=team.id, user_id=user.id, joined_on=joined_on, left_on=left_on))
