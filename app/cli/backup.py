"""`flask backup FILE` and `flask restore FILE`: the whole database as one portable file.

A zip with a manifest (format, migration, moment, rows and SHA-256 per table) and one file of JSON lines per
table, values as the database holds them: what is encrypted stays so, and DATA_KEY is not in the file. It is
read in one transaction, so it is one moment of the database, and it restores on SQLite and PostgreSQL alike.
"""

import base64
import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

import click
from flask.cli import with_appcontext
from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    type_coerce,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from app.core import crypto
from app.core.clock import now, rfc3339
from app.core.database import UTCDateTime, db
from app.rules.permissions import OPERATOR
from app.services import sync

FORMAT = "tung-nha-backup/1"
_MANIFEST = "manifest.json"
_BATCH = 2000


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    """Write the whole database into FILE, which must not exist yet. Keep DATA_KEY in another place."""
    if file.exists():
        raise click.ClickException(f"{file} exists already.")
    part = file.with_name(file.name + ".part")
    tables: dict[str, dict[str, Any]] = {}
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            _read_one_moment()
            for table in db.metadata.sorted_tables:
                with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as target:
                    tables[table.name] = _dump(table, target)
                click.echo(f"{table.name}: {tables[table.name]['rows']} rows")
            manifest = {
                "format": FORMAT,
                "migration": _migration(),
                "made_at": rfc3339(now()),
                "key_check": base64.b64encode(crypto.keyring().encrypt(b"tung-nha", "backup")).decode(),
                "tables": tables,
            }
            archive.writestr(_MANIFEST, json.dumps(manifest, indent=1))
        part.chmod(0o600)
        _sync_to_disk(part)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    click.echo(f"Backed up into {file}.")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def restore(file: Path) -> None:
    """Put the contents of FILE in place of the whole database, and begin a new epoch.

    All or nothing: it is checked first and written in one transaction. A SQLite file is copied beside itself
    before. Phones then offer again what they sent in the last 30 days.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _check(archive)
            _copy_aside()
            _replace(archive, manifest)
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise click.ClickException(f"{file} is not a whole backup of Từng Nhà: {error}") from error
    except SQLAlchemyError as error:
        raise click.ClickException("The database refused; nothing was changed.") from error
    click.echo(f"Restored the backup of {manifest['made_at']}; a new epoch began.")


def _read_one_moment() -> None:
    if db.engine.dialect.name == "postgresql":
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _dump(table: Table, target: Any) -> dict[str, Any]:
    digest, rows = hashlib.sha256(), 0
    query = select(*(type_coerce(column, _plain(column)).label(column.name) for column in table.c))
    found = db.session.execute(query, execution_options={"yield_per": _BATCH})
    for row in found:
        line = json.dumps([_out(value) for value in row], separators=(",", ":")).encode() + b"\n"
        digest.update(line)
        target.write(line)
        rows += 1
    return {"rows": rows, "sha256": digest.hexdigest(), "columns": [column.name for column in table.c]}


def _plain(column: Column[Any]) -> Any:
    """Return the type to read a column with: encrypted ones as the bytes they are."""
    return LargeBinary() if isinstance(column.type, crypto.Encrypted) else column.type


def _out(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return {"b": base64.b64encode(bytes(value)).decode()}
    if isinstance(value, datetime):
        return value.isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _in(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, crypto.Encrypted | LargeBinary):
        return base64.b64decode(value["b"])
    if isinstance(column.type, UTCDateTime | DateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(column.type, Date) else value


def _check(archive: zipfile.ZipFile) -> dict[str, Any]:
    """Read the whole archive once; refuse one that is damaged, of another version, or under another key."""
    manifest: dict[str, Any] = json.loads(archive.read(_MANIFEST))
    if manifest["format"] != FORMAT:
        raise ValueError("unknown format")
    if manifest["migration"] != _migration():
        raise click.ClickException(
            f"The backup was made at migration {manifest['migration']}, this is {_migration()}: restore it with "
            "the version that made it, then run setup with this one."
        )
    try:
        crypto.keyring().decrypt(base64.b64decode(manifest["key_check"]), "backup")
    except crypto.BadKey as error:
        raise click.ClickException("DATA_KEY is not the one this backup was made under.") from error
    for table in db.metadata.sorted_tables:
        digest = hashlib.sha256()
        with archive.open(f"{table.name}.jsonl") as source:
            for line in source:
                digest.update(line)
        if digest.hexdigest() != manifest["tables"][table.name]["sha256"]:
            raise ValueError(f"{table.name} is damaged")
    return manifest


def _replace(archive: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
    tables = db.metadata.sorted_tables
    if db.engine.dialect.name == "sqlite":
        db.session.execute(text("PRAGMA defer_foreign_keys=ON"))
    else:
        names = ", ".join(f'"{table.name}"' for table in tables)
        db.session.execute(text(f"TRUNCATE {names}"))
    for table in reversed(tables):
        db.session.execute(delete(table))
    for table in tables:
        columns = [table.c[name] for name in manifest["tables"][table.name]["columns"]]
        with archive.open(f"{table.name}.jsonl") as source:
            _fill(table, _batches(source, columns))
        _advance_sequence(table)
        click.echo(f"{table.name}: {manifest['tables'][table.name]['rows']} rows")
    sync.begin_epoch(OPERATOR, "restored from a backup")
    db.session.commit()


def _fill(table: Table, batches: Iterator[list[dict[str, Any]]]) -> None:
    """Insert rows; what refers to rows of the same table is written last, for they come in any order."""
    own = [column.name for column in table.c if any(key.column.table is table for key in column.foreign_keys)]
    keys = [column.name for column in table.primary_key]
    references: list[dict[str, Any]] = []
    for batch in batches:
        references += [
            {f"this_{name}": row[name] for name in (*keys, *own)}
            for row in batch
            if any(row[name] is not None for name in own)
        ]
        db.session.execute(_insert(table), [row | dict.fromkeys(own) for row in batch])
    if references:
        is_this = [table.c[name] == bindparam(f"this_{name}") for name in keys]
        values: dict[Any, Any] = {table.c[name]: bindparam(f"this_{name}") for name in own}
        db.session.connection().execute(update(table).where(*is_this).values(values), references)


def _insert(table: Table) -> Any:
    """Return an insert that takes encrypted columns as the bytes they are."""
    plain = Table(
        table.name,
        type(db.metadata)(),
        *(Column(column.name, _plain(column), primary_key=column.primary_key) for column in table.c),
    )
    return insert(plain)


def _batches(source: BinaryIO | Any, columns: list[Column[Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for line in source:
        values = json.loads(line)
        batch.append({column.name: _in(column, value) for column, value in zip(columns, values, strict=True)})
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _advance_sequence(table: Table) -> None:
    """Let PostgreSQL's own numbering go on after the restored rows."""
    numbered = [c for c in table.primary_key if isinstance(c.type, Integer | BigInteger | SmallInteger)]
    if db.engine.dialect.name != "postgresql" or len(numbered) != 1 or table.autoincrement_column is None:
        return
    name = table.autoincrement_column.name
    highest = db.session.scalar(select(func.max(table.c[name]))) or 0
    sequence = func.pg_get_serial_sequence(table.name, name)
    db.session.execute(select(func.setval(sequence, highest + 1, False)))


def _copy_aside() -> None:
    path = db.engine.url.database
    if db.engine.dialect.name != "sqlite" or not path or not Path(path).exists():
        return
    db.session.execute(text("SELECT 1"))
    db.session.commit()
    db.session.execute(text("SELECT 1"))  # holds the write lock while the file is copied
    aside = f"{path}.before-restore"
    shutil.copy2(path, aside)
    if Path(f"{path}-wal").exists():
        shutil.copy2(f"{path}-wal", f"{aside}-wal")
    click.echo(f"The database as it was is kept in {aside}.")


def _migration() -> str:
    found = db.session.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return ",".join(sorted(found))


def _sync_to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
