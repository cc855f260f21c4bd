"""`flask` commands, named after what an operator types (docs/operator.md). Each is one transaction."""

from flask import Flask

from app.cli import backup, baselines, demo, doctor, releases, rollups, setup, teams, units, users


def init_app(app: Flask) -> None:
    """Add the commands to `app`."""
    for command in (
        setup.command,
        demo.command,
        units.group,
        baselines.group,
        teams.group,
        users.group,
        backup.backup,
        backup.restore,
        doctor.command,
        rollups.group,
        releases.group,
    ):
        app.cli.add_command(command)
