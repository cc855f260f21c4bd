"""`flask users add`."""

import os

import click
from flask.cli import AppGroup

from app.cli import files
from app.queries import teams, units
from app.rules.permissions import OPERATOR
from app.rules.vocabulary import Role
from app.services import users

group = AppGroup("users", help="People who sign in.")


@group.command("add")
@click.argument("username")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--name", required=True)
@click.option(
    "--unit", "code", help="Code of the scope's unit, 25768@2025-07-01 (officials, province staff)."
)
@click.option("--team", "team_id", help="Id of the team (volunteers, leaders).")
def add(username: str, role: str, name: str, code: str | None, team_id: str | None) -> None:
    """Open an account; prints its id. The password comes from TUNG_NHA_PASSWORD or a prompt."""
    password = os.environ.get("TUNG_NHA_PASSWORD")
    if password is None:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    with files.transaction():
        user = users.add(
            OPERATOR,
            username,
            role=Role(role),
            name=name,
            password=password,
            unit=units.by_option(code) if code else None,
            team=teams.by_option(team_id) if team_id else None,
        )
        user_id = user.id
    click.echo(user_id)
