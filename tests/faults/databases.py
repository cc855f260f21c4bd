"""Real databases for fault runs: SQLite files and PostgreSQL databases that are copied, put back, and filled up."""

import os
import shutil
import subprocess
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg


class Database(ABC):
    """One database. While it is copied or put back nobody may be connected to it."""

    url: str

    @abstractmethod
    def copy(self, folder: Path | None = None) -> "Database":
        """Copy the database as it stands; `folder` puts the copy's data into that folder."""

    @abstractmethod
    def put_back(self, earlier: "Database") -> None:
        """Become again what `earlier`, a copy of this one, still is."""

    @abstractmethod
    def drop(self) -> None:
        """Remove the database."""


class SqliteFile(Database):
    """A SQLite file in a folder of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = f"sqlite:///{path}"

    def copy(self, folder: Path | None = None) -> "SqliteFile":
        """Copy the file, with a write-ahead log that a killed server may have left."""
        target = (folder or self.path.parent) / f"{uuid.uuid4().hex}.sqlite3"
        for tail in ("", "-wal"):
            if (source := Path(f"{self.path}{tail}")).exists():
                shutil.copy2(source, f"{target}{tail}")
        return SqliteFile(target)

    def put_back(self, earlier: Database) -> None:
        """Overwrite the file with the earlier one, as someone does who copies a disk image back."""
        assert isinstance(earlier, SqliteFile)
        self.drop()
        for tail in ("", "-wal"):
            if (source := Path(f"{earlier.path}{tail}")).exists():
                shutil.copy2(source, f"{self.path}{tail}")

    def drop(self) -> None:
        """Remove the file and its companions."""
        for tail in ("", "-wal", "-shm", ".before-restore", ".before-restore-wal"):
            Path(f"{self.path}{tail}").unlink(missing_ok=True)


class PostgresDatabase(Database):
    """A database on a PostgreSQL server; `server` is its URL with {} for the database's name."""

    def __init__(self, server: str, name: str) -> None:
        self.server = server
        self.name = name
        self.url = server.format(name)

    @classmethod
    def create(cls, server: str) -> "PostgresDatabase":
        """Make an empty database."""
        made = cls(server, f"faults_{uuid.uuid4().hex}")
        made._make("")
        return made

    def copy(self, folder: Path | None = None) -> "PostgresDatabase":
        """Copy the database; in `folder`, by way of a tablespace there."""
        made = PostgresDatabase(self.server, f"faults_{uuid.uuid4().hex}")
        options = f'TEMPLATE "{self.name}"'
        if folder is not None:
            if os.geteuid() == 0:  # PostgreSQL then runs as nobody (tests/postgresql.py)
                shutil.chown(folder, "nobody")
            self._run(f"CREATE TABLESPACE \"{made.name}\" LOCATION '{folder}'")
            options += f' TABLESPACE "{made.name}"'
        made._make(options)
        return made

    def put_back(self, earlier: Database) -> None:
        """Drop the database and make it anew from the earlier one."""
        assert isinstance(earlier, PostgresDatabase)
        self.drop()
        self._make(f'TEMPLATE "{earlier.name}"')

    def drop(self) -> None:
        """Remove the database and its tablespace, if it had one."""
        self._run(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')
        self._run(f'DROP TABLESPACE IF EXISTS "{self.name}"')

    def _make(self, options: str) -> None:
        self._run(f'CREATE DATABASE "{self.name}" {options}')
        # The tests' server is in haste; what is acknowledged here must be as safe as on a normal one.
        self._run(f'ALTER DATABASE "{self.name}" SET synchronous_commit = on')
        # A copied sequence would fall back after a crash: its first steps are in no log before a checkpoint.
        self._run("CHECKPOINT")

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.server.format("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


class NoSmallDisk(Exception):
    """This user may not mount a small disk."""


class SmallDisk:
    """A disk of a few MiB that really fills up: a tmpfs, which takes the right to mount one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def grow(self) -> None:
        """Become so large that it never fills up, as after someone tidied up."""
        self._mount("remount,size=2g")

    def fill(self, *, leaving: int) -> Path:
        """Fill the disk but for `leaving` bytes; give the file that takes the room."""
        free = shutil.disk_usage(self.folder).free
        ballast = self.folder / "ballast"
        with ballast.open("ab") as file:
            file.write(b"\0" * max(0, free - leaving))
        return ballast

    def _mount(self, options: str) -> None:
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self.folder)]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            raise NoSmallDisk("mounting a small disk needs root")

    @classmethod
    @contextmanager
    def mounted(cls, folder: Path, mebibytes: int) -> Iterator["SmallDisk"]:
        """Mount one that anyone may write to; raises NoSmallDisk."""
        if os.geteuid() != 0:
            raise NoSmallDisk("mounting a small disk needs root")
        folder.mkdir()
        disk = cls(folder)
        disk._mount(f"size={mebibytes}m,mode=0777")
        try:
            yield disk
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
