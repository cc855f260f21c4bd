"""Keeping rollups: adding to them what they lack, and making them anew. Figures are exact without it, only slower."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy import Integer, bindparam, delete, func, insert, or_, select, text, update

from app.core.database import db
from app.core.statements import Prepared
from app.models.households import Residence
from app.models.rollups import Rollup
from app.models.visits import Visit
from app.queries import rollups as looks
from app.queries.rollups import raw, stored
from app.rules.permissions import Actor
from app.rules.steps import HALVES, Changes
from app.services import audit

MANY = 300
"""So many visits may be missing in the rollups before the next push adds them; each costs every reader a little."""
_BATCH = 200

log = structlog.get_logger()


def keep_up(many: int = MANY) -> None:
    """Add what the rollups lack once that is much, unless somebody else is at it. Changes no figure.

    A fault in this is logged, undone, and goes no further: what was stored in the same transaction stays, readers
    count it all the same, and the next push tries again.
    """
    if len(_LACKING.rows(most=many)) < many:
        return
    try:
        with db.session.begin_nested():
            fold()
    except Exception:
        log.exception("rollups were not added to")


_LACKING = Prepared(select(Visit.id).where(raw.IS_VISIT_UNROLLED).limit(bindparam("most", type_=Integer)))


def fold() -> bool:
    """Add all that the rollups lack; say whether it was done, for somebody else may be at it. Changes no figure.

    What another transaction is changing just now is left for the next time.
    """
    if not _have_alone("pg_try_advisory_xact_lock"):
        return False
    db.session.flush()
    visits = dict(
        db.session.execute(
            select(Visit.id, Visit.is_counting).where(raw.IS_VISIT_UNROLLED).with_for_update(skip_locked=True)
        ).all()
    )
    residences = {
        (row.household_id, row.from_on): row.unit_id
        for row in db.session.execute(
            select(Residence.household_id, Residence.from_on, Residence.unit_id)
            .where(raw.IS_RESIDENCE_UNROLLED)
            .with_for_update(skip_locked=True)
        )
    }
    if not visits and not residences:
        return True
    homes = raw.of(raw.unrolled(), {})
    numbers = homes.hamlets
    wanted = homes.changes(
        lambda visit_id, _now, rolled: visits.get(visit_id, rolled),
        lambda home_id, day, _now, was: numbers.get(residences.get((home_id, day), ""), was),
    )
    _write(wanted - homes.rolled(), numbers)
    _mark(visits, residences)
    return True


def rebuild(actor: Actor, tell: Callable[[str], None]) -> int:
    """Make all rollups anew from the visits; return how many rows there are. `tell` hears how far it is.

    What counts is marked as rolled first and worked out from the marks then, so that what others store meanwhile
    is neither marked nor counted: it is left for the next push.
    """
    _have_alone("pg_advisory_xact_lock")
    db.session.flush()
    in_silence = {"synchronize_session": False}
    db.session.execute(
        update(Visit).where(raw.IS_VISIT_UNROLLED).values(is_rolled=Visit.is_counting),
        execution_options=in_silence,
    )
    db.session.execute(
        update(Residence).where(raw.IS_RESIDENCE_UNROLLED).values(rolled_unit_id=Residence.unit_id),
        execution_options=in_silence,
    )
    db.session.execute(delete(Rollup))
    names = looks.hamlets()
    done = rows = 0
    for chunk in looks.chunks(names):
        made = looks.anew(chunk)
        if made:
            db.session.execute(insert(Rollup), made)
        done, rows = done + len(chunk), rows + len(made)
        tell(f"{done} of {len(names)} hamlets")
    audit.note(actor, "rollups.rebuild", None, {"rows": rows})
    return rows


def _have_alone(function: str) -> bool:
    if db.engine.dialect.name != "postgresql":
        return True
    return db.session.scalar(text(f"SELECT {function}(:lock)"), {"lock": looks.LOCK}) is not False


def _write(news: Changes, numbers: dict[str, int]) -> None:
    for hamlet_id, number in numbers.items():
        cells, flow = news.cells[news.cells[:, 0] == number, 1:], news.flow[news.flow[:, 0] == number, 1:]
        if len(cells) or len(flow):
            first = min([*HALVES[cells[:, 0]].tolist(), *flow[:, 0].tolist()])
            _write_hamlet(hamlet_id, first, cells, flow)


def _write_hamlet(hamlet_id: str, first: int, cells: Any, flow: Any) -> None:
    """Add changes to the rows of a hamlet from its half-month `first` on."""
    of_hamlet = Rollup.hamlet_id == hamlet_id
    before = select(func.max(Rollup.half)).where(of_hamlet, Rollup.half < first).scalar_subquery()
    table = Rollup.__table__
    query = select(*table.c).where(of_hamlet, or_(Rollup.half >= first, Rollup.half == before))
    kept = {row.half: row for row in db.session.execute(query)}
    hamlet = stored.read(kept)
    stored.add(hamlet, cells, flow)
    db.session.execute(delete(Rollup).where(of_hamlet, Rollup.half >= first))
    rows = [
        stored.write(hamlet_id, half, hamlet)
        for half in sorted(hamlet.cells)
        if half >= first and not stored.is_empty(hamlet, half)
    ]
    if rows:
        db.session.execute(insert(Rollup), rows)


def _mark(visits: dict[str, bool], residences: dict[tuple[str, Any], str]) -> None:
    """Note what the rollups have now."""
    by_count: dict[bool, list[str]] = defaultdict(list)
    for visit_id, counts in visits.items():
        by_count[counts].append(visit_id)
    for counts, ids in by_count.items():
        for start in range(0, len(ids), _BATCH):
            db.session.execute(
                update(Visit).where(Visit.id.in_(ids[start : start + _BATCH])).values(is_rolled=counts),
                execution_options={"synchronize_session": False},
            )
    for (home_id, day), unit_id in residences.items():
        db.session.execute(
            update(Residence)
            .where(Residence.household_id == home_id, Residence.from_on == day)
            .values(rolled_unit_id=unit_id),
            execution_options={"synchronize_session": False},
        )
