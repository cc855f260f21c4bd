"""Everything that goes wrong, one function each. Each leaves a world in which all is well again, to be judged."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.core.clock import today
from app.core.database import db
from app.models.operations import Operation
from app.models.teams import Membership
from app.models.users import User
from app.rules.permissions import Actor
from app.rules.vocabulary import Role
from app.schemas import operations as wire
from app.services import operations
from tests.faults import mischief
from tests.faults.databases import SmallDisk
from tests.faults.network import Weather
from tests.faults.phone import Person, Phone
from tests.faults.sealed import rescue_file
from tests.faults.verdict import Verdict, judge
from tests.faults.world import World

STORM = Weather(
    lost_before=0.06, lost_answer=0.08, cut_answer=0.04, cut_request=0.04, doubled=0.06, late=0.06, slow=0.02
)
BOTH = frozenset({"sqlite", "postgresql"})


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of mishap: `play` makes it happen in a world and gives the verdict."""

    name: str
    title: str
    play: Callable[[World], Verdict]
    databases: frozenset[str] = BOTH
    small_disk: int = 0
    """MiB of a disk that the database lies on and that fills up; 0 for an ordinary one."""


SCENARIOS: list[Scenario] = []


def scenario(
    title: str, **details: Any
) -> Callable[[Callable[[World], Verdict]], Callable[[World], Verdict]]:
    """Put a function on the list."""

    def register(play: Callable[[World], Verdict]) -> Callable[[World], Verdict]:
        SCENARIOS.append(Scenario(play.__name__, title, play, **details))
        return play

    return register


# --- the server dies ------------------------------------------------------------------------------------------


@scenario("workers killed (-9) while they commit")
def workers_killed(world: World) -> Verdict:
    world.give_phones()
    with world.at_work() as anyone:
        kills = world.kill_at_random(anyone, lambda: world.server.kill_worker(world.chance))
    assert kills, "nobody was killed"
    world.settle()
    return judge(world)


@scenario("master and workers killed (-9), orphans still serving")
def master_killed(world: World) -> Verdict:
    world.give_phones()

    def kill() -> None:
        world.server.kill(orphans_live=world.chance.choice((0.0, 0.05, 0.2)))
        world.server.start()

    with world.at_work() as anyone:
        kills = world.kill_at_random(anyone, kill)
    assert kills, "nobody was killed"
    world.settle()
    return judge(world)


@scenario("a process of PostgreSQL killed (-9), which then recovers", databases=frozenset({"postgresql"}))
def database_killed(world: World) -> Verdict:
    world.give_phones()
    with world.at_work() as anyone:
        kills = world.kill_at_random(anyone, lambda: mischief.kill_backend(world))
    assert kills, "nobody was killed"
    mischief.wait_for_postgres(world)
    world.let_go()
    world.settle()
    return judge(world)


