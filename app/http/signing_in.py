"""Opening and closing the browser's session; the API and the sign-in page do it alike."""

from typing import Any, cast

from flask import request, session
from flask_login import current_user, login_user, logout_user
from flask_wtf.csrf import generate_csrf

from app.core import sealing
from app.http.guards import SignedIn, actor
from app.models.users import User
from app.queries import scope, sync
from app.rules.permissions import Actor
from app.services import sessions


def sign_in(username: str, password: str, device: sessions.DeviceClaim | None) -> SignedIn:
    """Sign someone in and set the cookie; raises what `services.sessions.open` raises."""
    token, user = sessions.open(username, password, address=request.remote_addr or "", device=device)
    return _begin(token, user, device)


def sign_in_with_card(code: str, device: sessions.DeviceClaim) -> SignedIn:
    """Sign in with a printed card and set the cookie; raises what `services.sessions.open_with_card` raises."""
    token, user = sessions.open_with_card(code, address=request.remote_addr or "", device=device)
    return _begin(token, user, device)


def _begin(token: str, user: User, device: sessions.DeviceClaim | None) -> SignedIn:
    session.clear()
    session.permanent = True
    known = Actor(id=user.id, role=user.role, unit_id=user.unit_id, device_id=device.id if device else None)
    signed_in = SignedIn(token, known, user.name, user.username)
    login_user(signed_in)
    return signed_in


def sign_out() -> None:
    """Close the session on the server and in the browser."""
    sessions.close(actor(), cast(SignedIn, current_user).session_id)
    logout_user()
    session.clear()


def described() -> dict[str, Any]:
    """Return the signed-in user and a CSRF token, as `GET /api/v1/session` answers."""
    person = cast(SignedIn, current_user)
    teams = [
        {"id": team.id, "name": team.name, "kind": team.kind, "unit_id": team.unit_id}
        for team in scope.teams(person.actor)
    ]
    user = {
        "id": person.actor.id,
        "username": person.username,
        "name": person.name,
        "role": person.actor.role,
        "unit_id": person.actor.unit_id,
        "teams": teams,
    }
    answer = {"user": user, "csrf_token": generate_csrf(), "device": None}
    if person.actor.device_id is not None:
        secret = sync.device_secret(person.actor)
        answer["device"] = {
            "id": person.actor.device_id,
            "secret": secret,
            "sealing_key": sealing.public_key(),
        }
    return answer
