"""`flask units import FILE` and `flask units successions FILE`."""

from pathlib import Path

import click
from flask.cli import AppGroup

from app.cli import files
from app.rules.permissions import OPERATOR
from app.rules.vocabulary import SuccessionPart, UnitKind
from app.services import units

group = AppGroup("units", help="The register of administrative units.")
EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@group.command("import")
@click.argument("file", type=EXISTING)
def import_(file: Path) -> None:
    """Load units from CSV: code,kind,name,parent_code,valid_from,valid_to."""
    with files.transaction():
        changed = units.load(OPERATOR, read_units(file))
    click.echo(f"{changed} units were new or changed.")


@group.command("successions")
@click.argument("file", type=EXISTING)
def successions(file: Path) -> None:
    """Load from CSV which unit passed into which: old_code,new_code,on,part."""
    with files.transaction():
        changed = units.succeed(OPERATOR, read_successions(file))
    click.echo(f"{changed} successions were new or changed.")


def read_units(path: Path) -> list[units.UnitRow]:
    """Return the rows of a file of units; raises BadRows."""
    return files.read(path, ("code", "kind", "name", "parent_code", "valid_from", "valid_to"), _unit)


def read_successions(path: Path) -> list[units.SuccessionRow]:
    """Return the rows of a file of successions; raises BadRows."""
    return files.read(path, ("old_code", "new_code", "on", "part"), _succession)


def _unit(line: int, cells: dict[str, str]) -> units.UnitRow:
    if not cells["name"] or len(cells["name"]) > 120:
        raise ValueError("the name must have 1 to 120 characters")
    return units.UnitRow(
        line=line,
        code=files.code(cells["code"]),
        kind=UnitKind(cells["kind"]),
        name=cells["name"],
        parent_code=files.code(cells["parent_code"]) if cells["parent_code"] else None,
        valid_from=files.needed_day(cells["valid_from"]),
        valid_to=files.day(cells["valid_to"]),
    )


def _succession(line: int, cells: dict[str, str]) -> units.SuccessionRow:
    return units.SuccessionRow(
        line=line,
        old_code=files.code(cells["old_code"]),
        new_code=files.code(cells["new_code"]),
        on=files.needed_day(cells["on"]),
        part=SuccessionPart(cells["part"]),
    )
