"""What a phone is told: the feed of its teams since a cursor.

The cursor is signed JSON: the epoch, and for each team the last sequence told with a digest of the team
item told, so that an unchanged team is not told again. Clock times are never cursors.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, func, or_, select

from app.core import errors
from app.core.clock import rfc3339, today
from app.core.crypto import keyring
from app.core.database import db
from app.core.statements import Prepared
from app.models.households import Household
from app.models.sync import Device, Epoch, FeedEntry
from app.models.teams import Team
from app.models.units import Unit
from app.queries import scope, teams, units, visits
from app.queries.scope import TeamArea
from app.rules.consent import TEXTS
from app.rules.permissions import Actor
from app.rules.vocabulary import TeamKind, UnitKind


class BadCursor(errors.Invalid):
    """The cursor is not one of ours."""

    code = "sync.bad_cursor"
    message = errors.message("This place in the list is not known. Start from the beginning.")


@dataclass(slots=True)
class Cursor:
    """How far a phone has been told: `seen[team_id]` is (sequence, digest of the team item)."""

    epoch: str
    seen: dict[str, tuple[int, str]] = field(default_factory=dict)

    def write(self) -> str:
        """Return the opaque, signed form."""
        text = json.dumps([self.epoch, self.seen], separators=(",", ":"))
        body = base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
        return f"{body}.{keyring().sign('cursor', body)}"

    @classmethod
    def read(cls, written: str) -> "Cursor":
        """Read what `write` made; raises BadCursor."""
        body, _, signature = written.partition(".")
        if not written.isascii() or not keyring().is_signed("cursor", body, signature):
            raise BadCursor
        try:
            epoch, seen = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        except (binascii.Error, ValueError) as error:
            raise BadCursor from error
        return cls(epoch, {team_id: (seq, digest) for team_id, (seq, digest) in seen.items()})


@dataclass(frozen=True, slots=True)
class Page:
    """One answer to a pull; `left` is how many homes the pages after it will tell."""

    epoch: str
    cursor: str
    more: bool
    left: int
    items: list[dict[str, Any]]


def device_secret(actor: Actor) -> str:
    """Return the secret by which records prove that they come from the actor's device."""
    return db.session.get_one(Device, (actor.device_id, actor.id)).secret


def epoch() -> str:
    """Return the id of the database's present epoch."""
    return str(_EPOCH.rows()[0][0])


_EPOCH = Prepared(select(Epoch.id).order_by(Epoch.number.desc()).limit(1))


def is_ahead(mine: Sequence[TeamArea], cursor: Cursor | None) -> bool:
    """Say whether a cursor of this epoch knows more than the server: it was rolled back without anyone's word."""
    if cursor is None:
        return False
    is_further = any(cursor.seen.get(each.team.id, (0, ""))[0] > each.team.feed_head for each in mine)
    return is_further and cursor.epoch == epoch()


def out_of_line(mine: Sequence[TeamArea]) -> list[Team]:
    """Return the teams whose area is no longer the one their feed was brought in line with."""
    return [each.team for each in mine if scope.area_digest(each.hamlet_ids) != each.team.area_digest]


def changes(actor: Actor, mine: Sequence[TeamArea], cursor: Cursor | None, limit: int) -> Page:
    """Return what the actor's teams (`mine`) have to be told since a cursor, at most `limit` homes.

    A cursor of an earlier epoch starts again from the beginning.
    """
    present = epoch()
    if cursor is None or cursor.epoch != present:
        cursor = Cursor(present)
    items = _gone(actor, mine, cursor)
    told = Cursor(present)
    entries: list[FeedEntry] = []
    more = False
    for each in mine:
        since, digest = cursor.seen.get(each.team.id, (0, ""))
        item = _team(each)
        fresh = _digest(item)
        if fresh != digest:
            items.append(item)
        room = limit - len(entries)
        found = _entries(each.team.id, since, room + 1)
        more = more or len(found) > room
        entries += found[:room]
        told.seen[each.team.id] = (found[:room][-1].seq if found[:room] else since, fresh)
    items += _homes(actor, entries)
    return Page(present, told.write(), more, _left(told) if more else 0, items)


