"""Taking in unsent work that was saved to a file on one phone and is brought by whoever has the file."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from app.core import sealing
from app.core.clock import now
from app.core.crypto import new_key
from app.core.database import db
from app.models.sync import Device
from app.models.users import User
from app.queries.operations import QUARANTINED
from app.rules.operations import Offered
from app.rules.permissions import Actor
from app.services import audit, households, operations
from app.services.sync.intake import Intake, Result


@dataclass(frozen=True, slots=True)
class Rescued:
    """What became of a file: all that the bringer may know. `known` was here before."""

    count: int
    taken_in: int
    known: int
    quarantined: int


def rescue(
    actor: Actor, *, device_id: str, author_id: str, sealed: Sequence[str], read: operations.Read
) -> Rescued:
    """Take in the sealed records of `author_id`'s device, whoever brings them; doing so twice changes nothing.

    They are judged as the author's only if all of them prove by the device's secret that they come from there.
    Otherwise all of them lie in quarantine; so does, in any case, what cannot be opened.
    """
    device = db.session.get(Device, (device_id, author_id))
    author = db.session.get(User, author_id) if device is not None else None
    if device is None or author is None:
        author_actor, is_proven = actor, False
        _enrol(actor, device_id)
    else:
        author_actor = Actor(id=author.id, role=author.role, unit_id=author.unit_id, device_id=device_id)
        is_proven = all(sealing.is_proven(each, device.secret) for each in sealed)
    opened = [_open(each, read) for each in sealed]
    op_ids = {each.op_id for each in opened if each is not None and each.op_id}
    intake = Intake(author_actor, device_id, schema=1, sent_at=None, op_ids=op_ids)
    results: list[Result] = []
    for text, each in zip(sealed, opened, strict=True):
        if each is None:
            results.append(intake.quarantine(Offered({}), json.dumps({"sealed": text}), "op.unreadable"))
        elif is_proven:
            results.append(intake.keep(each))
        else:
            results.append(intake.quarantine(each, json.dumps(each.raw, ensure_ascii=False), "op.unproven"))
    intake.close()
    households.announce(
        operations.judge(intake.cases, lambda ids: operations.waiting_for(ids, read), singly=True)
    )
    known = sum(result.is_repeated for result in results)
    quarantined = sum(result.row.outcome in QUARANTINED for result in results if not result.is_repeated)
    counts = Rescued(len(results), len(results) - known - quarantined, known, quarantined)
    audit.note(actor, "sync.rescue", device_id, {"count": counts.count, "quarantined": counts.quarantined})
    return counts


def _open(sealed: str, read: operations.Read) -> Offered | None:
    try:
        raw = json.loads(sealing.open_sealed(sealed))
    except (sealing.Unreadable, ValueError, RecursionError):
        return None
    return read(raw) if isinstance(raw, dict) else None


def _enrol(actor: Actor, device_id: str) -> None:
    """Let the bringer answer for a device that the server does not know."""
    if db.session.get(Device, (device_id, actor.id)) is not None:
        return
    db.session.add(
        Device(
            id=device_id,
            user_id=actor.id,
            name="",
            secret=new_key(),
            receipt_head=0,
            created_at=now(),
            seen_at=now(),
        )
    )
    db.session.flush()
