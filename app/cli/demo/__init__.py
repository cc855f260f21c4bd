"""`flask demo`: fills an empty database with a made-up world that makes every screen alive."""

from datetime import timedelta
from random import Random

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from app.cli.demo import homes, places, rows
from app.core import clock
from app.core.database import db
from app.models.audit import AuditEntry
from app.models.households import Household
from app.models.teams import Team
from app.models.units import Unit
from app.models.users import User
from app.queries import units
from app.rules.permissions import OPERATOR
from app.rules.vocabulary import Role, TeamKind, UnitKind
from app.services import rollups, users

PASSWORD = "tung-nha-demo"  # noqa: S105 (the demo's, printed on purpose)
ACTION = "demo.load"
"""The audit entry that tells a demo from real data."""

_MONTHS = 30
_PROVINCE_CODE = "74"


@click.command("demo")
@click.option(
    "--households", "wanted", default=3000, show_default=True, help="About how many homes to make up."
)
@click.option(
    "--seed", default=2022, show_default=True, help="The same seed on the same day makes the same world."
)
@click.option("--if-empty", is_flag=True, help="Do nothing where there is data already.")
@with_appcontext
def command(wanted: int, seed: int, *, if_empty: bool) -> None:
    """Make up hamlets, teams, homes and visits, and five accounts. Refuses a database that holds real data."""
    if _is_here():
        click.echo("The demo is loaded.")
        _tell_accounts()
        return
    if _holds_data():
        if if_empty:
            return
        raise click.ClickException("This database holds real data; the demo will not be mixed with it.")
    load(Random(seed), wanted)
    rollups.fold()
    db.session.add(
        AuditEntry(
            at=clock.now(),
            actor_id=None,
            action=ACTION,
            subject_id=None,
            details={"households": wanted, "seed": seed},
        )
    )
    db.session.commit()
    click.echo(f"The demo is loaded: {wanted} homes, all made up.")
    _tell_accounts()


def load(random: Random, wanted: int) -> None:
    """Write a made-up world of `wanted` homes, with visits over the 30 months before today."""
    register = units.register()
    pairs = [fact for facts in register.successors.values() for fact in facts if fact.on == places.CHANGE]
    if not pairs:
        raise click.ClickException("The register of units is empty. First run: flask --app wsgi setup")
    yesterday = clock.today() - timedelta(days=1)
    stretch = homes.Stretch(yesterday - timedelta(days=round(_MONTHS * 30.44)), yesterday)
    world = rows.World(random, stretch, clock.now())
    hamlets = places.hamlets(random, register.units, pairs, wanted)
    for hamlet in hamlets:
        world.hamlet(hamlet)
    plans = places.teams(random, hamlets)
    teams = [world.team(plan, number) for number, plan in enumerate(plans, start=1)]
    of_hamlet = {
        team.unit_id: team for team, plan in zip(teams, plans, strict=True) if plan.kind is TeamKind.HAMLET
    }
    for hamlet in hamlets:
        for _ in range(hamlet.homes):
            world.home(hamlet, of_hamlet[hamlet.id])
    world.write()
    province = units.by_option(f"{_PROVINCE_CODE}@{places.CHANGE - timedelta(days=1)}")
    _open_accounts(next(of_hamlet[hamlet.id] for hamlet in hamlets if hamlet.is_home), province)


def _open_accounts(workers: rows.Workers, province: Unit) -> None:
    team = db.session.get_one(Team, workers.team_id)
    ward = units.by_option(f"{places.WARD_CODE}@{places.WARD_FROM}")
    for username, role, name, unit in (
        ("volunteer", Role.VOLUNTEER, "Mẫu Thị Thành Viên", None),
        ("leader", Role.LEADER, "Mẫu Văn Tổ Trưởng", None),
        ("official", Role.OFFICIAL, "Mẫu Thị Cán Bộ", ward),
        ("province", Role.PROVINCE, "Mẫu Văn Sở", province),
        ("admin", Role.ADMIN, "Mẫu Quản Trị", None),
    ):
        belongs_to = team if role in (Role.VOLUNTEER, Role.LEADER) else None
        users.add(OPERATOR, username, role=role, name=name, password=PASSWORD, unit=unit, team=belongs_to)


def _is_here() -> bool:
    return db.session.scalars(select(AuditEntry.id).where(AuditEntry.action == ACTION)).first() is not None


def _holds_data() -> bool:
    hamlets = select(Unit.id).where(Unit.kind == UnitKind.HAMLET)
    looks = (select(User.id), select(Team.id), select(Household.id), hamlets)
    return any(db.session.execute(look.limit(1)).first() is not None for look in looks)


def _tell_accounts() -> None:
    click.echo(f"Sign in as volunteer, leader, official, province or admin; the password is {PASSWORD}")
