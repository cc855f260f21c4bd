"""The cells that all figures are summed from (`rules/cells.py`): at a cut-off, and of a period.

    stock = rollups.stock(hamlets, cut_off)     # cells of sex and birth year, homes, counts behind coverage
    flow = rollups.flow(hamlets, period)        # visits, homes reached, people helped by topic
    stock.pack(), flow.pack()                   # the same as bytes by hamlet, for keeping; `unpack` reads them

Both know every hamlet asked for, also where nothing was counted, and are exact at any moment. `hamlets` are ids;
borders play no part here.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import case, func, select

from app.core.database import db
from app.models.visits import Observation
from app.queries.coverage import by_hamlet
from app.queries.coverage.counting import stock as stock_visits
from app.queries.indicators import flow as flows
from app.queries.indicators import stock as states
from app.rules.cells import Flow, Stock, person_key
from app.rules.periods import Period
from app.rules.vocabulary import Phone, SkillRule

__all__ = ["flow", "stock"]

_OF_HOMES = {
    "fibre_subscribed": ("fibre_subscribed", "fibre_known"),
    "fibre_covered": ("fibre_covered", "fibre_known"),
    "smart_device": ("device", "device_known"),
}


def stock(hamlets: Collection[str], cut_off: date) -> Stock:
    """Return the cells of `hamlets` at a cut-off."""
    homes: dict[str, dict[str, int]] = defaultdict(dict)
    for hamlet_id, count in by_hamlet(hamlets, cut_off).items():
        homes[hamlet_id] = {
            "registered": count.registered,
            "visited": count.visited,
            "interviewed": count.interviewed,
            "stale": count.stale,
            "last_visit_on": count.last_visit_on.toordinal() if count.last_visit_on else 0,
        }
    for part in states.of_homes(hamlets, cut_off, list(_OF_HOMES)):
        yes, known = _OF_HOMES[part.indicator]
        homes[part.hamlet_id][yes] = part.tally.numerator
        homes[part.hamlet_id][known] = part.tally.denominator
        homes[part.hamlet_id]["homes"] = part.tally.denominator + part.tally.unknown
    return Stock.of(hamlets, homes, _people(hamlets, cut_off))


def _people(hamlets: Collection[str], cut_off: date) -> dict[tuple[str, int], list[int]]:
    found = stock_visits(hamlets, cut_off)
    last = func.coalesce(Observation.birth_year_to, Observation.birth_year)
    born: Any = (Observation.birth_year + last) // 2
    conditions = [Observation.phone != Phone.UNKNOWN, Observation.phone == Phone.SMARTPHONE]
    conditions += list(reversed(states.account()))
    conditions += [Observation.skills.is_not(None), *(states.is_basic(rule) for rule in SkillRule)]
    counts = [func.sum(case((condition, 1), else_=0)) for condition in conditions]
    query = (
        select(found.c.hamlet_id, Observation.sex, born, func.count(), *counts)
        .join(Observation, Observation.visit_id == found.c.visit_id)
        .group_by(found.c.hamlet_id, Observation.sex, born)
    )
    return {
        (hamlet_id, person_key(sex, year)): [int(count) for count in row]
        for hamlet_id, sex, year, *row in db.session.execute(query)
    }


def flow(hamlets: Collection[str], period: Period) -> Flow:
    """Return what happened in `hamlets` in a period."""
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for part in flows.of_visits(hamlets, period, ["visits", "households_reached"]):
        counts[part.hamlet_id][part.indicator] = part.tally.numerator
    for part in flows.of_topics(hamlets, period, ["people_helped"], ["topic"]):
        if part.topic is not None:
            counts[part.hamlet_id][part.topic] = part.tally.numerator
    return Flow.of(hamlets, counts)
