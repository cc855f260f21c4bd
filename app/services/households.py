"""Changing homes, and telling the teams concerned."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm.util import identity_key

from app.core import errors
from app.core.clock import civil_date, now, today
from app.core.database import db
from app.core.statements import Insertion, Prepared
from app.models.audit import AuditEntry
from app.models.households import ALWAYS, Household, Member, Residence
from app.models.operations import FieldConflict
from app.models.sync import FeedEntry
from app.models.teams import Team
from app.models.units import Unit
from app.models.visits import Visit
from app.queries import operations, scope
from app.rules import merging
from app.rules.operations import FREE_TEXT, MESSAGES, PERSONAL, canonical, without_personal
from app.rules.permissions import Actor
from app.rules.vocabulary import ConsentAnswer, UnitKind
from app.services import audit
from app.services.ledger import KnownHome, Ledger, lock

MERGED = ("unit_id", "code", *PERSONAL, "consent")
"""Fields with a revision each, so that two people's changes merge one by one (sync.md)."""


class AlreadyRegistered(errors.Invalid):
    """A home with this id is known."""

    code = "household.exists"
    message = MESSAGES["household.exists"]


class UnknownHamlet(errors.Invalid):
    """`unit_id` names no hamlet."""

    code = "units.unknown"
    message = MESSAGES["units.unknown"]


class TeamNotYours(scope.OutOfScope):
    """The actor does not belong to the team the work is done for."""

    code = "team.not_yours"
    message = MESSAGES["team.not_yours"]


class HomeNotYours(scope.OutOfScope):
    """The home is not, or no longer, in the actor's scope."""

    code = "household.not_yours"
    message = MESSAGES["household.not_yours"]


class HomeUnseen(errors.Conflict):
    """The home has not arrived yet; `needed_id` is its id."""

    code = "household.waited_for"
    message = MESSAGES["household.waited_for"]

    def __init__(self, needed_id: str) -> None:
        super().__init__()
        self.needed_id = needed_id


class AlreadySettled(errors.Conflict):
    """Somebody has settled it meanwhile."""

    code = "operations.settled"
    message = errors.message("This has been settled already.")


@dataclass(frozen=True, slots=True)
class Amended:
    """What became of an amendment: fields in conflict, and whether personal ones were left out."""

    household: Household
    clashes: list[str]
    was_stripped: bool


def check_team(areas: scope.Areas, team_id: str, *, is_vouched: bool) -> None:
    """Raise TeamNotYours unless the team is among the actor's, or an official answers for one that exists."""
    if is_vouched and db.session.get(Team, team_id) is not None:
        return
    if team_id not in areas:
        raise TeamNotYours


def check_scope(areas: scope.Areas, household: Household | KnownHome, *, is_vouched: bool) -> None:
    """Raise HomeNotYours unless the home is in the area of one of the actor's teams, or registered by one."""
    if is_vouched:
        return
    if household.team_id not in areas and not any(household.unit_id in each for each in areas.values()):
        raise HomeNotYours


def register(
    actor: Actor,
    data: Mapping[str, Any],
    *,
    recorded_at: datetime,
    is_vouched: bool = False,
    ledger: Ledger | None = None,
) -> tuple[KnownHome, bool]:
    """Register a home (household.register's data); say too whether personal fields were left out.

    Any hamlet will do: school and enterprise teams have no area, and what a team registers is in its scope.
    With `is_vouched` an official answers for the team. With a `ledger` the caller writes it.
    Raises AlreadyRegistered, UnknownHamlet, TeamNotYours.
    """
    book = ledger or Ledger()
    if book.home(data["id"]) is not None:
        raise AlreadyRegistered
    check_team(book.areas(actor), data["team_id"], is_vouched=is_vouched)
    hamlet = _hamlet(data["unit_id"])
    consent = data["consent"]
    may_keep = consent["answer"] == ConsentAnswer.YES
    personal = {name: data.get(name) for name in PERSONAL}
    household = book.add_home(
        id=data["id"],
        team_id=data["team_id"],
        author_id=actor.id,
        unit_id=hamlet.id,
        code=data.get("code"),
        consent_answer=ConsentAnswer(consent["answer"]),
        consent_text_version=consent["text_version"],
        consent_at=consent["at"],
        consent_collector_id=actor.id,
        registered_at=recorded_at,
        registered_on=civil_date(recorded_at),
        revisions=dict.fromkeys(MERGED, 1),
        revised_by={},
        **(personal if may_keep else dict.fromkeys(PERSONAL)),
    )
    book.add(Residence, household_id=household.id, from_on=ALWAYS, unit_id=hamlet.id)
    details = {"unit": hamlet.id, "team": household.team_id}
    book.add(AuditEntry, **audit.row(actor, "households.register", household.id, details))
    if ledger is None:
        book.write()
    return household, not may_keep and any(personal.values())


