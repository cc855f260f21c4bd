"""/api/v1/releases: published figures, who approved them, and what has changed since."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from app.http import guards
from app.http.openapi import secured
from app.queries import releases
from app.queries.indicators.restatements import restatements
from app.schemas.releases import ReleaseAnswer, ReleasesAnswer, RestatementsAnswer

blueprint = Blueprint("releases", __name__, description="Published figures")


@blueprint.get("/releases")
@secured(blueprint)
@blueprint.response(200, ReleasesAnswer)
@guards.requires("releases.list")
def listed() -> dict[str, Any]:
    """List the releases that speak of one's area, the latest first."""
    return {"items": releases.visible(guards.actor()), "next": None}


@blueprint.get("/releases/<uuid:release_id>")
@secured(blueprint, 404)
@blueprint.response(200, ReleaseAnswer)
@guards.requires("releases.list")
def show(release_id: UUID) -> Any:
    """Give one release: versions, approvals, fingerprint."""
    return releases.in_scope_or_404(guards.actor(), str(release_id))


@blueprint.get("/releases/<uuid:release_id>/restatements")
@secured(blueprint, 404)
@blueprint.response(200, RestatementsAnswer)
@guards.requires("releases.list")
def differences(release_id: UUID) -> dict[str, Any]:
    """List each figure that differs today from the release, by commune, sex and age, with its reasons."""
    actor = guards.actor()
    release = releases.in_scope_or_404(actor, str(release_id))
    return {"items": restatements(actor, release), "next": None}
