"""What happened in a period: visits, homes reached, people helped, from all counting visits dated within it."""

from collections.abc import Collection, Iterator

from sqlalchemy import case, distinct, func, select

from app.core.database import db
from app.models.visits import Visit, VisitTopic
from app.queries.coverage import counting
from app.queries.indicators.tallies import Part, Tally
from app.rules.periods import Period
from app.rules.vocabulary import Outcome


def of_visits(hamlets: Collection[str], period: Period, indicators: Collection[str]) -> Iterator[Part]:
    """Return `visits` and `households_reached`, by the hamlet each home lived in at the cut-off."""
    wanted = [code for code in ("visits", "households_reached") if code in indicators]
    if not wanted:
        return
    homes = counting.homes(hamlets, period.cut_off)
    reached = distinct(case((Visit.outcome == Outcome.INTERVIEWED, Visit.household_id)))
    counts = {"visits": func.count(), "households_reached": func.count(reached)}
    query = (
        select(homes.c.hamlet_id, *(counts[code] for code in wanted))
        .join(Visit, Visit.household_id == homes.c.household_id)
        .where(Visit.is_counting, Visit.visited_on.between(period.first, period.last))
        .group_by(homes.c.hamlet_id)
    )
    for hamlet_id, *found in db.session.execute(query):
        for code, count in zip(wanted, found, strict=True):
            yield Part(hamlet_id, code, Tally(int(count)))


def of_topics(
    hamlets: Collection[str], period: Period, indicators: Collection[str], by: Collection[str] = ()
) -> Iterator[Part]:
    """Return `people_helped`, by the hamlet each home lived in at the cut-off and, where `by` says, by topic."""
    if "people_helped" not in indicators:
        return
    homes = counting.homes(hamlets, period.cut_off)
    query = (
        select(homes.c.hamlet_id, VisitTopic.topic, func.sum(VisitTopic.people))
        .join(Visit, Visit.household_id == homes.c.household_id)
        .join(VisitTopic, VisitTopic.visit_id == Visit.id)
        .where(Visit.is_counting, Visit.visited_on.between(period.first, period.last))
        .group_by(homes.c.hamlet_id, VisitTopic.topic)
    )
    for hamlet_id, topic, people in db.session.execute(query):
        yield Part(hamlet_id, "people_helped", Tally(int(people)), topic=topic if "topic" in by else None)
