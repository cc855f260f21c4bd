"""For whatever watches the server: `/healthz` while the process lives, `/readyz` when it can do its work."""

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Flask, Response, current_app
from sqlalchemy.exc import SQLAlchemyError

from app.core.database import db
from app.http.guards import public

blueprint = Blueprint("health", __name__)


def init_app(app: Flask) -> None:
    """Serve both addresses."""
    app.register_blueprint(blueprint)


@blueprint.get("/healthz")
@public
def alive() -> Response:
    """Answer while the process lives."""
    return Response("alive\n", mimetype="text/plain")


@blueprint.get("/readyz")
@public
def ready() -> Response:
    """Answer 200 when the database is reachable and migrated to this version, 503 otherwise."""
    if is_migrated():
        return Response("ready\n", mimetype="text/plain")
    return Response("the database is not reachable or not migrated\n", 503, mimetype="text/plain")


def is_migrated() -> bool:
    """Say whether the database stands at the newest migration of this code."""
    scripts = ScriptDirectory(current_app.extensions["migrate"].directory)
    try:
        present = MigrationContext.configure(db.session.connection()).get_current_heads()
    except SQLAlchemyError:
        return False
    return set(present) == set(scripts.get_heads())
