"""Each home as a step function of time: what its visits add to, and take from, the cells of its hamlet, day by day.

Adding up the dated changes of all homes up to a day gives the cells of that day (`rules/cells.py`). All is done
for many homes at once, in whole columns. Days are numbered from DAY_ONE, half-months by `half`: civil months end
where one ends, and so do those of the reporting calendar.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from app.rules.cells import Counts

DAY_ONE = date(1900, 1, 1).toordinal()
HOME_KEY = 16_383
"""Of the cell that counts a hamlet's homes; lower keys are cells of people, higher ones days of last visits."""
DAY_KEY = 16_384
BITS = 9
"""A change says by a mask which of the nine counts of a cell it is about (`cells.PEOPLE`, HOME_BITS)."""
HOME_BITS = (
    "registered",
    "visited",
    "interviewed",
    "homes",
    "fibre_known",
    "fibre_subscribed",
    "fibre_covered",
    "device_known",
    "device",
)
NO_HALF = 0
VISITS, REACHED, TOPICS = 0, 1, 2
_FIBRE_SHIFT, _DEVICE_SHIFT = 4, 7
INTERVIEWED, MOVED = 1, 2
_SMARTPHONE, _PHONE_KNOWN = 4, 2
_FIELDS = (13, 17, 18, 9)
_FLOW_FIELDS = (13, 13, 13, 13, 4)


def half(day: date) -> int:
    """Return the number of the half-month of a day: to the 14th, or from the 15th on."""
    return ((day.year - 1900) * 12 + day.month - 1) * 2 + (day.day >= 15) + 1