def _left(told: Cursor) -> int:
    """Count the homes that lie behind a cursor; those of two teams twice, as they are told twice."""
    behind = [
        (FeedEntry.team_id == team_id) & (FeedEntry.seq > seq) for team_id, (seq, _) in told.seen.items()
    ]
    return db.session.scalar(select(func.count()).select_from(FeedEntry).where(or_(*behind))) or 0


def _entries(team_id: str, since: int, limit: int) -> list[FeedEntry]:
    return list(db.session.scalars(_ENTRIES, {"team_id": team_id, "since": since, "limit": limit}))


_ENTRIES = (
    select(FeedEntry)
    .where(FeedEntry.team_id == bindparam("team_id"), FeedEntry.seq > bindparam("since"))
    .order_by(FeedEntry.seq)
    .limit(bindparam("limit"))
)


def _gone(actor: Actor, mine: Sequence[TeamArea], cursor: Cursor) -> list[dict[str, Any]]:
    """Evict the homes of teams that the actor has left."""
    left = set(cursor.seen) - {each.team.id for each in mine}
    if not left:
        return []
    kept = select(Household.id).where(scope.households(actor))
    query = select(FeedEntry.household_id).where(
        FeedEntry.team_id.in_(left), FeedEntry.household_id.not_in(kept)
    )
    return [{"kind": "evict", "id": household_id} for household_id in db.session.scalars(query.distinct())]


def _homes(actor: Actor, entries: Iterable[FeedEntry]) -> list[dict[str, Any]]:
    ids = list(dict.fromkeys(entry.household_id for entry in entries))
    if not ids:
        return []
    query = select(Household).where(Household.id.in_(ids), scope.households(actor))
    homes = {home.id: home for home in db.session.scalars(query)}
    lasts = visits.last_of(list(homes))
    items: list[dict[str, Any]] = []
    for household_id in ids:
        home = homes.get(household_id)
        if home is None:
            items.append({"kind": "evict", "id": household_id})
            continue
        last, interviewed = lasts[household_id]
        items.append(
            {
                "kind": "household",
                **_household(home),
                "last_visit": last.as_recorded() if last else None,
                "last_interview": interviewed.as_recorded()
                if interviewed and interviewed is not last
                else None,
            }
        )
    return items


def _household(home: Household) -> dict[str, Any]:
    return {
        "id": home.id,
        "team_id": home.team_id,
        "unit_id": home.unit_id,
        "code": home.code,
        "address": home.address,
        "head_name": home.head_name,
        "phone": home.phone,
        "consent": {
            "answer": home.consent_answer,
            "text_version": home.consent_text_version,
            "at": rfc3339(home.consent_at),
        },
        "revisions": home.revisions,
    }


def _team(each: TeamArea) -> dict[str, Any]:
    team = each.team
    return {
        "kind": "team",
        "id": team.id,
        "name": team.name,
        "team_kind": team.kind,
        "unit_id": team.unit_id,
        "hamlets": _hamlets(each),
        "colleagues": [{"id": user.id, "name": user.name} for user in teams.colleagues(team.id)],
        "consent_texts": TEXTS,
    }


def _hamlets(each: TeamArea) -> list[dict[str, Any]]:
    """Return where the team may register homes: its area, or for a school or enterprise its commune's hamlets."""
    on = today()
    if each.team.kind in (TeamKind.HAMLET, TeamKind.COMMUNE):
        ids = each.hamlet_ids
    else:
        unit = db.session.get_one(Unit, each.team.unit_id)
        ids = frozenset(units.hamlets_of(unit.id, on) if unit.kind is UnitKind.COMMUNE else (unit.id,))
    return [{"id": unit.id, "code": unit.code, "name": name} for unit, name in units.named(ids, on)]


def _digest(item: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(item, sort_keys=True).encode()).hexdigest()[:12]