def amend(
    actor: Actor,
    data: Mapping[str, Any],
    *,
    op_id: str,
    recorded_at: datetime,
    is_vouched: bool = False,
    ledger: Ledger | None = None,
) -> Amended:
    """Change fields of a home (household.amend's data), each merged against the revision it was based on.

    A field that changed on both sides keeps the server's value and lands in the official's conflict list; only
    a consent taken back wins whatever the base. `unit_id` moves the home on `moved_on` (default: the Vietnamese
    date of `recorded_at`). With `is_vouched` an official answers for the scope. Raises HomeUnseen, HomeNotYours,
    UnknownHamlet.
    """
    book = ledger or Ledger()
    if book.home(data["id"]) is None:
        raise HomeUnseen(data["id"])
    book.write()
    household = db.session.get_one(Household, data["id"])
    check_scope(book.areas(actor), household, is_vouched=is_vouched)
    changes = dict(data["changes"])
    if "unit_id" in changes:
        _hamlet(changes["unit_id"])
    consent = changes.get("consent")
    answer = consent["answer"] if consent else household.consent_answer
    stripped = [
        name for name in PERSONAL if answer != ConsentAnswer.YES and changes.pop(name, None) is not None
    ]
    merge = merging.merge(
        _values(household), household.revisions, changes, _bases(household, actor, data["base"])
    )
    accepted, clashes = dict(merge.accepted), dict(merge.clashes)
    if consent and answer != ConsentAnswer.YES and clashes.pop("consent", None) is not None:
        accepted["consent"] = consent
    if household.consent_answer is not ConsentAnswer.YES and "consent" in clashes:
        stripped += [name for name in PERSONAL if accepted.pop(name, None) is not None]
    moved = _write(household, actor, accepted, data.get("moved_on") or civil_date(recorded_at))
    for name, clash in clashes.items():
        book.add(
            FieldConflict,
            op_id=op_id,
            household_id=household.id,
            field=name,
            kept=_as_text(clash.kept),
            offered=_as_text(clash.offered),
            noticed_at=now(),
        )
    details = {"fields": sorted(accepted), "conflicts": sorted(clashes)} | moved
    audit.note(actor, "households.amend", household.id, details)
    if ledger is None:
        book.write()
    return Amended(household, sorted(clashes), bool(stripped))


def settle(actor: Actor, conflict_id: int, *, take_offered: bool) -> FieldConflict:
    """Settle a conflict: keep the server's value, or take the phone's if consent still allows it.

    Raises NotFound, AlreadySettled.
    """
    conflict = operations.conflict_in_scope_or_404(actor, conflict_id)
    if conflict.settled_at is not None:
        raise AlreadySettled
    lock([conflict.household_id])
    household = db.session.get_one(Household, conflict.household_id, populate_existing=True)
    value: Any = json.loads(conflict.offered) if conflict.offered is not None else None
    take_offered = take_offered and (conflict.field not in PERSONAL or household.has_consented)
    moved: dict[str, Any] = {}
    if take_offered:
        if conflict.field == "consent":
            value["at"] = datetime.fromisoformat(value["at"])
        moved = _write(household, actor, {conflict.field: value}, today())
        announce([household.id])
    conflict.settled_at, conflict.settled_by_id, conflict.took_offered = now(), actor.id, take_offered
    details = {"field": conflict.field, "took_offered": take_offered} | moved
    audit.note(actor, "operations.settle", household.id, details)
    return conflict


def _hamlet(unit_id: str) -> Unit:
    unit = db.session.get(Unit, unit_id)
    if unit is None or unit.kind is not UnitKind.HAMLET:
        raise UnknownHamlet(fields={"unit_id": [UnknownHamlet.message]})
    return unit


def _values(household: Household) -> dict[str, object]:
    return {name: getattr(household, name) for name in ("unit_id", "code", *PERSONAL)} | {
        "consent": {
            "answer": household.consent_answer,
            "text_version": household.consent_text_version,
            "at": household.consent_at,
        }
    }


def _bases(household: Household, actor: Actor, base: Mapping[str, int]) -> dict[str, int]:
    """Return the bases as the server should see them: a device's own run of changes is no news to it."""
    bases = dict(base)
    for name, (device_id, before) in household.revised_by.items():
        if device_id == actor.device_id and base.get(name, 0) >= before:
            bases[name] = household.revisions.get(name, 0)
    return bases


def _write(household: Household, actor: Actor, accepted: Mapping[str, Any], moved_on: date) -> dict[str, Any]:
    """Write accepted values; return what the trail must tell of a move (`queries/known.py` reads it backwards)."""
    moved: dict[str, Any] = {}
    revisions, revised_by = dict(household.revisions), dict(household.revised_by)
    for name, value in accepted.items():
        before = revisions.get(name, 0)
        revisions[name] = before + 1
        if revised_by.get(name, [None])[0] != actor.device_id or actor.device_id is None:
            revised_by[name] = [actor.device_id, before]
        if name == "consent":
            household.consent_answer = ConsentAnswer(value["answer"])
            household.consent_text_version = value["text_version"]
            household.consent_at = value["at"]
            household.consent_collector_id = str(actor.id)
        elif name == "unit_id":
            moved = {"moved": {"on": moved_on.isoformat(), "before": _move(household, value, moved_on)}}
        else:
            setattr(household, name, value)
    household.revisions, household.revised_by = revisions, revised_by
    db.session.flush()
    if "consent" in accepted and not household.has_consented:
        _forget(household)
    return moved


