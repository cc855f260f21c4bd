"""The cells that all figures are summed from (`rules/cells.py`): at a cut-off, and of a period.

    stock = rollups.stock(hamlets, cut_off)     # cells of sex and birth year, homes, counts behind coverage
    flow = rollups.flow(hamlets, period)        # visits, homes reached, people helped by topic
    stock.pack(), flow.pack()                   # the same as bytes by hamlet, for keeping; `unpack` reads them

Both know every hamlet asked for, also where nothing was counted, and are exact at any moment: what the rollups
do not have yet is worked out from the visits on the spot. `hamlets` are ids; borders play no part here.
"""

from collections.abc import Callable, Collection
from datetime import date, timedelta
from random import SystemRandom
from typing import Any

import numpy as np
from sqlalchemy import func, select, text, union

from app.core.database import db
from app.models.households import Residence
from app.models.rollups import Rollup
from app.queries.rollups import raw, stored
from app.rules.cells import HOMES, STALE_DAYS, Counts, Flow, Stock
from app.rules.periods import Period
from app.rules.steps import BITS, DAY_KEY, DAY_ONE, HOME_BITS, HOME_KEY, REACHED, Changes, first_day, half

__all__ = [
    "LOCK",
    "anew",
    "chunks",
    "differences",
    "flow",
    "hamlets",
    "latest_changes",
    "of_changes",
    "steady",
    "stock",
]

LOCK = 4_011_205
"""The number of PostgreSQL's advisory lock: readers share it, whoever changes rollups has it alone."""
_CHUNK = 40
_SHIFT = 18


def stock(hamlets: Collection[str], cut_off: date, latest: Changes | None = None) -> Stock:
    """Return the cells of `hamlets` at a cut-off; `latest` are their `latest_changes`, where they are known."""
    names = tuple(sorted(hamlets))
    number = {name: place for place, name in enumerate(names)}
    news = latest or latest_changes(hamlets)
    return _stock(names, _rolled(number, cut_off), news, cut_off)


def of_changes(
    hamlets: Collection[str], found: Changes, numbers: dict[str, int], period: Period
) -> tuple[Stock, Flow]:
    """Return the cells that changes add up to; `numbers` has `hamlets` first, in the order of their names."""
    names = tuple(sorted(hamlets))
    if [numbers[name] for name in names] != list(range(len(names))):
        raise ValueError("hamlets that are not numbered in order")
    return _stock(names, [], found, period.cut_off), _flow(names, [found.flow], period)


def _stock(names: tuple[str, ...], parts: list[Counts], news: Changes, cut_off: date) -> Stock:
    day = cut_off.toordinal() - DAY_ONE
    cells = news.cells[(news.cells[:, 0] < len(names)) & (news.cells[:, 1] <= day)]
    dated = _coded(cells[:, 0], stored.spread(cells[:, 2:]))
    table = stored.summed(np.concatenate([*parts, dated]))
    place, key = table[:, 0] >> _SHIFT, table[:, 0] & ((1 << _SHIFT) - 1)
    is_person = key < HOME_KEY
    homes = _homes(len(names), place, key, table[:, 1:], day)
    return Stock(names, homes, place[is_person], key[is_person], table[is_person, 1:])


def flow(hamlets: Collection[str], period: Period, latest: Changes | None = None) -> Flow:
    """Return what happened in `hamlets` in a period of whole half-months, as all reporting periods are.

    `latest` are their `latest_changes`, where they are known.
    """
    first, last = half(period.first), half(period.last)
    names = tuple(sorted(hamlets))
    number = {name: place for place, name in enumerate(names)}
    query = select(Rollup.hamlet_id, Rollup.flow).where(
        Rollup.half.between(first, last), Rollup.hamlet_id.in_(names)
    )
    news = (latest or latest_changes(hamlets)).flow
    rows = db.session.execute(query).all()
    kept = stored.joined([row.flow for row in rows], [number[row.hamlet_id] for row in rows], 5)
    return _flow(names, [kept, news], period)


def _flow(names: tuple[str, ...], parts: list[Counts], period: Period) -> Flow:
    first, last = half(period.first), half(period.last)
    if half(period.first - timedelta(days=1)) == first or half(period.last + timedelta(days=1)) == last:
        raise ValueError("a period that cuts through a half-month")
    table = np.concatenate(parts)
    table = table[table[:, 0] < len(names)]
    _, posted, then, before, what, amount = table.T
    is_in = (first <= posted) & (posted <= last) & (first <= then) & ((what != REACHED) | (before < first))
    counts = np.zeros((len(names), len(Flow.of((), {}).counts.T)), dtype=np.int64)
    np.add.at(counts, (table[is_in, 0], what[is_in]), amount[is_in])
    return Flow(names, counts)


def latest_changes(hamlets: Collection[str]) -> Changes:
    """Return what the rollups lack: the changes of homes as they are, less those of homes as rolled.

    Numbers of hamlets are their places in order of ids; higher ones are of hamlets that were not asked for.
    The rollups keep still until the transaction ends, so that these changes and they stay whole together.
    """
    steady()
    homes = raw.of(raw.unrolled(), {name: place for place, name in enumerate(sorted(hamlets))})
    return homes.now() - homes.rolled()


