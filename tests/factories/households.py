"""Homes, where they lived, and their members."""

from datetime import date

from app.core.ids import new_id
from app.models.households import ALWAYS, Household, Member, Residence
from app.models.teams import Team
from app.models.units import Unit
from app.models.users import User
from app.rules.vocabulary import ConsentAnswer
from tests.factories.rows import MORNING, number, save
from tests.factories.teams import team as make_team
from tests.factories.units import hamlet
from tests.factories.users import user

FIELDS = ("unit_id", "code", "address", "head_name", "phone", "consent")


def household(
    *,
    unit: Unit | None = None,
    team: Team | None = None,
    author: User | None = None,
    consent: ConsentAnswer = ConsentAnswer.YES,
    registered_on: date = date(2025, 6, 12),
    **details: str | None,
) -> Household:
    """A home that has always been in `unit`; with consent it has made-up personal fields."""
    unit = unit or hamlet()
    team = team or make_team(unit)
    author = author or user(team=team)
    personal: dict[str, str | None] = {"address": None, "head_name": None, "phone": None}
    if consent is ConsentAnswer.YES:
        personal = {"address": "1 đường Thử", "head_name": f"Chủ hộ thử {number()}", "phone": "0000000000"}
    made = save(
        Household(
            id=new_id(),
            team_id=team.id,
            author_id=author.id,
            unit_id=unit.id,
            consent_answer=consent,
            consent_text_version="1",
            consent_at=MORNING,
            consent_collector_id=author.id,
            registered_at=MORNING,
            registered_on=registered_on,
            revisions=dict.fromkeys(FIELDS, 1),
            **({"code": f"H{number()}"} | personal | details),
        )
    )
    residence(made, unit)
    return made


def residence(household: Household, unit: Unit, *, from_on: date = ALWAYS) -> Residence:
    """`household` lived in `unit` from a day on."""
    return save(Residence(household_id=household.id, unit_id=unit.id, from_on=from_on))


def member(household: Household, *, id: str | None = None, label: str | None = None) -> Member:  # noqa: A002
    """A person of `household`."""
    return save(Member(household_id=household.id, id=id or f"m{number()}", label=label))