def _move(household: Household, unit_id: str, moved_on: date) -> str | None:
    """Let the home live in another hamlet from a date on; it lives today where the latest residence says.

    Return the hamlet that a residence from that very date named before, if there was one.
    """
    residence = db.session.get(Residence, (household.id, moved_on))
    before = residence.unit_id if residence is not None else None
    if residence is None:
        db.session.add(Residence(household_id=household.id, from_on=moved_on, unit_id=unit_id))
    else:
        residence.unit_id = unit_id
    db.session.flush()
    latest = (
        select(Residence)
        .where(Residence.household_id == household.id)
        .order_by(Residence.from_on.desc())
        .limit(1)
    )
    household.unit_id = db.session.scalars(latest).one().unit_id
    return before


def _forget(household: Household) -> None:
    """Remove what is personal once consent is taken back: fields, labels, notes, and what phones sent of them.

    The counts stay. Bodies of operations keep their hash, so that a repetition is still known as one.
    """
    for name in PERSONAL:
        setattr(household, name, None)
    db.session.execute(update(Member).where(Member.household_id == household.id).values(label=None))
    db.session.execute(update(Visit).where(Visit.household_id == household.id).values(note=None))
    wiped = update(FieldConflict).where(
        FieldConflict.household_id == household.id, FieldConflict.field.in_(PERSONAL)
    )
    db.session.execute(wiped.values(kept=None, offered=None))
    for row in operations.of_household(household.id):
        row.body = canonical(without_personal(json.loads(row.body), *FREE_TEXT))
    db.session.flush()


def _as_text(value: object) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, default=str)


_PLACES = Prepared(
    select(Household.id, Household.unit_id, Household.team_id, FeedEntry.team_id)
    .outerjoin(FeedEntry, (FeedEntry.household_id == Household.id) & ~FeedEntry.is_evicted)
    .where(Household.id.in_(bindparam("ids", expanding=True)))
)
_HEADS = Prepared(
    select(Team.id, Team.feed_head)
    .where(Team.id.in_(bindparam("ids", expanding=True)))
    .order_by(Team.id)
    .with_for_update(key_share=True)  # new homes and visits refer to the team meanwhile
)
_FEED = Insertion(
    db.metadata.tables[FeedEntry.__tablename__],
    ["team_id", "household_id", "seq", "is_evicted"],
    on_conflict=["team_id", "household_id"],
)
_TEAMS = db.metadata.tables[Team.__tablename__]
_ADVANCE = Prepared(
    _TEAMS.update().where(_TEAMS.c.id == bindparam("team_id")).values(feed_head=bindparam("head"))
)


def announce(household_ids: Collection[str]) -> None:
    """Put homes at the head of the feed of every team that has, or had, them in scope; the latter evict them.

    No change of its own to audit. Sequences are given under a lock of the team's row, taken in order of id, so
    that they commit in order.
    """
    if not household_ids:
        return
    homes = _PLACES.rows(ids=list(household_ids))
    over = scope.teams_over({unit_id for _, unit_id, _, _ in homes})
    wanted = {
        (each_id, home_id) for home_id, unit_id, team_id, _ in homes for each_id in over[unit_id] | {team_id}
    }
    gone = {(told_id, home_id) for home_id, _, _, told_id in homes if told_id is not None} - wanted
    _tell(dict.fromkeys(wanted, False) | dict.fromkeys(gone, True))


def bring_in_line(team: Team) -> None:
    """Let a team's feed hold the homes in its scope today and evict the others; borders change by date.

    No change of its own to audit.
    """
    area = scope.area(team)
    is_wanted = or_(Household.unit_id.in_(area), Household.team_id == team.id)
    wanted = set(db.session.scalars(select(Household.id).where(is_wanted)))
    columns = (FeedEntry.household_id, FeedEntry.is_evicted)
    told = dict(db.session.execute(select(*columns).where(FeedEntry.team_id == team.id)).all())
    news = {(team.id, each): each not in wanted for each in wanted | set(told)}
    _tell({pair: is_evicted for pair, is_evicted in news.items() if told.get(pair[1]) is not is_evicted})
    team.area_digest = scope.area_digest(area)
    db.session.flush()


def _tell(news: Mapping[tuple[str, str], bool]) -> None:
    """Write `(team, household): is_evicted` at the heads of the teams' feeds."""
    if not news:
        return
    heads: dict[str, int] = dict(_HEADS.rows(ids=sorted({team_id for team_id, _ in news})))
    rows: list[dict[str, Any]] = []
    for (team_id, household_id), is_evicted in sorted(news.items()):
        heads[team_id] += 1
        pair = {"team_id": team_id, "household_id": household_id}
        rows.append({**pair, "seq": heads[team_id], "is_evicted": is_evicted})
    _FEED.run(rows)
    _ADVANCE.run([{"team_id": team_id, "head": head} for team_id, head in heads.items()])
    for team_id in heads:
        known = db.session.identity_map.get(identity_key(Team, team_id))
        if known is not None:
            db.session.expire(known, ["feed_head"])
