"""One configuration, read from the environment. `docs/operator.md` lists every variable; a test checks that."""

import os
from dataclasses import dataclass
from pathlib import Path

from app.core.crypto import new_key

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Config:
    """What an installation can be told. Defaults suit `bin/run` on a laptop."""

    database_url: str
    secret_key: str
    data_key: str
    instance: Path
    host: str = "127.0.0.1"
    port: int = 8000
    trusted_proxies: frozenset[str] = frozenset({"127.0.0.1"})

    @classmethod
    def from_environment(cls, instance: Path = ROOT / "instance") -> "Config":
        """Read the environment; keys that are absent are made once and kept in `instance`."""
        instance.mkdir(parents=True, exist_ok=True)
        url = os.environ.get("DATABASE_URL") or f"sqlite:///{instance / 'tung-nha.sqlite3'}"
        return cls(
            database_url=url.replace("postgres://", "postgresql://", 1),
            secret_key=os.environ.get("SECRET_KEY") or _kept(instance / "secret_key"),
            data_key=os.environ.get("DATA_KEY") or _kept(instance / "data_key"),
            instance=instance,
            host=os.environ.get("HOST", "127.0.0.1"),
            port=int(os.environ.get("PORT", "8000")),
            trusted_proxies=frozenset(
                address.strip() for address in os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1").split(",")
            ),
        )


def _kept(path: Path) -> str:
    """Return the key kept in `path`, making it when absent; of two processes making it, the first wins."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(new_key())
    except FileExistsError:
        pass
    return path.read_text().strip()
