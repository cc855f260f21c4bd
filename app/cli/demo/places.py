"""Made-up hamlets in every real commune, and the teams that look after them. Pure thinking, no database.

No public source lists the hamlets of Bình Dương, so these are invented and say so in their names. There is at
least one for every pair of an old commune and the commune that replaced it, or a part of it, on 1 July 2025.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from app.cli.demo.names import MARK
from app.rules.units import SuccessionFact, UnitLife
from app.rules.vocabulary import TeamKind

CHANGE = date(2025, 7, 1)
"""The day on which districts ended and the communes of today began."""

WARD_CODE, WARD_FROM = "25747", CHANGE
"""Phường Thủ Dầu Một, where the accounts of volunteer, leader and official are at home."""
HOME_CODE = "25741"
"""Phường Hiệp Thành, one of its predecessors: the volunteer's hamlet was a khu phố of it."""

_WARD_SHARE, _HOME_SHARE = 0.20, 0.05
"""Parts of all homes that lie in the ward, and of those in the volunteer's hamlet."""


@dataclass(frozen=True, slots=True)
class Hamlet:
    """A made-up hamlet: its commune until 30 June 2025 and from 1 July 2025 on, and how many homes it gets."""

    code: str
    name: str
    old: UnitLife
    new: UnitLife
    homes: int
    has_team: bool
    is_home: bool = False

    @property
    def id(self) -> str:
        """The unit's id: its code and the register's first day."""
        return f"{self.code}-20220101"


@dataclass(frozen=True, slots=True)
class TeamPlan:
    """A team to be founded, with how many people belong to it."""

    kind: TeamKind
    unit_id: str
    name: str
    founded_on: date
    dissolved_on: date | None
    size: int


def hamlets(
    random: Random, units: dict[str, UnitLife], pairs: Iterable[SuccessionFact], homes: int
) -> list[Hamlet]:
    """Make up the hamlets of all `pairs` and spread `homes` over them."""
    counts: dict[str, int] = {}
    made: list[Hamlet] = []
    for pair in sorted(pairs, key=lambda pair: (pair.old_id, pair.new_id)):
        old, new = units[pair.old_id], units[pair.new_id]
        is_ward = new.code == WARD_CODE
        for _ in range(2 if is_ward else 1):
            counts[old.id] = counts.get(old.id, 0) + 1
            is_home = is_ward and old.code == HOME_CODE and not any(hamlet.is_home for hamlet in made)
            made.append(
                Hamlet(
                    code=f"{old.code}.{counts[old.id]:02}",
                    name=_hamlet_name(old.name(CHANGE), counts[old.id]),
                    old=old,
                    new=new,
                    homes=0,
                    has_team=is_ward or random.random() < 0.93,
                    is_home=is_home,
                )
            )
    return _spread(random, made, homes)


def _hamlet_name(commune: str, number: int) -> str:
    kind, _, bare = commune.partition(" ")
    if kind == "Thị":  # Thị trấn
        bare = bare.partition(" ")[2]
    return f"{'Ấp' if kind == 'Xã' else 'Khu phố'} {bare} {number} {MARK}"


def _spread(random: Random, made: list[Hamlet], homes: int) -> list[Hamlet]:
    in_home = round(homes * _HOME_SHARE)
    in_ward = round(homes * _WARD_SHARE) - in_home
    ward = [place for place, hamlet in enumerate(made) if hamlet.new.code == WARD_CODE and not hamlet.is_home]
    rest = [place for place, hamlet in enumerate(made) if hamlet.new.code != WARD_CODE and hamlet.has_team]
    shares = {place: in_home for place, hamlet in enumerate(made) if hamlet.is_home}
    for places, total in ((ward, in_ward), (rest, homes - in_home - in_ward)):
        weights = [random.uniform(0.5, 1.5) for _ in places]
        reached, given = 0.0, 0
        for place, weight in zip(places, weights, strict=True):
            reached += weight
            shares[place] = round(total * reached / sum(weights)) - given
            given += shares[place]
    return [replace(hamlet, homes=shares.get(place, 0)) for place, hamlet in enumerate(made)]


def teams(random: Random, made: list[Hamlet]) -> list[TeamPlan]:
    """Plan a team for each hamlet that has one, for most communes of both maps, one school and one enterprise."""
    plans = [
        TeamPlan(
            TeamKind.HAMLET, hamlet.id, f"Tổ CNSCĐ {_lower(hamlet.name)}", _some_day(random, 2022), None,
            size=4 if hamlet.is_home else random.randint(1, 4),
        )
        for hamlet in made
        if hamlet.has_team
    ]  # fmt: skip
    old = {hamlet.old.id: hamlet.old for hamlet in made}
    new = {hamlet.new.id: hamlet.new for hamlet in made}
    for commune in old.values():
        if random.random() < 0.9:
            name = f"Tổ CNSCĐ {_lower(commune.name(CHANGE))} {MARK}"
            plans.append(
                TeamPlan(TeamKind.COMMUNE, commune.id, name, _some_day(random, 2022), CHANGE, size=1)
            )
    for commune in new.values():
        if commune.code == WARD_CODE or random.random() < 0.85:
            name = f"Tổ CNSCĐ {_lower(commune.name(CHANGE))} {MARK}"
            founded = CHANGE + timedelta(days=random.randint(0, 90))
            plans.append(TeamPlan(TeamKind.COMMUNE, commune.id, name, founded, None, size=1))
    ward = next(unit.id for unit in new.values() if unit.code == WARD_CODE)
    plans.append(
        TeamPlan(TeamKind.SCHOOL, ward, f"Tổ CNSCĐ Trường THPT Mẫu {MARK}", date(2025, 9, 5), None, size=2)
    )
    plans.append(
        TeamPlan(TeamKind.ENTERPRISE, ward, f"Tổ CNSCĐ Công ty Mẫu {MARK}", date(2025, 9, 15), None, size=2)
    )
    return plans


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]


def _some_day(random: Random, year: int) -> date:
    return date(year, 3, 1) + timedelta(days=random.randint(0, 500))
