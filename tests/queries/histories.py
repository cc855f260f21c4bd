"""Random histories for the oracle: units redrawn, homes that move, visits corrected, withdrawn and returned.

A history is made from a seed and three sizes, so that a failing one can be made again and is as small as can be.
`store` lets it happen: visits arrive one by one through the services, in any order that corrections allow.
"""

import os
import random
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert

from app.core.database import db
from app.models.baselines import Baseline
from app.models.households import ALWAYS, Household, Residence
from app.models.teams import Team
from app.models.units import Succession, Unit, UnitSpan
from app.models.visits import Visit
from app.rules import naming
from app.rules.permissions import Actor
from app.rules.vocabulary import (
    Account,
    Activity,
    ConsentAnswer,
    Fibre,
    Outcome,
    Phone,
    Role,
    Sex,
    Topic,
    VisitStatus,
)
from app.services import visits
from tests import factories, oracle

EXAMPLES = 2_000 if os.environ.get("LONG") else 120
"""How many histories each property is shown on; `LONG=1` is the long run of docs/figures.md."""
BEGINNING, EVE, REFORM = date(2022, 1, 1), date(2025, 6, 30), date(2025, 7, 1)
SPLIT_DAY = date(2024, 5, 1)
ARRIVAL = datetime(2027, 1, 1, tzinfo=UTC)
DAYS = [SPLIT_DAY, EVE, REFORM, *(date(2023, 11, 1) + timedelta(days=45 * step) for step in range(20))]
OLD, NEW = ["c1", "c2", "c3", "c4"], ["n1", "n2", "c4"]


def make(seed: int, hamlets: int, homes: int, visits: int) -> oracle.World:
    """Make a history of so many hamlets at the beginning, homes and visits."""
    chance = random.Random(seed)
    days = sorted(chance.sample(DAYS, 5))
    world = oracle.World(units={}, successions=[], homes=[], visits=[], teams=[])
    _draw_old_and_new_map(world, chance)
    for number in range(hamlets):
        _add_hamlet(world, chance, f"h{number}")
    _merge_and_split(world, chance)
    places = world.hamlets()
    for _ in range(homes):
        moves = [(ALWAYS, chance.choice(places))]
        moves += [(day, chance.choice(places)) for day in chance.sample(days, chance.choice([0, 0, 1, 2]))]
        world.homes.append(oracle.Home(_uuid(chance), chance.choice(days[:3]), moves))
    for _ in range(visits if homes else 0):
        world.visits.append(_visit(world, chance, days))
    for _ in range(chance.randint(0, 5)):
        kind = chance.choice(["hamlet", "commune", "school"])
        founded, ended = chance.choice(days), chance.choice([None, *days])
        world.teams.append((kind, chance.choice([*places, *OLD, *NEW]), founded, ended))
    for unit in world.units:
        if chance.random() < 0.4:
            counts = [chance.choice([None, chance.randint(0, 30)]) for _ in range(4)]
            row = dict(zip(["households", "population", "population_15_plus", "adults"], counts, strict=True))
            world.baselines[unit, chance.choice([2023, 2024, 2025])] = row
    return world


def _draw_old_and_new_map(world: oracle.World, chance: random.Random) -> None:
    for unit_id, kind, parent, first, last in (
        ("p1", "province", None, BEGINNING, EVE),
        ("p2", "province", None, BEGINNING, None),
        ("d1", "district", "p1", BEGINNING, EVE),
        ("d2", "district", "p1", BEGINNING, EVE),
        ("c1", "commune", "d1", BEGINNING, EVE),
        ("c2", "commune", "d1", BEGINNING, EVE),
        ("c3", "commune", "d2", BEGINNING, EVE),
        ("n1", "commune", "p2", REFORM, None),
        ("n2", "commune", "p2", REFORM, None),
    ):
        world.units[unit_id] = oracle.Unit(unit_id, unit_id[:2], kind, [(first, last, parent)])
    # c4 outlives the reform, and may change districts before it
    spans: list[oracle.Span] = [(BEGINNING, EVE, "d2"), (REFORM, None, "p2")]
    if chance.random() < 0.5:
        before = SPLIT_DAY - timedelta(days=1)
        spans = [(BEGINNING, before, "d1"), (SPLIT_DAY, EVE, "d2"), (REFORM, None, "p2")]
    world.units["c4"] = oracle.Unit("c4", "n1", "commune", spans)
    for old in ("c1", "c2", "c3"):
        if chance.random() < 0.5:
            world.successions.append((old, chance.choice(NEW), REFORM, "whole"))
        else:
            world.successions += [(old, new, REFORM, "part") for new in ("n1", "n2")]


