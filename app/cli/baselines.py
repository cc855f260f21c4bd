"""`flask baselines import FILE`."""

from pathlib import Path

import click
from flask.cli import AppGroup

from app.cli import files
from app.cli.units import EXISTING
from app.rules.permissions import OPERATOR
from app.services import baselines

group = AppGroup("baselines", help="Official counts of households and people.")
LARGEST = 2_000_000_000


@group.command("import")
@click.argument("file", type=EXISTING)
def import_(file: Path) -> None:
    """Load counts from CSV: unit_code,year,households,population,population_15_plus,adults."""
    with files.transaction():
        changed = baselines.load(OPERATOR, files.read(file, ("unit_code", "year", *baselines.COUNTS), _row))
    click.echo(f"{changed} baselines were new or changed.")


def _row(line: int, cells: dict[str, str]) -> baselines.BaselineRow:
    year = int(cells["year"])
    if not 1900 <= year <= 2199:
        raise ValueError(f"not a year: {year}")
    households, population, older, adults = (_count(cells[name]) for name in baselines.COUNTS)
    return baselines.BaselineRow(
        line, files.code(cells["unit_code"]), year, (households, population, older, adults)
    )


def _count(text: str) -> int | None:
    if not text:
        return None
    count = int(text)
    if not 0 <= count <= LARGEST:
        raise ValueError(f"not a count: {count}")
    return count
