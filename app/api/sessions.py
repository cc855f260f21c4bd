"""/api/v1/session: sign in, who am I, sign out."""

from typing import Any

from flask_smorest import Blueprint

from app.http import guards, signing_in
from app.http.openapi import ErrorAnswer, secured
from app.schemas.sessions import SessionSchema, SignInSchema
from app.services.sessions import DeviceClaim

blueprint = Blueprint("sessions", __name__, description="Signing in and out")


@blueprint.post("/session")
@blueprint.arguments(SignInSchema)
@blueprint.response(200, SessionSchema)
@blueprint.alt_response(400, schema=ErrorAnswer, description="Not readable as JSON")
@blueprint.alt_response(401, schema=ErrorAnswer, description="User name or password is wrong")
@blueprint.alt_response(403, schema=ErrorAnswer, description="The request came from another site")
@blueprint.alt_response(413, schema=ErrorAnswer, description="Too large")
@blueprint.alt_response(415, schema=ErrorAnswer, description="Not JSON")
@blueprint.alt_response(429, schema=ErrorAnswer, description="Too many attempts; see Retry-After")
@guards.public
def sign_in(body: dict[str, Any]) -> dict[str, Any]:
    """Sign in; the answer sets a cookie."""
    device = DeviceClaim(**body["device"]) if body["device"] else None
    signing_in.sign_in(body["username"], body["password"], device)
    return signing_in.described()


@blueprint.get("/session")
@secured(blueprint)
@blueprint.response(200, SessionSchema)
@guards.requires("sessions.show")
def show() -> dict[str, Any]:
    """Tell who is signed in, with a fresh CSRF token."""
    return signing_in.described()


@blueprint.delete("/session")
@secured(blueprint, writes=True)
@blueprint.response(204)
@guards.requires("sessions.close")
def sign_out() -> None:
    """Sign out."""
    signing_in.sign_out()
