"""How the phones of a commune's volunteers are doing: last heard of, what came, what waits, what is missing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import distinct, func, select

from app.core.database import db
from app.models.audit import AuditEntry
from app.models.operations import Operation
from app.models.sync import Device
from app.queries import users
from app.queries.operations import is_waiting
from app.rules.operations import gaps
from app.rules.permissions import Actor


@dataclass(frozen=True, slots=True)
class PhoneHealth:
    """One phone in one volunteer's hands.

    `received` counts the volunteer's records from it, `waiting` those of them in quarantine. `missing` are the
    numbers, as (first, last), that this phone gave to records of anybody's and the server never saw: they are
    still on their way, or the browser lost them. `refused` is the code of the latest push if that was turned away.
    """

    user_name: str
    team_name: str
    device_name: str
    seen_at: datetime
    received: int
    received_at: datetime | None
    waiting: int
    missing: list[tuple[int, int]]
    refused: str | None

    @property
    def missing_count(self) -> int:
        """Return how many numbers are missing."""
        return sum(last - first + 1 for first, last in self.missing)


def phones(actor: Actor) -> list[PhoneHealth]:
    """Return the phones of the official's volunteers, by given name, each person's latest first."""
    people = {user.id: (user.name, team) for user, team in users.volunteers(actor)}
    devices = db.session.scalars(
        select(Device).where(Device.user_id.in_(people)).order_by(Device.seen_at.desc())
    ).all()
    device_ids = {each.id for each in devices}
    received, missing, refused = _received(device_ids), _missing(device_ids), _refused(device_ids)
    places = {user_id: place for place, user_id in enumerate(people)}
    found = []
    for each in sorted(devices, key=lambda each: places[each.user_id]):
        count, last_at, waiting = received.get((each.id, each.user_id), (0, None, 0))
        user_name, team_name = people[each.user_id]
        found.append(
            PhoneHealth(
                user_name,
                team_name,
                each.name,
                each.seen_at,
                count,
                last_at,
                waiting,
                missing.get(each.id, []),
                refused.get((each.id, each.user_id)),
            )
        )
    return found


def _received(device_ids: Collection[str]) -> dict[tuple[str, str], tuple[int, datetime | None, int]]:
    query = (
        select(
            Operation.device_id,
            Operation.author_id,
            func.count(),
            func.max(Operation.received_at),
            func.count().filter(is_waiting()),
        )
        .where(Operation.device_id.in_(device_ids))
        .group_by(Operation.device_id, Operation.author_id)
    )
    return {
        (device_id, author_id): (count, last_at, waiting)
        for device_id, author_id, count, last_at, waiting in db.session.execute(query)
    }


def _missing(device_ids: Collection[str]) -> dict[str, list[tuple[int, int]]]:
    """Return the missing numbers of each phone that has any. Numbers go on from one user to the next."""
    seq = Operation.device_seq
    is_numbered = Operation.device_id.in_(device_ids) & (seq > 0)
    short = (
        select(Operation.device_id)
        .where(is_numbered)
        .group_by(Operation.device_id)
        .having(func.count(distinct(seq)) < func.max(seq))
    )
    seen: dict[str, set[int]] = {}
    query = select(Operation.device_id, seq).where(is_numbered, Operation.device_id.in_(short))
    for device_id, number in db.session.execute(query):
        seen.setdefault(device_id, set()).add(number or 0)
    return {device_id: gaps(numbers) for device_id, numbers in seen.items()}


def _refused(device_ids: Collection[str]) -> dict[tuple[str, str], str]:
    """Return the code of the latest push of each phone and user, where that was turned away."""
    latest = (
        select(func.max(AuditEntry.id))
        .where(AuditEntry.subject_id.in_(device_ids), AuditEntry.action == "sync.push")
        .group_by(AuditEntry.subject_id, AuditEntry.actor_id)
    )
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.id.in_(latest)))
    return {
        (each.subject_id or "", each.actor_id or ""): each.details["refused"]
        for each in entries
        if each.details.get("refused")
    }