def _add_hamlet(world: oracle.World, chance: random.Random, name: str) -> None:
    spans: list[oracle.Span] = []
    first = chance.choice([BEGINNING, BEGINNING, date(2024, 1, 1)])
    if chance.random() < 0.3 and first < SPLIT_DAY:
        spans.append((first, SPLIT_DAY - timedelta(days=1), chance.choice(OLD)))
        first = SPLIT_DAY
    spans.append((first, EVE, chance.choice(OLD)))
    if chance.random() < 0.6:
        spans.append((REFORM, None, chance.choice(NEW)))
    world.units[name] = oracle.Unit(name, name, "hamlet", spans)


def _merge_and_split(world: oracle.World, chance: random.Random) -> None:
    """Let hamlets that end on the eve of the reform pass on: whole, together, in parts, or not at all."""
    heirs = [unit.id for unit in world.units.values() if unit.kind == "hamlet" and not unit.spans[-1][1]]
    for hamlet in [unit for unit in world.units.values() if unit.kind == "hamlet" and unit.spans[-1][1]]:
        fate = chance.choice(["renamed", "merged", "split", "given up"])
        if fate == "given up":
            continue
        if fate == "merged" and heirs:
            world.successions.append((hamlet.id, chance.choice(heirs), REFORM, "whole"))
            continue
        for number in range(2 if fate == "split" else 1):
            heir = f"{hamlet.id}x{number}"
            world.units[heir] = oracle.Unit(heir, heir, "hamlet", [(REFORM, None, chance.choice(NEW))])
            world.successions.append((hamlet.id, heir, REFORM, "part" if fate == "split" else "whole"))
            heirs.append(heir)


def cut_offs(world: oracle.World) -> list[date]:
    """Return the days on which something changed, and those around which a last visit turns stale."""
    days = {visit.visited_on for visit in world.visits} | {
        move[0] for home in world.homes for move in home.moves[1:]
    }
    days |= {home.registered_on for home in world.homes} | {EVE, REFORM}
    return sorted(days | {day + timedelta(days=90 + more) for day in days for more in (0, 1)})


def _visit(world: oracle.World, chance: random.Random, days: list[date]) -> oracle.Visit:
    corrected = chance.choice(world.visits) if world.visits and chance.random() < 0.35 else None
    # now and then a visit was written down at the wrong home
    home = corrected.home if corrected and chance.random() < 0.8 else chance.choice(world.homes).id
    outcome = chance.choice(["interviewed"] * 5 + ["absent", "refused", "moved"])
    recorded = datetime.combine(chance.choice(days[:2]), datetime.min.time(), UTC)
    made = oracle.Visit(
        _uuid(chance),
        home,
        chance.choice(days),
        recorded + timedelta(hours=chance.choice([1, 1, 1, 20])),
        outcome,
        corrects=corrected.id if corrected else None,
        topics={topic.value: chance.randint(0, 3) for topic in Topic if chance.random() < 0.2},
        is_withdrawn=chance.random() < 0.15,
        is_returned=chance.random() < 0.15,
    )
    if outcome == "interviewed":
        made.fibre = chance.choice([*Fibre, None])
        made.other = chance.choice([True, False, False, None])
        made.members = [_member(chance, number) for number in range(chance.choice([0, 1, 2, 2, 3]))]
    return made


def _member(chance: random.Random, number: int) -> dict:
    turning = chance.choice(
        [5, 15, 18, 25, 35, 45, 55, 57, 60, 62, 65, 100]
    )  # ages at which something changes
    born = chance.choice([None, *[2025 - turning + more for more in (-1, 0, 1)]])
    to = None if born is None else chance.choice([None, None, born, min(2023, born + chance.randint(1, 10))])
    skills = [a.value for a in Activity if chance.random() < chance.choice([0.1, 0.8])]
    return {
        "id": f"m{number}",
        "label": None,
        "sex": chance.choice(list(Sex)).value,
        "birth_year": born,
        "birth_year_to": to,
        "phone": chance.choice([Phone.SMARTPHONE, *Phone]).value,
        "account": chance.choice([Account.YES, *Account]).value,
        "skills": chance.choice([None, skills, skills]),
    }


