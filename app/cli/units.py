"""`flask units import FILE` and `flask units successions FILE`."""

from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from app.cli import files
from app.core.clock import read_day
from app.queries import units as looks
from app.rules.permissions import OPERATOR
from app.rules.units import acts as paper
from app.rules.vocabulary import ActKind, SuccessionPart, UnitKind
from app.services import units
from app.services.units import acts

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


@group.command("enact")
@click.argument("kind", type=click.Choice([kind.value for kind in ActKind if kind is not ActKind.LOAD]))
@click.argument("codes", metavar="CODE...", nargs=-1)
@click.option("--on", "day", required=True, help="The day from which it holds, 2025-07-01.")
@click.option("--decision", required=True, help="Number of the decision or resolution.")
@click.option("--to", "to_code", help="Code of the unit that takes over, or of the new parent.")
@click.option("--name", help="The new name.")
@click.option("--new", nargs=2, multiple=True, metavar="CODE NAME", help="A unit to be founded.")
@click.option("--parent", help="Code of the parent of what is founded; default: that of the old units.")
@click.option("--level", type=click.Choice([kind.value for kind in UnitKind]), default=UnitKind.COMMUNE.value)
@click.option("--place", nargs=2, multiple=True, metavar="CODE CODE", help="Which unit below goes where.")
@click.option("--late", is_flag=True, help="The day has come already: it holds at once and cannot be undone.")
def enact(kind: str, codes: tuple[str, ...], **options: Any) -> None:
    """Enter a merger, split, renaming, move, end or founding of units, in advance; prints its number."""
    try:
        on = read_day(options["day"])
    except ValueError as error:
        raise click.BadParameter("a date looks like 2025-06-30", param_hint="--on") from error
    with files.transaction():
        founded = {code: paper.unit_id(code, on) for code, _ in options["new"]}
        above = looks.by_option(options["parent"]).id if options["parent"] else None

        def unit(code: str) -> str:
            return founded.get(code) or looks.by_option(code).id

        plan = paper.Plan(
            kind=ActKind(kind),
            on=on,
            units=tuple(looks.by_option(code).id for code in codes),
            new=tuple(paper.NewUnit(code, name, above) for code, name in options["new"]),
            level=UnitKind(options["level"]),
            name=options["name"],
            to=unit(options["to_code"]) if options["to_code"] else None,
            places={looks.by_option(child).id: unit(there) for child, there in options["place"]},
        )
        act = acts.enact(OPERATOR, plan, decision=options["decision"], is_late=options["late"])
        number = act.id
    click.echo(number)


@group.command("acts")
def listed() -> None:
    """List the acts that were entered, those of the latest day first."""
    for act in looks.entered():
        names = ", ".join(act.title.get("units", ()))
        into = ", ".join(act.title.get("into", ())) or act.title.get("name") or ""
        undone = " (undone)" if act.undone_at else ""
        click.echo(f"{act.id}\t{act.on}\t{act.kind.value}\t{names} -> {into}\t{act.decision}{undone}")


@group.command("undo")
@click.argument("number", type=int)
def undo(number: int) -> None:
    """Undo an act before its day."""
    with files.transaction():
        acts.undo(OPERATOR, number)
    click.echo("Undone.")


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
