"""`flask teams add` and `flask teams end`."""

from datetime import date, datetime

import click
from flask.cli import AppGroup

from app.cli import files
from app.queries import teams as looks
from app.queries import units
from app.rules.permissions import OPERATOR
from app.rules.vocabulary import TeamKind
from app.services import teams

group = AppGroup("teams", help="Community digital-technology teams.")


class Day(click.ParamType[date]):
    """A date as 2025-06-30."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read it, or fail with a sentence."""
        try:
            return datetime.strptime(str(value), "%Y-%m-%d").date()  # noqa: DTZ007 (a civil date)
        except ValueError:
            self.fail(f"{value} is not a date such as 2025-06-30", param, ctx)


@group.command("add")
@click.option("--kind", type=click.Choice([kind.value for kind in TeamKind]), required=True)
@click.option("--unit", "code", required=True, help="Code of its unit, 25768@2025-07-01.")
@click.option("--name", required=True)
@click.option("--decision", required=True, help="Number of the founding decision.")
@click.option("--founded", type=Day(), required=True)
def add(kind: str, code: str, name: str, decision: str, founded: date) -> None:
    """Found a team; prints its id."""
    with files.transaction():
        unit = units.by_option(code)
        team = teams.add(
            OPERATOR, kind=TeamKind(kind), unit=unit, name=name, decision=decision, founded_on=founded
        )
        team_id = team.id
    click.echo(team_id)


@group.command("end")
@click.argument("team_id", metavar="ID")
@click.option("--on", type=Day(), required=True)
def end(team_id: str, on: date) -> None:
    """Dissolve a team on a date."""
    with files.transaction():
        teams.end(OPERATOR, looks.by_option(team_id), on)
    click.echo("Dissolved.")
