"""What was known at a moment: the trail of changes, read backwards from how things are.

What cannot be told from the trail is named, never guessed: see docs/releases.md.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, or_, select

from app.core.database import db
from app.models.audit import AuditEntry
from app.models.releases import Approval
from app.models.teams import Team
from app.models.visits import Visit
from app.queries import baselines
from app.queries.rollups import raw
from app.rules import periods
from app.rules.periods import Period
from app.rules.steps import Changes
from app.rules.vocabulary import TeamKind, VisitStatus

RETURNS = "reviews.give_back"
RECORDS = "visits.record"
REGISTERS = "households.register"
MOVES = ("households.amend", "operations.settle")
_BATCH = 500


def since(moment: datetime, *actions: str) -> list[AuditEntry]:
    """Return what was done after a moment, the latest first."""
    query = select(AuditEntry).where(AuditEntry.action.in_(actions), AuditEntry.at > moment)
    return list(db.session.scalars(query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc())))


def subjects_since(moment: datetime, *actions: str) -> set[str]:
    """Return what something was done to after a moment."""
    query = select(AuditEntry.subject_id).where(AuditEntry.action.in_(actions), AuditEntry.at > moment)
    return {each for each in db.session.scalars(query) if each}


def moves_since(moment: datetime) -> list[AuditEntry]:
    """Return the entries after a moment by which a home came to live elsewhere, the latest first."""
    return [
        each
        for each in since(moment, *MOVES)
        if "unit_id" in each.details.get("fields", ())
        or (each.details.get("field") == "unit_id" and each.details.get("took_offered"))
    ]


def untold(moment: datetime) -> list[str]:
    """Return what was done after a moment whose trail does not say how things were before; older ones do not."""
    found = [(each, "moved") for each in moves_since(moment)]
    found += [(each, "before") for each in since(moment, "teams.end", "baselines.load")]
    return [f"{each.action} {each.subject_id or each.id}" for each, key in found if key not in each.details]


@dataclass(frozen=True, slots=True)
class _Past:
    """How homes and visits were known otherwise: visits that count only now, those that counted only then,
    homes not registered yet, residences that named another hamlet (None: there was none).
    """

    uncounted: frozenset[str]
    counted: frozenset[str]
    unregistered: frozenset[str]
    lived: dict[tuple[str, date], str | None]


def changes(moment: datetime, numbers: dict[str, int]) -> Changes:
    """Return the dated changes that all homes made, as was known at a moment. `numbers` grows as in `raw.of`."""
    past = _past(moment)
    homes = raw.of(None, numbers, every_visit=True)

    def is_counting(visit_id: str, counts: bool, _rolled: bool) -> bool:
        return visit_id in past.counted or (counts and visit_id not in past.uncounted)

    def hamlet_of(home_id: str, day: date, now: int, _was: int) -> int:
        if home_id in past.unregistered:
            return -1
        if (home_id, day) in past.lived:
            before = past.lived[home_id, day]
            return -1 if before is None else numbers.setdefault(before, len(numbers))
        return now

    return homes.changes(is_counting, hamlet_of)


def _past(moment: datetime) -> _Past:
    recorded, returned = subjects_since(moment, RECORDS), subjects_since(moment, RETURNS)
    families: dict[str, list[Any]] = defaultdict(list)
    for visit in _among(Visit.family_id, {each.family_id for each in visits_since(moment)}):
        families[visit.family_id].append(visit)
    counted: set[str] = set()
    uncounted: set[str] = set()
    for family in families.values():
        standing = [
            each
            for each in family
            if each.received_at <= moment
            and each.id not in recorded
            and (each.withdrawn_at is None or each.withdrawn_at > moment)
            and (each.status is not VisitStatus.RETURNED or each.id in returned)
        ]
        last = max(standing, key=lambda each: (each.recorded_at, each.id), default=None)
        uncounted.update(each.id for each in family if each is not last)
        if last is not None:
            counted.add(last.id)
    lived: dict[tuple[str, date], str | None] = {}
    for entry in moves_since(moment):
        if "moved" in entry.details:
            day = date.fromisoformat(entry.details["moved"]["on"])
            lived[str(entry.subject_id), day] = entry.details["moved"]["before"]
    unregistered = frozenset(subjects_since(moment, REGISTERS))
    return _Past(frozenset(uncounted), frozenset(counted), unregistered, lived)


def visits_since(moment: datetime) -> list[Any]:
    """Return the visits that arrived, were accepted, withdrawn or returned after a moment."""
    found = list(
        db.session.execute(_VISITS.where((Visit.received_at > moment) | (Visit.withdrawn_at > moment)))
    )
    others = subjects_since(moment, RECORDS, RETURNS) - {visit.id for visit in found}
    return found + _among(Visit.id, others)


def _among(column: Any, ids: Collection[str]) -> list[Any]:
    wanted = sorted(ids)
    return [
        row
        for start in range(0, len(wanted), _BATCH)
        for row in db.session.execute(_VISITS.where(column.in_(wanted[start : start + _BATCH])))
    ]


_VISITS = select(
    Visit.id,
    Visit.household_id,
    Visit.family_id,
    Visit.corrects_id,
    Visit.visited_on,
    Visit.recorded_at,
    Visit.received_at,
    Visit.withdrawn_at,
    Visit.status,
)


def served(cut_off: date, moment: datetime) -> dict[str, list[str]]:
    """Return, for each kind of team, the units that had one at the cut-off, as was known at a moment."""
    founded_since = subjects_since(moment, "teams.add")
    before: dict[str, str | None] = {}
    for entry in since(moment, "teams.end"):
        if "before" in entry.details:
            before[str(entry.subject_id)] = entry.details["before"]
    found: dict[str, set[str]] = {kind.value: set() for kind in TeamKind}
    for team in db.session.scalars(select(Team).where(Team.founded_on <= cut_off)):
        dissolved_on = team.dissolved_on
        if team.id in before:
            told = before[team.id]
            dissolved_on = None if told is None else date.fromisoformat(told)
        if team.id not in founded_since and (dissolved_on is None or dissolved_on > cut_off):
            found[team.kind.value].add(team.unit_id)
    return {kind: sorted(ids) for kind, ids in found.items()}


def baseline_rows(year: int, moment: datetime) -> list[list[Any]]:
    """Return the official counts of years not after `year`, as were known at a moment and as `baselines.rows` does."""
    found = {(unit_id, of): counts for unit_id, of, *counts in baselines.rows(year)}
    for entry in since(moment, "baselines.load"):
        for unit_id, of, counts in entry.details.get("before", ()):
            if counts is None:
                found.pop((unit_id, of), None)
            elif of <= year:
                found[unit_id, of] = counts
    return [[*key, *found[key]] for key in sorted(found)]


def approved_units(period: Period, moment: datetime) -> set[str]:
    """Return the units whose approval stood at a moment for every month of a period."""
    stood = and_(
        Approval.calendar == period.calendar,
        Approval.approved_at <= moment,
        or_(Approval.taken_back_at.is_(None), Approval.taken_back_at > moment),
    )
    found: list[set[str]] = [
        set(db.session.scalars(select(Approval.unit_id).where(stood, Approval.period == month)))
        for month in periods.months_of(period)
    ]
    return set.intersection(*found)
