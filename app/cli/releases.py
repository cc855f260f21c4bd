"""`flask releases`: what is published, and making it again to compare."""

import click
from flask.cli import AppGroup

from app.core.clock import rfc3339
from app.core.database import only_reading
from app.models.releases import Release
from app.queries import known, releases, reproductions

group = AppGroup("releases", help="See what is published, and check it.")


@group.command("list")
def list_() -> None:
    """List every release, in the order of publication."""
    for release in releases.all_of_them():
        click.echo(_line(release))


@group.command("verify")
@click.argument("release_id", metavar="[ID]", required=False)
def verify(release_id: str | None) -> None:
    """Make releases again from what was known when they were published; exit 1 where anything differs."""
    is_wrong = False
    with only_reading():
        wanted = [releases.by_option(release_id)] if release_id else releases.all_of_them()
        for release in wanted:
            found = reproductions.differences(release)
            is_wrong = is_wrong or bool(found)
            click.echo(f"{'✗' if found else '✓'} {_line(release)}")
            for line in found:
                click.echo(f"  ✗ {line}")
            for line in known.untold(release.published_at):
                click.echo(f"  ? {line}: the trail does not say how it was before.")
    if is_wrong:
        raise SystemExit(1)


def _line(release: Release) -> str:
    told = [release.id, release.unit_id, release.period, release.calendar.value, str(release.number)]
    return "  ".join([*told, rfc3339(release.published_at), release.fingerprint[:12]])
