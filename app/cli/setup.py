"""`flask setup`: a database that is migrated, translations that are compiled, a register that is loaded."""

from pathlib import Path
from tempfile import NamedTemporaryFile

import click
from alembic import command as alembic
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from app.cli import files, units
from app.config import ROOT
from app.core.database import db
from app.models.sync import Epoch
from app.rules.permissions import OPERATOR
from app.services import sync, targets
from app.services import units as register


@click.command("setup")
@with_appcontext
def command() -> None:
    """Migrate the database, compile translations, load the unit register and targets. Repeating it changes nothing."""
    compile_translations(ROOT / "translations")
    migrate()
    with files.transaction():
        if db.session.scalars(select(Epoch.number)).first() is None:
            sync.begin_epoch(OPERATOR, "setup")
        register.load(OPERATOR, units.read_units(ROOT / "data" / "units.csv"))
        register.succeed(OPERATOR, units.read_successions(ROOT / "data" / "successions.csv"))
        targets.load(OPERATOR, files.read(ROOT / "data" / "targets.csv", _TARGET_HEAD, _target))
    click.echo("Ready.")


_TARGET_HEAD = ("indicator", "year", "unit_code", "percent", "source")


def _target(line: int, cells: dict[str, str]) -> targets.TargetRow:
    return targets.TargetRow(
        line=line,
        indicator=cells["indicator"],
        year=int(cells["year"]),
        unit_code=cells["unit_code"] or None,
        hundredths=round(float(cells["percent"]) * 100),
        source=cells["source"],
    )


def migrate() -> None:
    """Bring the database of the current app to the newest migration."""
    config = current_app.extensions["migrate"].migrate.get_config()
    alembic.upgrade(config, "head")


def compile_translations(folder: Path) -> None:
    """Compile every catalogue beside itself; whoever reads one meanwhile finds the old or the new one, whole."""
    for path in folder.glob("*/LC_MESSAGES/*.po"):
        with path.open("rb") as source, NamedTemporaryFile(dir=path.parent, delete=False) as target:
            write_mo(target, read_po(source))
        Path(target.name).chmod(0o644)
        Path(target.name).replace(path.with_suffix(".mo"))
