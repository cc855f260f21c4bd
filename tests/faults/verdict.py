"""The verdict on a run: what phones have shown as saved against what the server keeps, operation by operation."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from app.core.crypto import keyring
from app.core.database import db
from app.models.households import Household
from app.models.operations import FieldConflict, Operation
from app.models.sync import Device
from app.models.visits import Observation, Visit
from app.queries import rollups
from app.queries.sync import epoch
from app.rules.operations import canonical, content_hash
from app.rules.vocabulary import OperationOutcome
from tests.faults.journal import Kept
from tests.faults.phone import Cache, Phone
from tests.faults.world import World

TAKEN_IN = (OperationOutcome.STORED, OperationOutcome.CONFLICT)


@dataclass(slots=True)
class Verdict:
    """`lost` and `duplicated` are the promise; `problems` is anything else that is not as it must be."""

    saved: int = 0
    on_server: int = 0
    on_phone: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def is_kept(self) -> bool:
        """Say whether the promise was kept and all else is in order."""
        return not (self.lost or self.duplicated or self.problems)


def judge(world: World, *, unsent: int = 0) -> Verdict:
    """Compare phones and server after a run. `unsent` is how many are meant to be still on phones."""
    verdict = Verdict()
    with world.rows():
        saved = [(phone, kept) for phone in world.phones for kept in phone.journal.kept.values()]
        verdict.saved = len(saved)
        rows = {row.op_id: row for row in db.session.execute(select(Operation.__table__))}
        _compare_operations(saved, rows, verdict)
        _compare_domain([kept for _, kept in saved], rows, verdict)
        verdict.problems += _receipt_problems(world.phones, rows)
        verdict.problems += _counting_problems()
        verdict.problems += _waiting_problems()
        verdict.problems += [f"rollups: {line}" for line in rollups.differences()]
        verdict.on_server = len(rows)
        verdict.outcomes.update(str(row.outcome) for row in rows.values())
    if verdict.on_phone != unsent:
        verdict.problems.append(f"{verdict.on_phone} operations still on phones, not {unsent}")
    verdict.problems += _feed_problems(world.phones)
    doctor = world.app.test_cli_runner().invoke(args=["doctor"])
    if doctor.exit_code:
        verdict.problems.append(f"doctor: {doctor.output} {doctor.exception!r}")
    return verdict


def _compare_operations(saved: list[tuple[Phone, Kept]], rows: dict[str, Any], verdict: Verdict) -> None:
    present = epoch()
    for phone, kept in saved:
        op_id = kept.made["op_id"]
        row = rows.get(op_id)
        if row is None:
            if kept.is_waiting_to_go(present):
                verdict.on_phone += 1
            else:
                verdict.lost.append(f"{op_id}: {phone.name} holds {kept.answer}, the server nothing")
        elif (row.author_id, row.device_id) != (kept.author_id, phone.journal.device_id):
            verdict.lost.append(f"{op_id}: kept as another's")
        elif row.hash != content_hash(canonical(kept.as_sent())):
            verdict.lost.append(f"{op_id}: kept with other content")
    verdict.problems += [
        f"{op_id}: taken for poison"
        for op_id, row in rows.items()
        if row.code == "op.failed" and row.settlement is None
    ]
    known = {kept.made["op_id"] for _, kept in saved}
    verdict.duplicated += [f"{op_id}: {rows[op_id].code}, saved by nobody" for op_id in rows.keys() - known]


def _compare_domain(saved: list[Kept], rows: dict[str, Any], verdict: Verdict) -> None:
    """Compare homes and visits with the operations that were taken in: each exactly once, and no others."""
    taken: dict[str, list[Kept]] = defaultdict(list)
    for kept in saved:
        row = rows.get(kept.made["op_id"])
        if row is not None and row.outcome in TAKEN_IN and not kept.cancelled_at:
            taken[kept.made["type"]].append(kept)
    visits = {kept.made["data"]["id"]: kept for kept in taken["visit.record"]}
    homes = {kept.made["data"]["id"]: kept for kept in taken["household.register"]}
    found = {row.id: row for row in db.session.execute(select(Visit.id, Visit.author_id, Visit.withdrawn_at))}
    columns = (Household.id, Household.author_id, Household.revisions)
    lived = {row.id: row for row in db.session.execute(select(*columns))}
    for expected, actual in ((visits, found), (homes, lived)):
        verdict.lost += [f"{each}: taken in, but there is no row" for each in expected.keys() - actual.keys()]
        verdict.duplicated += [
            f"{each}: a row that no operation tells of" for each in actual.keys() - expected.keys()
        ]
        verdict.problems += [
            f"{each}: written under another author"
            for each, kept in expected.items()
            if each in actual and actual[each].author_id != kept.author_id
        ]
    seen = Counter(
        dict(
            db.session.execute(
                select(Observation.visit_id, func.count()).group_by(Observation.visit_id)
            ).all()
        )
    )
    verdict.problems += [
        f"{each}: {seen[each]} people seen, not as sent"
        for each, kept in visits.items()
        if seen[each] != len(kept.made["data"].get("members", ()))
    ]
    withdrawn = {kept.made["data"]["id"] for kept in taken["visit.withdraw"]}
    if withdrawn != {each for each, row in found.items() if row.withdrawn_at}:
        verdict.problems.append("other visits are withdrawn than were taken back")
    verdict.problems += _amendment_problems(taken["household.amend"], rows, lived)


def _amendment_problems(amended: list[Kept], rows: dict[str, Any], homes: dict[str, Any]) -> Iterator[str]:
    """Each amendment counts once: as a revision of its field, or as a conflict that is kept for the official."""
    written: Counter[str] = Counter()
    for kept in amended:
        data = kept.made["data"]
        if "code" in data["changes"] and rows[kept.made["op_id"]].outcome is OperationOutcome.STORED:
            written[data["id"]] += 1
    for home_id, home in homes.items():
        if home.revisions["code"] != 1 + written[home_id]:
            yield f"{home_id}: revision {home.revisions['code']} after {written[home_id]} changes of its code"
    kept_for_official = set(db.session.scalars(select(FieldConflict.op_id)))
    clashed = {op_id for op_id, row in rows.items() if row.outcome is OperationOutcome.CONFLICT}
    if kept_for_official != clashed:
        yield "conflicts answered and conflicts kept for the official differ"


def _receipt_problems(phones: list[Phone], rows: dict[str, Any]) -> Iterator[str]:
    present = epoch()
    numbers: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in rows.values():
        numbers[row.author_id, row.device_id].append(row.receipt_seq)
    heads = {
        (row.user_id, row.id): row.receipt_head
        for row in db.session.execute(select(Device.user_id, Device.id, Device.receipt_head))
    }
    for whose, given in numbers.items():
        if sorted(given) != list(range(1, len(given) + 1)) or heads[whose] != len(given):
            yield f"the receipts of {whose} have gaps: {len(given)} up to {max(given)}, head {heads[whose]}"
    for phone in phones:
        answered: Counter[str] = Counter()
        for kept in phone.journal.kept.values():
            row = rows.get(kept.made["op_id"])
            if row is None or kept.answer is None or kept.answer["epoch"] != present:
                continue
            answered[kept.author_id] += 1
            held = kept.answer["receipt"]
            signed = f"{row.op_id}:{row.author_id}:{row.device_id}:{row.receipt_seq}:{row.hash}"
            if not keyring().is_signed("receipt", signed, held["hmac"]) or held["seq"] != row.receipt_seq:
                yield f"{row.op_id}: the phone's receipt is not the server's"
        for author_id, count in answered.items():
            if count != len(numbers[author_id, phone.journal.device_id]):
                yield f"{phone.name} counts {count}, the server other than that"


def _counting_problems() -> Iterator[str]:
    families: dict[str, list[Visit]] = defaultdict(list)
    for visit in db.session.scalars(select(Visit)):
        families[visit.family_id].append(visit)
    for family_id, family in families.items():
        standing = [visit for visit in family if visit.is_standing]
        last = max(standing, key=lambda visit: (visit.recorded_at, visit.id), default=None)
        if [visit for visit in family if visit.is_counting] != ([last] if last else []):
            yield f"{family_id}: another visit counts than the last standing one"


def _waiting_problems() -> Iterator[str]:
    """What waits for a home or visit that is there was forgotten."""
    there = select(Visit.id).union(select(Household.id))
    forgotten = select(Operation.op_id).where(
        Operation.outcome == OperationOutcome.DEFERRED, Operation.waits_for.in_(there)
    )
    for op_id in db.session.scalars(forgotten):
        yield f"{op_id}: waits for something that has come"


def _feed_problems(phones: list[Phone]) -> Iterator[str]:
    """What a phone was told bit by bit must be what a new phone would be told at once."""
    for phone in phones:
        if phone.problem is not None:
            continue
        told = phone.cache
        phone.cache = Cache(owner=phone.person.id, epoch=told.epoch)
        phone.pull_all()
        if phone.cache.homes != told.homes:
            differing = {
                each
                for each in told.homes.keys() | phone.cache.homes.keys()
                if told.homes.get(each) != phone.cache.homes.get(each)
            }
            yield f"{phone.name} was not told of {len(differing)} homes as they stand"
