"""Which rows count (product.md, *Which visits count*), as SQL for looks at single homes; figures come from cells."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import CTE, func, select
from sqlalchemy.orm import aliased

from app.models.households import Residence
from app.models.visits import Visit
from app.rules.vocabulary import Outcome


def homes(hamlets: Collection[str], on: date) -> CTE:
    """Return `(household_id, hamlet_id)` of the homes that lived in one of `hamlets` on a date."""
    later = aliased(Residence)
    moved_on = (
        select(later.household_id)
        .where(
            later.household_id == Residence.household_id,
            later.from_on > Residence.from_on,
            later.from_on <= on,
        )
        .exists()
    )
    return (
        select(Residence.household_id, Residence.unit_id.label("hamlet_id"))
        .where(Residence.unit_id.in_(hamlets), Residence.from_on <= on, ~moved_on)
        .cte("homes")
    )


def deciding(homes_then: CTE, on: date) -> CTE:
    """Return the outcome of the visit that decides whether and how each home enters stock figures, if any.

    That is the latest counting visit with outcome `interviewed` or `moved` at or before `on`, by (`visited_on`,
    `recorded_at`, `id`). Where it is `interviewed` it is the home's stock visit; where it is `moved` the home is
    in neither stock figures nor registered homes. Columns: `household_id outcome`.
    """
    rank = func.row_number().over(
        partition_by=Visit.household_id,
        order_by=(Visit.visited_on.desc(), Visit.recorded_at.desc(), Visit.id.desc()),
    )
    ranked = (
        select(
            homes_then.c.household_id,
            Visit.outcome,
            rank.label("rank"),
        )
        .join(Visit, Visit.household_id == homes_then.c.household_id)
        .where(
            Visit.is_counting,
            Visit.visited_on <= on,
            Visit.outcome.in_([Outcome.INTERVIEWED, Outcome.MOVED]),
        )
        .subquery("ranked")
    )
    return select(ranked).where(ranked.c.rank == 1).cte("deciding")
