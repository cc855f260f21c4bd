"""Visits with what they saw."""

from datetime import UTC, date, datetime, time

from app.core.ids import new_id
from app.models.households import Household
from app.models.teams import Team
from app.models.users import User
from app.models.visits import Observation, Visit, VisitTopic
from app.rules.vocabulary import Account, Fibre, Outcome, Phone, Sex, Topic, VisitStatus
from tests.factories.households import household as make_household
from tests.factories.rows import MORNING, number, save


def visit(
    *,
    household: Household | None = None,
    team: Team | None = None,
    author: User | None = None,
    visited_on: date = date(2025, 6, 12),
    recorded_at: datetime | None = None,
    outcome: Outcome = Outcome.INTERVIEWED,
    corrects: Visit | None = None,
    status: VisitStatus = VisitStatus.SUBMITTED,
    withdrawn_at: datetime | None = None,
    is_counting: bool = True,
    **details: object,
) -> Visit:
    """A visit of its own family or, with `corrects`, of that one's; `is_counting` is taken as told."""
    household = household or make_household()
    visit_id = new_id()
    recorded_at = recorded_at or datetime.combine(visited_on, time(1), UTC)
    if outcome is Outcome.INTERVIEWED:
        details.setdefault("fibre", Fibre.SUBSCRIBED)
    return save(
        Visit(
            id=visit_id,
            household_id=household.id,
            team_id=team.id if team else household.team_id,
            author_id=author.id if author else household.author_id,
            visited_on=visited_on,
            recorded_at=recorded_at,
            received_at=max(recorded_at, MORNING),
            outcome=outcome,
            corrects_id=corrects and corrects.id,
            family_id=corrects.family_id if corrects else visit_id,
            status=status,
            withdrawn_at=withdrawn_at,
            is_counting=is_counting,
            **details,
        )
    )


def observation(
    visit: Visit,
    *,
    member_id: str | None = None,
    sex: Sex = Sex.FEMALE,
    birth_year: int | None = 1980,
    birth_year_to: int | None = None,
    phone: Phone = Phone.SMARTPHONE,
    account: Account = Account.YES,
    skills: int | None = None,
) -> Observation:
    """What `visit` saw of one member."""
    place = number()
    return save(
        Observation(
            visit_id=visit.id,
            member_id=member_id or f"m{place}",
            position=place % 30_000,
            sex=sex,
            birth_year=birth_year,
            birth_year_to=birth_year_to,
            phone=phone,
            account=account,
            skills=skills,
        )
    )


def visit_topic(visit: Visit, topic: Topic = Topic.PUBLIC_SERVICES, *, people: int = 1) -> VisitTopic:
    """A topic that `visit` covered."""
    return save(VisitTopic(visit_id=visit.id, topic=topic, people=people))