def first_day(number: int) -> date:
    """Return the first day of a half-month."""
    months, second = divmod(number - 1, 2)
    return date(1900 + months // 12, months % 12 + 1, 15 if second else 1)


HALVES = np.array(
    [half(date.fromordinal(DAY_ONE + day)) for day in range(date(2201, 1, 1).toordinal() - DAY_ONE)]
)


@dataclass(frozen=True, eq=False)
class Homes:
    """Rows of some homes as columns: residences, visits in the order that decides, observations, topics.

    `other` is 1 yes, 0 no, -1 unknown; `fibre` the three bits of HOME_BITS; `visit_of` and `topic_visit` are places
    among the visits.
    """

    registered_on: Counts
    residence_home: Counts
    residence_day: Counts
    residence_hamlet: Counts
    visit_home: Counts
    visit_day: Counts
    outcome: Counts
    fibre: Counts
    other: Counts
    visit_of: Counts
    key: Counts
    mask: Counts
    topic_visit: Counts
    topic: Counts
    people: Counts


@dataclass(frozen=True, eq=False)
class Changes:
    """Dated changes: `cells` has columns hamlet, day, key, mask, count; `flow` hamlet, half in which it is posted,
    half of the visit, half of the home's interview before it, what, count.
    """

    cells: Counts
    flow: Counts

    def __sub__(self, other: "Changes") -> "Changes":
        return Changes(
            _difference(self.cells, other.cells, _FIELDS), _difference(self.flow, other.flow, _FLOW_FIELDS)
        )


def changes(homes: Homes) -> Changes:
    """Return all dated changes of homes, each as often as it happens, none of which cancel each other out."""
    place, day, states = _states(homes)
    hamlet, stock, mask, last = states
    following = np.append(place[1:] == place[:-1], False)
    ends = np.append(day[1:], 0)
    parts: list[tuple[Counts, ...]] = []
    for rows, key, bits in (
        (np.flatnonzero(mask), np.full(len(mask), HOME_KEY), mask),
        (np.flatnonzero(last >= 0), DAY_KEY + last, np.ones(len(mask), dtype=np.int64)),
    ):
        parts.append((hamlet[rows], day[rows], key[rows], bits[rows], np.ones(len(rows), dtype=np.int64)))
        gone = rows[following[rows]]
        parts.append((hamlet[gone], ends[gone], key[gone], bits[gone], -np.ones(len(gone), dtype=np.int64)))
    parts += _of_people(homes, (hamlet, stock, day, ends), following)
    cells = added(np.concatenate([np.column_stack(part) for part in parts]), _FIELDS)
    return Changes(cells, added(_flow(homes), _FLOW_FIELDS))


def _states(homes: Homes) -> tuple[Counts, Counts, tuple[Counts, Counts, Counts, Counts]]:
    """Return home and day of each change of state with the state from then on: hamlet, stock visit, mask, last."""
    count, residences, visits = len(homes.registered_on), len(homes.residence_home), len(homes.visit_home)
    nothing = np.full(residences + visits + count, -1)
    place = np.concatenate((homes.residence_home, homes.visit_home, np.arange(count)))
    day = np.concatenate((homes.residence_day, homes.visit_day, homes.registered_on))
    order = np.lexsort((np.arange(len(place)), day, place))
    place, day = place[order], day[order]
    begins = np.maximum.accumulate(
        np.where(np.append(True, place[1:] != place[:-1]), np.arange(len(place)), 0)
    )

    def lasting(values: Counts) -> Counts:
        kept = values[order]
        seen = np.maximum.accumulate(np.where(kept >= 0, np.arange(len(kept)), -1))
        return np.where(seen >= begins, kept[seen], -1)

    def among(first: int, values: Counts) -> Counts:
        column = nothing.copy()
        column[first : first + len(values)] = values
        return lasting(column)

    hamlet = among(0, homes.residence_hamlet)
    deciding = among(residences, np.where(homes.outcome > 0, np.arange(visits), -1))
    last = among(residences, homes.visit_day)
    registered = among(residences + visits, np.ones(count, dtype=np.int64)) > 0
    outcome = np.append(homes.outcome, 0)[deciding]
    stock = np.where((outcome == INTERVIEWED) & (hamlet >= 0), deciding, -1)
    counted = registered & (outcome != MOVED) & (hamlet >= 0)
    last = np.where(counted, last, -1)
    mask = counted + 2 * (last >= 0) + 4 * (counted & (stock >= 0)) + np.append(_home_bits(homes), 0)[stock]
    is_last = np.append((place[1:] != place[:-1]) | (day[1:] != day[:-1]), True)[: len(place)]
    columns = np.column_stack((place, day, hamlet, stock, mask, last))[is_last]
    is_new = np.ones(len(columns), dtype=bool)
    is_new[1:] = (columns[1:, [0, 2, 3, 4, 5]] != columns[:-1, [0, 2, 3, 4, 5]]).any(axis=1)
    place, day, *states = columns[is_new].T
    return place, day, (states[0], states[1], states[2], states[3])


def _home_bits(homes: Homes) -> Counts:
    """Return for each visit the bits of HOME_BITS from `homes` on, as a stock visit has them."""
    visits = len(homes.visit_home)
    has = np.bincount(homes.visit_of[homes.mask & _SMARTPHONE > 0], minlength=visits) > 0
    unknown = np.bincount(homes.visit_of[homes.mask & _PHONE_KNOWN == 0], minlength=visits) > 0
    yes = has | (homes.other == 1)
    known = yes | (~unknown & (homes.other == 0))
    bits: Counts = 8 + (homes.fibre << _FIBRE_SHIFT) + (known * 1 << _DEVICE_SHIFT) + (yes * 1 << 8)
    return bits


def _of_people(
    homes: Homes, states: tuple[Counts, Counts, Counts, Counts], following: NDArray[np.bool_]
) -> list[tuple[Counts, ...]]:
    """Return the changes of people: those seen by a stock visit come with it and go with it."""
    hamlet, stock, day, ends = states
    bounds = np.searchsorted(homes.visit_of, np.arange(len(homes.visit_home) + 1))
    parts: list[tuple[Counts, ...]] = []
    for rows, days, sign in (
        (np.flatnonzero(stock >= 0), day, 1),
        (np.flatnonzero((stock >= 0) & following), ends, -1),
    ):
        owner, seen = _spread(bounds[stock[rows]], bounds[stock[rows] + 1])
        whose = rows[owner]
        counts = np.full(len(seen), sign, dtype=np.int64)
        parts.append((hamlet[whose], days[whose], homes.key[seen], homes.mask[seen], counts))
    return parts


def _flow(homes: Homes) -> Counts:
    """Return what is posted of visits: each where its home lived that day, and moved along whenever it moves."""
    halves = HALVES[homes.visit_day]
    shift = 1 << 17
    order = np.lexsort((homes.residence_day, homes.residence_home))
    home, since, hamlet = (
        column[order] for column in (homes.residence_home, homes.residence_day, homes.residence_hamlet)
    )
    starts = home * shift + since
    at = np.searchsorted(starts, homes.visit_home * shift + homes.visit_day, side="right") - 1
    lived = np.where((at >= 0) & (np.append(home, -1)[at] == homes.visit_home), np.append(hamlet, -1)[at], -1)
    ones = np.ones(len(halves), dtype=np.int64)
    rows = [(np.arange(len(halves)), np.full(len(halves), VISITS), ones)]
    met = np.flatnonzero(homes.outcome == INTERVIEWED)
    before = np.full(len(halves), NO_HALF)
    same = homes.visit_home[met[1:]] == homes.visit_home[met[:-1]]
    before[met[1:][same]] = halves[met[:-1][same]]
    first = met[before[met] < halves[met]]
    rows.append((first, np.full(len(first), REACHED), ones[first]))
    rows.append((homes.topic_visit, TOPICS + homes.topic, homes.people))
    visit, what, amount = (np.concatenate([row[column] for row in rows]) for column in range(3))
    earlier = np.where(what == REACHED, before[visit], NO_HALF)
    posted = [np.column_stack((lived[visit], halves[visit], halves[visit], earlier, what, amount))]
    moves = np.flatnonzero(home[1:] == home[:-1]) + 1
    if len(moves):
        by_home = np.argsort(homes.visit_home[visit] * shift + homes.visit_day[visit], kind="stable")
        stamps = (homes.visit_home[visit] * shift + homes.visit_day[visit])[by_home]
        from_, to = np.searchsorted(stamps, home[moves] * shift), np.searchsorted(stamps, starts[moves])
        owner, place = _spread(from_, to)
        move, row = moves[owner], by_home[place]
        then = HALVES[since[move]]
        for where, sign in ((hamlet[move - 1], -1), (hamlet[move], 1)):
            posted.append(
                np.column_stack(
                    (where, then, halves[visit[row]], earlier[row], what[row], sign * amount[row])
                )
            )
    table = np.concatenate(posted)
    return table[table[:, 0] >= 0]


def _spread(begins: Counts, ends: Counts) -> tuple[Counts, Counts]:
    """Return for ranges `begins[i]:ends[i]` all their numbers, and beside each number its `i`."""
    sizes = ends - begins
    owner = np.repeat(np.arange(len(sizes)), sizes)
    offset = np.arange(len(owner)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return owner, begins[owner] + offset


def added(table: Counts, fields: tuple[int, ...]) -> Counts:
    """Add up the last column over equal rows of the others; rows in order, none with a sum of nothing."""
    code = np.zeros(len(table), dtype=np.int64)
    for column, width in enumerate(fields):
        code = (code << width) | table[:, column]
    order = np.argsort(code, kind="stable")
    code = code[order]
    first = np.flatnonzero(np.append(True, code[1:] != code[:-1])[: len(code)])
    sums = np.add.reduceat(table[order, -1], first) if len(first) else np.zeros(0, dtype=np.int64)
    kept = sums != 0
    found = table[order[first[kept]]].copy() if len(first) else table[:0].copy()
    found[:, -1] = sums[kept]
    return found


def _difference(one: Counts, other: Counts, fields: tuple[int, ...]) -> Counts:
    taken = other.copy()
    taken[:, -1] = -taken[:, -1]
    return added(np.concatenate((one, taken)), fields)
