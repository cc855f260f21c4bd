"""How the faults are done: killing a database's process, merging a commune, poisoning one visit, healing it."""

from datetime import UTC, datetime, timedelta

import psycopg
from sqlalchemy import text

from app.core.clock import today
from app.core.database import db
from tests.faults.databases import PostgresDatabase
from tests.faults.servers import kill_process
from tests.faults.world import World


def kill_backend(world: World) -> None:
    """Kill a process that serves this database; PostgreSQL then recovers as after a power cut."""
    assert isinstance(world.database, PostgresDatabase)
    query = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
    try:
        with psycopg.connect(world.database.server.format("postgres")) as connection:
            found = [row[0] for row in connection.execute(query, [world.database.name])]
    except psycopg.OperationalError:
        return  # it is just recovering
    if found:
        kill_process(world.chance.choice(found))
        wait_for_postgres(world)


def wait_for_postgres(world: World) -> None:
    assert isinstance(world.database, PostgresDatabase)
    until = datetime.now(UTC) + timedelta(seconds=30)
    while True:
        try:
            psycopg.connect(world.database.url).close()
        except psycopg.OperationalError:
            assert datetime.now(UTC) < until, "PostgreSQL did not recover"
        else:
            return


def merge_commune(world: World) -> None:
    """Let a new commune take the place of the town's from today on, by the files an operator would bring."""
    town, on = world.town, today()
    until = (on - timedelta(days=1)).isoformat()
    rows = [
        f"{town.commune_code},commune,Phường cũ,{town.province_code},2022-01-01,{until}",
        f"N{town.commune_code},commune,Phường mới,{town.province_code},{on},",
    ]
    for number, code in enumerate(town.hamlet_codes):
        name = f"Khu phố {number + 1}"
        rows.append(f"{code},hamlet,{name},{town.commune_code},2022-01-01,{until}")
        rows.append(f"{code},hamlet,{name},N{town.commune_code},{on},")
    units = world.folder / "units.csv"
    units.write_text("\n".join(["code,kind,name,parent_code,valid_from,valid_to", *rows]))
    successions = world.folder / "successions.csv"
    successions.write_text(
        f"old_code,new_code,on,part\n{town.commune_code},N{town.commune_code},{on},whole\n"
    )
    world.server.flask("units", "import", str(units))
    world.server.flask("units", "successions", str(successions))


def poison(world: World, visit_id: str) -> None:
    """Let the database refuse one visit for a reason that no code of ours knows."""
    with world.rows():
        if db.engine.dialect.name == "sqlite":
            value = visit_id.replace("-", "")
            db.session.execute(
                text(
                    f"CREATE TRIGGER poison BEFORE INSERT ON visits WHEN NEW.id = '{value}' "
                    "BEGIN SELECT RAISE(ABORT, 'poison'); END"
                )
            )
        else:
            db.session.execute(
                text(
                    "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS "
                    "$$ BEGIN RAISE EXCEPTION 'poison'; END $$"
                )
            )
            db.session.execute(
                text(
                    "CREATE TRIGGER poison BEFORE INSERT ON visits FOR EACH ROW "
                    f"WHEN (NEW.id = '{visit_id}') EXECUTE FUNCTION poison()"
                )
            )


def heal(world: World) -> None:
    with world.rows():
        if db.engine.dialect.name == "sqlite":
            db.session.execute(text("DROP TRIGGER poison"))
        else:
            db.session.execute(text("DROP FUNCTION poison CASCADE"))
