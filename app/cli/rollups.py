"""`flask rollups`: checking and remaking what figures are added up from in advance."""

import click
from flask.cli import AppGroup

from app.cli import files
from app.core.database import only_reading
from app.queries import rollups as looks
from app.rules.permissions import OPERATOR
from app.services import rollups

group = AppGroup("rollups", help="Check and remake what figures are added up from in advance.")


@group.command("verify")
def verify() -> None:
    """Work everything out anew from the visits and compare; exit 1 where anything differs."""
    with only_reading():
        found = looks.differences(click.echo)
    for line in found:
        click.echo(f"✗ {line}")
    if found:
        raise SystemExit(1)
    click.echo("✓ Every rollup is as its visits say.")


@group.command("rebuild")
def rebuild() -> None:
    """Make everything anew from the visits."""
    with files.transaction():
        rows = rollups.rebuild(OPERATOR, click.echo)
    click.echo(f"{rows} rollups are stored.")