@scenario("disk full on the server, then tidied up", small_disk=48)
def disk_full(world: World) -> Verdict:
    disk = SmallDisk(world.folder / "disk")
    world.give_phones()
    world.work(operations=world.operations // 3)
    ballast = disk.fill(leaving=256 * 1024)
    world.work(operations=world.operations // 3)
    refused = [phone.name for phone in world.phones if phone.problem]
    assert refused, "the disk never filled up"
    world.network.mishaps["disk full"] += len(refused)
    ballast.unlink()
    disk.grow()
    world.work(operations=world.operations // 3)
    world.settle()
    return judge(world)


# --- the network ----------------------------------------------------------------------------------------------


@scenario("answers lost after commit, or cut off")
def answers_lost(world: World) -> Verdict:
    world.give_phones()
    world.work(Weather(lost_answer=0.35, cut_answer=0.2))
    world.settle()
    return judge(world)


@scenario("requests doubled, late, cut off, slow; queue shuffled")
def disorder(world: World) -> Verdict:
    for phone in world.give_phones():
        phone.shuffles = True
    world.work(Weather(doubled=0.25, late=0.25, cut_request=0.1, slow=0.05))
    world.settle()
    return judge(world)


@scenario("30 % loss with long round trips")
def bad_network(world: World) -> Verdict:
    world.give_phones(patience=0.6)
    world.work(Weather(lost_before=0.15, lost_answer=0.15, round_trip=0.4))
    for phone in world.phones:
        phone.patience = 30.0
    world.settle()
    return judge(world)


@scenario("storm: all mishaps of the network at once, workers killed as well")
def storm(world: World) -> Verdict:
    world.give_phones()
    with world.at_work(STORM, crashes=0.15) as anyone:
        world.kill_at_random(anyone, lambda: world.server.kill_worker(world.chance))
    world.settle()
    return judge(world)


# --- time -----------------------------------------------------------------------------------------------------


@scenario("clocks three days off, and running backwards")
def wrong_clocks(world: World) -> Verdict:
    began = datetime.now(UTC)
    clocks: tuple[Callable[[], datetime], ...] = (
        lambda: datetime.now(UTC) + timedelta(days=3),
        lambda: datetime.now(UTC) - timedelta(days=3),
        lambda: began - 60 * (datetime.now(UTC) - began),
    )
    for number, person in enumerate(world.town.volunteers):
        world.give_phone(person, clock=clocks[number % 3])
    world.work(STORM)
    world.settle()
    return judge(world)


@scenario("yesterday's backup restored while phones work")
def backup_restored(world: World) -> Verdict:
    world.give_phones()
    world.work(operations=world.operations // 3)
    backup = world.folder / "backup.zip"
    with world.at_work(operations=world.operations // 3):
        world.server.flask("backup", str(backup))
    with world.at_work(operations=world.operations // 3):
        world.server.flask("restore", str(backup))
    world.network.mishaps["restored"] += 1
    world.settle()
    return judge(world)


@scenario("an old copy of the database put back without telling anyone")
def rolled_back(world: World) -> Verdict:
    world.give_phones()
    world.work(operations=world.operations // 3)
    world.server.stop()
    world.let_go()
    earlier = world.database.copy()
    world.server.start()
    world.work(STORM, operations=world.operations // 3)
    world.settle()
    world.server.stop()
    world.let_go()
    world.database.put_back(earlier)
    earlier.drop()
    world.network.mishaps["rolled back"] += 1
    world.server.start()
    world.work(operations=world.operations // 3)
    world.settle()
    return judge(world)


# --- people and borders ---------------------------------------------------------------------------------------


@scenario("moved, disabled and re-teamed, each with 50 unsent records")
def people_change(world: World) -> Verdict:
    phones = world.give_phones()
    world.work(operations=world.operations // 2)
    world.settle()
    moved, disabled, back, rescued = phones[:4]
    for phone in (moved, disabled, back, rescued):
        world.days[phone.name].work(50)
    with world.rows():
        yesterday = today() - timedelta(days=1)
        for phone in (moved, back):
            membership = db.session.get_one(Membership, (phone.person.team_id, phone.person.id))
            membership.left_on = yesterday
        other = phones[1].person.team_id
        db.session.add(Membership(team_id=other, user_id=moved.person.id, joined_on=today()))
        for phone in (disabled, rescued):
            db.session.get_one(User, phone.person.id).is_active = False
    for phone in (moved, disabled, back, rescued):
        phone.sync()
    assert moved.problem is None
    assert not moved.outgoing()
    assert str(disabled.problem).startswith("401")
    assert disabled.outgoing()
    file = rescue_file(rescued, rescued.person.id)
    for _ in range(2):  # twice changes nothing
        phones[5].call("POST", "sync/rescue", file)
    with world.rows():
        db.session.get_one(Membership, (back.person.team_id, back.person.id)).left_on = None
        db.session.get_one(User, rescued.person.id).is_active = True
    world.days[back.name].work(50)
    world.work(STORM, phones=phones[4:], operations=world.operations // 2)
    world.settle(but=[disabled])
    return judge(world, unsent=len(disabled.outgoing()))


@scenario("a commune merged while phones are offline")
def commune_merged(world: World) -> Verdict:
    phones = world.give_phones()
    world.work(operations=world.operations // 3)
    for phone in phones:
        world.days[phone.name].work(20)
    mischief.merge_commune(world)
    world.work(STORM, operations=world.operations // 3)
    world.settle()
    return judge(world)


@scenario("two volunteers at the same homes at the same time")
def same_homes(world: World) -> Verdict:
    team = world.town.volunteers[0].team_id
    colleagues = [person for person in world.town.volunteers if person.team_id == team]
    phones = [world.give_phone(person) for person in colleagues]
    first, others = phones[0], phones[1:]
    homes = [world.days[first.name].register()["data"]["id"] for _ in range(8)]
    for phone in [first, *others]:
        assert phone.sync()
    rounds = max(1, world.operations // (len(phones) * len(homes) * 2))
    for _ in range(rounds):
        for phone in phones:
            for home in homes:
                world.days[phone.name].amend(home)
                world.days[phone.name].visit(home)
        world.work(STORM, operations=len(phones))
    world.settle()
    verdict = judge(world)
    if not verdict.outcomes["conflict"]:
        verdict.problems.append("nobody was in anybody's way")
    return verdict


# --- records and devices --------------------------------------------------------------------------------------


@scenario("one poisonous record among 500")
def poison(world: World) -> Verdict:
    phone = world.give_phone(world.town.volunteers[0])
    phone.size = 100
    day = world.days[phone.name]
    for _ in range(max(1, world.operations // 500)):
        day.work(250)
        victim = day.visit(day.register()["data"]["id"])
        day.work(248)
        mischief.poison(world, victim["data"]["id"])
        assert phone.sync_until_quiet(240)
        mischief.heal(world)
        answer = phone.journal.kept[victim["op_id"]].answer
        assert answer is not None
        assert (answer["outcome"], answer["code"]) == ("invalid", "op.failed")
        with world.rows():
            failed = select(Operation.op_id).where(Operation.code == "op.failed")
            assert db.session.scalars(failed).all() == [victim["op_id"]]
            official = Actor(world.town.official_id, Role.OFFICIAL, world.town.commune_id)
            operations.take_in(official, victim["op_id"], wire.read)
    world.network.mishaps["poison"] += 1
    world.settle()
    return judge(world)


@scenario("every volunteer with two phones")
def two_devices(world: World) -> Verdict:
    people = world.town.volunteers[: len(world.town.volunteers) // 2]
    for person in people:
        world.give_phone(person)
        world.give_phone(person)
    world.work(STORM)
    world.settle()
    return judge(world)


@scenario("phones handed to other volunteers with unsent records")
def handed_over(world: World) -> Verdict:
    people = world.town.volunteers
    phones = world.give_phones()
    holders = list(people)
    for _ in range(3):
        world.work(STORM, operations=world.operations // 3)
        for phone in phones:
            world.days[phone.name].work(5)
        holders = holders[1:] + holders[:1]
        world.settle(but=phones[1:])  # calm, so that everyone can sign in
        for phone, person in zip(phones, holders, strict=True):
            phone.hand_to(person)
            phone.sign_in()
    for phone in phones:
        _let_everyone_send(phone, people)
    world.settle()
    return judge(world)


def _let_everyone_send(phone: Phone, people: tuple[Person, ...]) -> None:
    waiting = {each.author_id for each in phone.journal.kept.values() if each.answer is None}
    for person in people:
        if person.id in waiting:
            phone.hand_to(person)
            assert phone.sync_until_quiet(240), phone.problem
