"""What has changed since a release: each figure that differs today, and what happened that may explain it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select

from app.core.database import db
from app.models.audit import AuditEntry
from app.models.households import Household, Residence
from app.models.releases import Release
from app.models.units import UnitAct
from app.models.visits import Visit
from app.queries import baselines, indicators, units
from app.queries.borders import Place
from app.queries.indicators import Item, Question, teams
from app.rules import periods
from app.rules.indicators import DEFINITIONS
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
    differing = [key for key in sorted({*old, *new}) if _counts(old.get(key)) != _counts(new.get(key))]
    if not differing:
        return []
    events = _Events(release, period.cut_off, level)
    found = []
    for key in differing:
        item = new.get(key) or old[key]
        place = item.unit
        reasons = sorted(events.of(place.id if place else None, item.definition.code))
        code = item.definition.code
        found.append(
            Restatement(
                place,
                code,
                item.sex,
                item.age,
                item.topic,
                old=old.get(key),
                new=new.get(key),
                reasons=reasons,
            )
        )
    return found


def _counts(item: Item | None) -> tuple[object, ...]:
    if item is None:
        return (0, 0, 0)
    return (item.numerator, item.denominator or 0, item.unknown)


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
        if baselines.rows(cut_off.year) != release.baselines:
            self._everywhere.add(RestatementReason.BASELINE)
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
        returned = select(AuditEntry.subject_id).where(
            AuditEntry.action == "reviews.give_back", AuditEntry.at > since
        )
        gone = {each for each in db.session.scalars(returned) if each}
        query = select(Visit).where(
            Visit.visited_on <= self._cut_off,
            or_(Visit.received_at > since, Visit.withdrawn_at > since, Visit.id.in_(gone)),
        )
        for visit in db.session.scalars(query):
            reasons = self._of_unit[self._unit_of(visit.household_id)]
            if visit.received_at > since:
                is_new = visit.corrects_id is None
                reasons.add(RestatementReason.LATE_VISIT if is_new else RestatementReason.CORRECTION)
            if visit.withdrawn_at is not None and visit.withdrawn_at > since:
                reasons.add(RestatementReason.WITHDRAWAL)
            if visit.id in gone:
                reasons.add(RestatementReason.RETURN)
        corrected = select(Visit).where(Visit.received_at > since, Visit.visited_on > self._cut_off)
        for visit in db.session.scalars(corrected.where(Visit.corrects_id.is_not(None))):
            self._of_unit[self._unit_of(visit.household_id)].add(RestatementReason.CORRECTION)

    def _read_homes(self, since: datetime) -> None:
        amended = select(AuditEntry.subject_id, AuditEntry.details).where(
            AuditEntry.action == "households.amend", AuditEntry.at > since
        )
        for home_id, details in db.session.execute(amended):
            if "unit_id" in details.get("fields", ()):
                for hamlet_id in db.session.scalars(
                    select(Residence.unit_id).where(Residence.household_id == home_id)
                ):
                    self._of_unit[self._group(hamlet_id)].add(RestatementReason.MOVED_HOME)
        registered = select(Household.unit_id).where(
            Household.registered_on <= self._cut_off, Household.registered_at > since
        )
        for hamlet_id in db.session.scalars(registered):
            self._of_unit[self._group(hamlet_id)].add(RestatementReason.LATE_VISIT)

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
