"""Cells: the smallest counts that figures are made of, by hamlet, and by sex and birth year where people are counted.

Every stock figure of any indicator, rule, age group and unit is a sum over cells; so is what stands behind
coverage. `pack` writes the cells of each hamlet in one way only, so that equal cells are equal bytes; that is
what a release keeps.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from app.rules.vocabulary import Sex, Topic

Counts = NDArray[np.int64]

STALE_DAYS = 90
"""A home whose last visit lies more days back is stale (the API contract's coverage)."""

HOMES = (
    "registered",
    "visited",
    "interviewed",
    "stale",
    "last_visit_on",
    "homes",
    "fibre_known",
    "fibre_subscribed",
    "fibre_covered",
    "device_known",
    "device",
)
"""What is counted of the homes of a hamlet. The first four stand behind coverage; `last_visit_on` is no count but
the latest day (`date.toordinal`, 0 for none); `homes` and the rest count homes with a stock visit."""

PEOPLE = (
    "people",
    "phone_known",
    "smartphone",
    "account_known",
    "account",
    "assessed",
    "five_areas",
    "any_one",
    "national_contents",
)
"""What is counted of the people of one sex and birth year in a hamlet; the last three are the skill rules."""

FLOWS = ("visits", "households_reached", *(topic.value for topic in Topic))
"""What is counted of a period in a hamlet: visits, homes reached, and people helped with each topic."""

_SEXES = tuple(Sex)
_YEARS = 4096
_WIDTH = 1 + len(PEOPLE)


def person_key(sex: Sex, born: int | None) -> int:
    """Return the number of a cell of people; `born` is the year someone counts by (`observations.middle`)."""
    return _SEXES.index(sex) * _YEARS + (born or 0)


def sex_of(key: int) -> Sex:
    """Return the sex of a cell of people."""
    return _SEXES[key // _YEARS]


def born_in(key: int) -> int | None:
    """Return the birth year of a cell of people, None where unknown."""
    return key % _YEARS or None


@dataclass(frozen=True, eq=False)
class Stock:
    """The cells of some hamlets at a cut-off.

    `homes` has a row per hamlet and a column per word of HOMES. `people` has a row per cell and a column per
    word of PEOPLE; the cell's hamlet is `hamlets[place]`, its sex and birth year are in `key` (`person_key`).
    Cells are in order of hamlet and key, and none is empty.
    """

    hamlets: tuple[str, ...]
    homes: Counts
    place: Counts
    key: Counts
    people: Counts

    @classmethod
    def of(
        cls,
        hamlets: Iterable[str],
        homes: Mapping[str, Mapping[str, int]],
        people: Mapping[tuple[str, int], Sequence[int]],
    ) -> "Stock":
        """Make it of counts by hamlet and word, and by hamlet and key; what is left out is nothing."""
        names = tuple(sorted(hamlets))
        index = {name: number for number, name in enumerate(names)}
        cells = sorted((index[name], key, *counts) for (name, key), counts in people.items() if any(counts))
        table = np.array(cells, dtype=np.int64).reshape(-1, 1 + _WIDTH)
        rows = [[homes.get(name, {}).get(word, 0) for word in HOMES] for name in names]
        return cls(
            names,
            np.array(rows, dtype=np.int64).reshape(-1, len(HOMES)),
            table[:, 0],
            table[:, 1],
            table[:, 2:],
        )

    def of_homes(self, word: str) -> Counts:
        """Return a column of HOMES, one count per hamlet."""
        return self.homes[:, HOMES.index(word)]

    def of_people(self, word: str) -> Counts:
        """Return a column of PEOPLE, one count per cell."""
        return self.people[:, PEOPLE.index(word)]

    @property
    def sex(self) -> Counts:
        """Return the sex of each cell, as its place in `vocabulary.Sex`."""
        return self.key // _YEARS

    @property
    def born(self) -> Counts:
        """Return the birth year of each cell, 0 where unknown."""
        return self.key % _YEARS

    def last_visit_on(self, number: int) -> date | None:
        """Return the day of the last visit in the hamlet of that number."""
        day = int(self.of_homes("last_visit_on")[number])
        return date.fromordinal(day) if day else None

    def pack(self) -> dict[str, bytes]:
        """Return the cells of each hamlet as bytes: the words of HOMES, then key and PEOPLE cell by cell."""
        ends = np.searchsorted(self.place, np.arange(len(self.hamlets) + 1))
        table = np.column_stack((self.key, self.people)).astype("<i4")
        heads = self.homes.astype("<i4")
        return {
            name: heads[number].tobytes() + table[ends[number] : ends[number + 1]].tobytes()
            for number, name in enumerate(self.hamlets)
        }

    @classmethod
    def unpack(cls, packed: Mapping[str, bytes]) -> "Stock":
        """Return what `pack` made the bytes of."""
        names = tuple(sorted(packed))
        head = 4 * len(HOMES)
        homes = np.frombuffer(b"".join(packed[name][:head] for name in names), dtype="<i4")
        cells = np.frombuffer(b"".join(packed[name][head:] for name in names), dtype="<i4")
        sizes = [(len(packed[name]) - head) // (4 * _WIDTH) for name in names]
        table = cells.reshape(-1, _WIDTH).astype(np.int64)
        return cls(
            names,
            homes.reshape(-1, len(HOMES)).astype(np.int64),
            np.repeat(np.arange(len(names)), sizes),
            table[:, 0],
            table[:, 1:],
        )


@dataclass(frozen=True, eq=False)
class Flow:
    """What happened in some hamlets in a period: a row per hamlet and a column per word of FLOWS.

    Everything of a home counts in the hamlet where it lived at the cut-off.
    """

    hamlets: tuple[str, ...]
    counts: Counts

    @classmethod
    def of(cls, hamlets: Iterable[str], counts: Mapping[str, Mapping[str, int]]) -> "Flow":
        """Make it of counts by hamlet and word; what is left out is nothing."""
        names = tuple(sorted(hamlets))
        rows = [[counts.get(name, {}).get(word, 0) for word in FLOWS] for name in names]
        return cls(names, np.array(rows, dtype=np.int64).reshape(-1, len(FLOWS)))

    def of_word(self, word: str) -> Counts:
        """Return a column of FLOWS, one count per hamlet."""
        return self.counts[:, FLOWS.index(word)]

    def pack(self) -> dict[str, bytes]:
        """Return the counts of each hamlet as bytes, in the order of FLOWS."""
        rows = self.counts.astype("<i4")
        return {name: rows[number].tobytes() for number, name in enumerate(self.hamlets)}

    @classmethod
    def unpack(cls, packed: Mapping[str, bytes]) -> "Flow":
        """Return what `pack` made the bytes of."""
        names = tuple(sorted(packed))
        rows = np.frombuffer(b"".join(packed[name] for name in names), dtype="<i4")
        return cls(names, rows.reshape(-1, len(FLOWS)).astype(np.int64))
