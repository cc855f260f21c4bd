"""`flask doctor`: says what is wrong with an installation, and what to do about it."""

import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import click
from argon2.exceptions import VerificationError
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from app.cli import demo
from app.core.crypto import BadKey
from app.core.database import db
from app.http.health import is_migrated
from app.models.households import Household
from app.models.operations import Operation
from app.models.sync import Device, Epoch
from app.models.units import Unit
from app.models.users import User
from app.models.visits import Visit
from app.queries import rollups
from app.queries.operations import QUARANTINED
from app.rules.vocabulary import Role
from app.services.users import HASHER, password_bytes

Finding = str
_LEAST_FREE = 1024**3
_MANY_WAITING = 1000
_LOOKED_AT = 5


@click.command("doctor")
@with_appcontext
def command() -> None:
    """Check the installation; exit 1 where something is wrong."""
    found: list[Finding] = []
    for check in (_database, _keys, _contents, _accounts, _numbers, _rollups, _disk):
        found += list(_safely(check))
        if check is _database and found:
            break
    for finding in found:
        click.echo(f"✗ {finding}")
    if found:
        raise SystemExit(1)
    click.echo("✓ Nothing is wrong.")


def _safely(check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(check())
    except SQLAlchemyError as error:
        db.session.rollback()
        return [f"The database does not answer ({type(error).__name__}); see DATABASE_URL."]


def _database() -> Iterator[Finding]:
    db.session.execute(text("SELECT 1"))
    if not is_migrated():
        yield "The database is not migrated to this version: run setup."
    if db.engine.dialect.name == "sqlite":
        if db.session.execute(text("PRAGMA synchronous")).scalar_one() != 2:
            yield "SQLite does not run with synchronous=FULL: acknowledged records could be lost."
        result = db.session.execute(text("PRAGMA quick_check")).scalar_one()
        if result != "ok":
            yield f"The SQLite file is damaged ({result}): restore a backup."
    elif db.session.execute(text("SHOW synchronous_commit")).scalar_one() not in (
        "on",
        "remote_apply",
        "remote_write",
    ):
        yield "PostgreSQL runs with synchronous_commit off: acknowledged records could be lost."


def _keys() -> Iterator[Finding]:
    for name in ("secret_key", "data_key"):
        path = Path(current_app.instance_path) / name
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield f"{path} can be read by others: chmod 600 it."
    try:
        for column in (Household.head_name, Operation.body, Device.secret):
            db.session.execute(select(column).where(column.is_not(None)).limit(1)).first()
    except BadKey as error:
        yield f"DATA_KEY does not open what is stored: {error}."


def _contents() -> Iterator[Finding]:
    if not db.session.scalar(select(func.count()).select_from(Epoch)):
        yield "There is no epoch: run setup."
    if not db.session.scalar(select(func.count()).select_from(Unit)):
        yield "The register of units is empty: run setup or `units import`."
    waiting = db.session.scalar(
        select(func.count()).where(Operation.outcome.in_(QUARANTINED), Operation.settlement.is_(None))
    )
    if waiting and waiting > _MANY_WAITING:
        yield f"{waiting} records wait in quarantine: the officials do not look at them."


def _accounts() -> Iterator[Finding]:
    if not db.session.scalar(select(func.count()).where(User.role == Role.ADMIN, User.is_active)):
        yield "There is no active admin account: `users add NAME --role admin --name …`."
    demo_names = [role.value for role in Role]
    people = select(User.id).where(User.password_hash.is_not(None), User.username.not_in(demo_names)).limit(1)
    if db.session.execute(people).first() is None:
        return  # nobody but the demo's own accounts can sign in
    for user in db.session.scalars(select(User).where(User.username.in_(demo_names))):
        if user.is_active and user.password_hash and _has_demo_password(user.password_hash):
            yield f"The account {user.username} has the demo's password beside real data."


def _has_demo_password(password_hash: str) -> bool:
    try:
        return HASHER.verify(password_hash, password_bytes(demo.PASSWORD))
    except VerificationError:
        return False


def _numbers() -> Iterator[Finding]:
    """Check what the services keep up: one counting visit at most in a family, receipts without gaps."""
    twice = (
        select(Visit.family_id)
        .where(Visit.is_counting)
        .group_by(Visit.family_id)
        .having(func.count() > 1)
        .limit(1)
    )
    if db.session.execute(twice).first() is not None:
        yield "Two visits of one family count at once: report this."
    counts = (
        select(Operation.author_id, Operation.device_id, func.count(), func.max(Operation.receipt_seq))
        .group_by(Operation.author_id, Operation.device_id)
        .having(func.count() != func.max(Operation.receipt_seq))
        .limit(1)
    )
    if db.session.execute(counts).first() is not None:
        yield "The receipts of a device have gaps: records are missing from the operation log."


def _rollups() -> Iterator[Finding]:
    """Check the rollups of a few hamlets; `rollups verify` checks all of them."""
    if rollups.differences(most=_LOOKED_AT):
        yield "What figures are added up from differs from the visits: run `rollups verify`, then `rollups rebuild`."


def _disk() -> Iterator[Finding]:
    folder = Path(current_app.instance_path)
    if db.engine.dialect.name == "sqlite" and db.engine.url.database:
        folder = Path(db.engine.url.database).parent
    free = shutil.disk_usage(folder).free
    if free < _LEAST_FREE:
        yield f"Only {free // 1024**2} MiB are free where the database lies."
