"""How Alembic reaches the database: through the app, one transaction for all, the same on both databases."""

from alembic import context
from flask import current_app

from app.core.database import db


def run() -> None:
    """Run the migrations online; there is no offline mode, because SQLite needs batch operations."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")


run()
