"""What has changed since a release: each figure that differs today, and what happened that may explain it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select

from app.core.database import db
from app.models.households import Household, Residence
from app.models.releases import Release
from app.models.units import UnitAct
from app.queries import indicators, known, units
from app.queries.borders import Place
from app.queries.indicators import Item, Question, teams
from app.rules import periods
from app.rules.indicators import DEFINITIONS, Counts
from app.rules.permissions import Actor
from app.rules.units import LEVELS
from app.rules.vocabulary import RestatementReason, Sex, Topic, UnitKind


@dataclass(frozen=True, slots=True)
class Restatement:
    """A figure as published and as it is today; either is None where there is no such figure."""

    unit: Place | None
    indicator: str
    sex: Sex | None
    age: str | None
    topic: Topic | None
    old: Item | None
    new: Item | None
    reasons: list[RestatementReason]


def restatements(actor: Actor, release: Release) -> list[Restatement]:
    """Return each difference between a release and today's figures, by commune, sex and age.

    Reasons are what happened since publication to the visits, homes and units behind that figure.
    """
    period = periods.parse(release.period, release.calendar)
    own = units.register().units[str(actor.unit_id)].kind
    level = max(own, UnitKind.COMMUNE, key=LEVELS.index)
    question = Question(
        cut_off=period.cut_off,
        borders=period.cut_off,
        calendar=release.calendar,
        period=period,
        level=level,
        by=frozenset({"sex", "age", "topic"}),
        is_live=True,
    )
    old = {item.key: item for item in indicators.of_release(actor, question, release).items}
    new = {item.key: item for item in indicators.values(actor, question).items}
    counted = {key for key in {*old, *new} if _counts(old.get(key)) != _counts(new.get(key))}
    official = {key for key in {*old, *new} if _has_other_baseline(old.get(key), new.get(key))}
    differing = sorted(counted | official)
    if not differing:
        return []
    events = _Events(release, period.cut_off, level)
    found = []
    for key in differing:
        item = new.get(key) or old[key]
        place = item.unit
        code = item.definition.code
        reasons = set(events.of(place.id if place else None, code)) if key in counted else set()
        if key in official:
            reasons.add(RestatementReason.BASELINE)
        found.append(
            Restatement(
                place,
                code,
                item.sex,
                item.age,
                item.topic,
                old=old.get(key),
                new=new.get(key),
                reasons=sorted(reasons),
            )
        )
    return found


def _counts(item: Item | None) -> tuple[object, ...]:
    if item is None:
        return (0, 0, 0)
    return (item.numerator, item.denominator or 0, item.unknown)


def _has_other_baseline(old: Item | None, new: Item | None) -> bool:
    """Say whether official counts changed beside a figure of homes; others stand on the same and would repeat it."""
    if old is None or new is None or old.definition.counts is not Counts.HOUSEHOLDS:
        return False
    return old.coverage.baseline != new.coverage.baseline


class _Events:
    """What has happened since a release was published, by the unit it happened in."""

    def __init__(self, release: Release, cut_off: date, level: UnitKind) -> None:
        self._release, self._cut_off, self._level = release, cut_off, level
        self._register = units.register()
        self._everywhere: set[RestatementReason] = set()
        self._of_unit: dict[str | None, set[RestatementReason]] = defaultdict(set)
        self._read_visits(release.published_at)
        self._read_homes(release.published_at)
        self._read_acts(release.published_at)
        self._teams_changed = {
            kind.value: sorted(ids) for kind, ids in teams.served(cut_off).items()
        } != release.teams

    def of(self, unit_id: str | None, code: str) -> set[RestatementReason]:
        """Return the reasons that may explain a difference of an indicator in a unit."""
        if DEFINITIONS[code].team_kind is not None:
            found = {RestatementReason.TEAM} if self._teams_changed else set()
            return found | (self._everywhere & {RestatementReason.BORDER_ACT})
        found = self._of_unit[unit_id] | self._everywhere
        if DEFINITIONS[code].version != self._release.definitions.get(code):
            found = found | {RestatementReason.DEFINITION}
        return found

    def _read_visits(self, since: datetime) -> None:
        arrived, gone = known.subjects_since(since, known.RECORDS), known.subjects_since(since, known.RETURNS)
        for visit in known.visits_since(since):
            is_late = visit.received_at > since or visit.id in arrived
            if visit.visited_on > self._cut_off and visit.corrects_id is None:
                continue
            reasons = self._of_unit[self._unit_of(visit.household_id)]
            if is_late:
                is_new = visit.corrects_id is None
                reasons.add(RestatementReason.LATE_VISIT if is_new else RestatementReason.CORRECTION)
            if visit.withdrawn_at is not None and visit.withdrawn_at > since:
                reasons.add(RestatementReason.WITHDRAWAL)
            if visit.id in gone:
                reasons.add(RestatementReason.RETURN)

    def _read_homes(self, since: datetime) -> None:
        for entry in known.moves_since(since):
            for hamlet_id in db.session.scalars(
                select(Residence.unit_id).where(Residence.household_id == entry.subject_id)
            ):
                self._of_unit[self._group(hamlet_id)].add(RestatementReason.MOVED_HOME)
        registered = select(Household.unit_id).where(
            Household.registered_on <= self._cut_off, Household.registered_at > since
        )
        for hamlet_id in db.session.scalars(registered):
            self._of_unit[self._group(hamlet_id)].add(RestatementReason.LATE_VISIT)
        for home_id in known.subjects_since(since, known.REGISTERS):
            self._of_unit[self._unit_of(home_id)].add(RestatementReason.LATE_VISIT)

    def _read_acts(self, since: datetime) -> None:
        acts = select(UnitAct.on).where(or_(UnitAct.entered_at > since, UnitAct.undone_at > since))
        if any(on <= self._cut_off for on in db.session.scalars(acts)):
            self._everywhere.add(RestatementReason.BORDER_ACT)

    def _unit_of(self, household_id: str) -> str | None:
        query = (
            select(Residence.unit_id)
            .where(Residence.household_id == household_id, Residence.from_on <= self._cut_off)
            .order_by(Residence.from_on.desc())
            .limit(1)
        )
        hamlet_id = db.session.scalars(query).one_or_none()
        return self._group(hamlet_id) if hamlet_id else None

    def _group(self, hamlet_id: str) -> str | None:
        return self._register.group(hamlet_id, self._level, self._cut_off)