def differences(tell: Callable[[str], None] = lambda _line: None, most: int | None = None) -> list[str]:
    """Work out every stored row anew from what it says it was made of; return a line for each that differs.

    `most` looks at so many hamlets only, chosen by chance.
    """
    steady()
    names = hamlets()
    if most is not None and len(names) > most:
        names = sorted(SystemRandom().sample(names, most))
    told: list[str] = []
    done = 0
    for chunk in chunks(names):
        query = select(*Rollup.__table__.c).where(Rollup.hamlet_id.in_(chunk))
        kept = {(row.hamlet_id, row.half): row for row in db.session.execute(query)}
        told += _compared({(row["hamlet_id"], row["half"]): row for row in anew(chunk)}, kept)
        done += len(chunk)
        tell(f"{done} of {len(names)} hamlets")
    return sorted(told)


def _compared(wanted: dict[Any, dict[str, Any]], kept: dict[Any, Any]) -> list[str]:
    told = [f"{name}, {first_day(each)}: not there" for name, each in wanted.keys() - kept.keys()]
    told += [f"{name}, {first_day(each)}: too much" for name, each in kept.keys() - wanted.keys()]
    for key in wanted.keys() & kept.keys():
        wrong = [word for word, value in wanted[key].items() if getattr(kept[key], word) != value]
        if wrong:
            told.append(f"{key[0]}, {first_day(key[1])}: {', '.join(wrong)}")
    return told


def hamlets() -> list[str]:
    """Return every hamlet that rollups count homes in, or that has rollups, by id."""
    either = union(select(Residence.rolled_unit_id), select(Rollup.hamlet_id)).subquery()
    column = either.c[0]
    return [
        str(name) for name in db.session.scalars(select(column).where(column.is_not(None)).order_by(column))
    ]


def chunks(names: list[str]) -> list[list[str]]:
    """Cut hamlets into parts that are read at once."""
    return [names[place : place + _CHUNK] for place in range(0, len(names), _CHUNK)]


def anew(names: list[str]) -> list[dict[str, Any]]:
    """Work out all rows of some hamlets from what is marked as rolled."""
    homes = raw.of(raw.rolled_in(names), {name: number for number, name in enumerate(names)})
    found = homes.rolled()
    rows: list[dict[str, Any]] = []
    bounds = [np.searchsorted(table[:, 0], np.arange(len(names) + 1)) for table in (found.cells, found.flow)]
    for number, name in enumerate(names):
        hamlet = stored.Hamlet()
        cells, posted = (
            table[ends[number] : ends[number + 1], 1:]
            for table, ends in zip((found.cells, found.flow), bounds, strict=True)
        )
        stored.add(hamlet, cells, posted)
        rows += [
            stored.write(name, each, hamlet)
            for each in sorted(hamlet.cells)
            if not stored.is_empty(hamlet, each)
        ]
    return rows


def steady() -> None:
    """Keep rollups from changing until the transaction ends. SQLite's transactions see one moment anyway."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock_shared(:lock)"), {"lock": LOCK})


def _rolled(number: dict[str, int], cut_off: date) -> list[Counts]:
    """Return the cells of the last rows up to the cut-off, without what changed after it."""
    then, day = half(cut_off), cut_off.toordinal() - DAY_ONE
    last = (
        select(Rollup.hamlet_id, func.max(Rollup.half).label("half"))
        .where(Rollup.half <= then, Rollup.hamlet_id.in_(number))
        .group_by(Rollup.hamlet_id)
        .subquery("last")
    )
    query = select(Rollup.hamlet_id, Rollup.half, Rollup.cells, Rollup.days, Rollup.changes).join(
        last, (last.c.hamlet_id == Rollup.hamlet_id) & (last.c.half == Rollup.half)
    )
    rows = db.session.execute(query).all()
    places = [number[row.hamlet_id] for row in rows]
    cells = stored.joined([row.cells for row in rows], places, 1 + BITS)
    days = stored.joined([row.days for row in rows], places, 2)
    wide = np.zeros((len(days), 1 + BITS), dtype=np.int64)
    wide[:, :2] = days[:, 1:]
    open_rows = [row for row in rows if row.half == then]
    later = stored.joined([row.changes for row in open_rows], [number[row.hamlet_id] for row in open_rows], 4)
    later = later[later[:, 1] > day]
    undone = stored.spread(later[:, 2:])
    undone[:, 1:] *= -1
    return [_coded(cells[:, 0], cells[:, 1:]), _coded(days[:, 0], wide), _coded(later[:, 0], undone)]


def _coded(places: Counts, cells: Counts) -> Counts:
    """Return cells with hamlet and key in one number."""
    coded = cells.copy()
    coded[:, 0] |= places << _SHIFT
    return coded


def _homes(size: int, place: Counts, key: Counts, counts: Counts, day: int) -> Counts:
    homes = np.zeros((size, len(HOMES)), dtype=np.int64)
    of_homes = key == HOME_KEY
    for bit, word in enumerate(HOME_BITS):
        homes[place[of_homes], HOMES.index(word)] = counts[of_homes, bit]
    of_days = key >= DAY_KEY
    where, last, number = place[of_days], key[of_days] - DAY_KEY, counts[of_days, 0]
    old = last < day - STALE_DAYS
    np.add.at(homes[:, HOMES.index("stale")], where[old], number[old])
    np.maximum.at(homes[:, HOMES.index("last_visit_on")], where, last + DAY_ONE)
    return homes