def _uuid(chance: random.Random) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def store(world: oracle.World, seed: int, between: Callable[[], object] = lambda: None) -> None:
    """Write the history: units, teams, homes and baselines as rows, visits through the services.

    `between` is called after each thing that happens.
    """
    _store_units(world)
    home_team = factories.team(db.session.get_one(Unit, world.hamlets()[0]))
    world.teams.append(("hamlet", home_team.unit_id, home_team.founded_on, home_team.dissolved_on))
    author = factories.user(Role.VOLUNTEER, team=home_team)
    for kind, unit_id, founded, ended in world.teams[:-1]:
        _store_team(kind, unit_id, founded, ended)
    for home in world.homes:
        _store_home(home, home_team.id, author.id)
    if world.baselines:
        rows = [{"unit_id": unit, "year": year} | row for (unit, year), row in world.baselines.items()]
        db.session.execute(insert(Baseline), rows)
    _let_happen(world, Actor(author.id, Role.VOLUNTEER), home_team.id, random.Random(seed), between)


def _store_units(world: oracle.World) -> None:
    units, spans = [], []
    for unit in world.units.values():
        first, last = unit.spans[0][0], unit.spans[-1][1]
        units.append(
            {"id": unit.id, "code": unit.code, "kind": unit.kind, "valid_from": first, "valid_to": last}
        )
        for begin, end, parent in unit.spans:
            names = {"name": unit.id, "sort_key": unit.id}
            spans.append(
                {"unit_id": unit.id, "parent_id": parent, "valid_from": begin, "valid_to": end, **names}
            )
    db.session.execute(insert(Unit), units)
    db.session.execute(insert(UnitSpan), spans)
    facts = [
        {"old_id": old, "new_id": new, "on": on, "part": part} for old, new, on, part in world.successions
    ]
    if facts:
        db.session.execute(insert(Succession), facts)


def _store_team(kind: str, unit_id: str, founded: date, ended: date | None) -> None:
    name = f"{kind} {unit_id}"
    db.session.add(
        Team(
            id=str(uuid.uuid4()),
            kind=kind,
            unit_id=unit_id,
            name=name,
            sort_key=naming.place_key(name),
            decision="1",
            founded_on=founded,
            dissolved_on=ended,
        )
    )


def _store_home(home: oracle.Home, team_id: str, author_id: str) -> None:
    noon = datetime.combine(home.registered_on, datetime.min.time(), UTC) + timedelta(hours=5)
    row = {
        "id": home.id,
        "team_id": team_id,
        "author_id": author_id,
        "unit_id": home.moves[-1][1],
        "consent_answer": ConsentAnswer.NO,
        "consent_text_version": "1",
        "consent_at": noon,
        "consent_collector_id": author_id,
        "registered_at": noon,
        "registered_on": home.registered_on,
        "revisions": {},
    }
    db.session.execute(insert(Household), [row])
    moves = [{"household_id": home.id, "from_on": day, "unit_id": unit} for day, unit in home.moves]
    db.session.execute(insert(Residence), moves)


def _let_happen(
    world: oracle.World, author: Actor, team_id: str, chance: random.Random, between: Callable[[], object]
) -> None:
    waiting = [("record", visit) for visit in world.visits]
    seen: set[str] = set()
    while waiting:
        ready = [event for event in waiting if event[0] != "record" or event[1].corrects in seen | {None}]
        event = chance.choice(ready)
        waiting.remove(event)
        deed, visit = event
        if deed == "record":
            data = {
                "id": visit.id,
                "household_id": visit.home,
                "team_id": team_id,
                "visited_on": visit.visited_on,
                "outcome": Outcome(visit.outcome),
                "fibre": visit.fibre,
                "other_smart_device": visit.other,
                "members": visit.members,
                "topics": [{"topic": topic, "people": people} for topic, people in visit.topics.items()],
                "corrects": visit.corrects,
            }
            visits.record(author, data, recorded_at=visit.recorded_at, received_at=ARRIVAL)
            seen.add(visit.id)
            waiting += [("withdraw", visit)] if visit.is_withdrawn else []
            waiting += [("return", visit)] if visit.is_returned else []
        elif deed == "withdraw":
            visits.withdraw(author, {"id": visit.id, "reason": "không đúng nhà"})
        else:
            row = db.session.get_one(Visit, visit.id)
            row.status = VisitStatus.RETURNED
            visits.recount(row.family_id)
        between()
    db.session.flush()
