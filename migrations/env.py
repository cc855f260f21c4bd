"""How Alembic reaches the database: through the app, one transaction for all, the same on both databases."""

import sqlalchemy as sa
from alembic import context
from flask import current_app

from app.core.crypto import Encrypted
from app.core.database import UTCDateTime, db


def plainly(kind: str, item: object, _context: object) -> str | bool:
    """Write our column types as the plain ones they are stored as, so that old migrations outlive our code."""
    if kind != "type":
        return False
    if isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, Encrypted):
        return "sa.LargeBinary()"
    if isinstance(item, sa.Enum):
        return f"sa.String(length={item.length})"
    return False


def run() -> None:
    """Run the migrations online; there is no offline mode, because SQLite needs batch operations."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_item=plainly,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")


run()
