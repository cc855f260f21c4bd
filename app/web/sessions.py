"""Signing in and out, and the first page by role."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import segno
from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response as Redirect

from app.core import errors, i18n
from app.core.clock import today
from app.http import guards, signing_in, transaction
from app.models.sessions import SignInCard
from app.queries import users
from app.rules.vocabulary import Role
from app.schemas.sessions import DeviceClaimSchema, SignInSchema
from app.services import sessions

blueprint = Blueprint("sessions", __name__)

YEAR = 365 * 24 * 3600

HOMES = {
    Role.VOLUNTEER: "web.phone.shell",
    Role.LEADER: "web.phone.shell",
    Role.OFFICIAL: "web.coverage.show",
    Role.PROVINCE: "web.indicators.show",
    Role.ADMIN: "web.units.index",
}
"""The page that each role begins with."""


@blueprint.get("/")
@guards.public
def home() -> Redirect:
    """Lead to the first page of whoever is signed in, or to the sign-in page."""
    if not current_user.is_authenticated:
        return redirect(url_for("web.sessions.new"), 303)
    return redirect(url_for(HOMES[current_user.actor.role]), 303)


@blueprint.get("/sign-in")
@guards.public
def new() -> str:
    """Show the sign-in page."""
    return _page()


@blueprint.post("/sign-in")
@guards.public
def create() -> Redirect:
    """Sign in and lead on to the page that was wanted, if it is one of ours, or to the role's first."""
    form = request.form
    asked: dict[str, Any] = {
        "username": form.get("username", ""),
        "password": form.get("password", ""),
        "device": _device(form),
    }
    if SignInSchema().validate(asked):
        raise sessions.Refused
    device = sessions.DeviceClaim(**asked["device"]) if asked["device"] else None
    signing_in.sign_in(asked["username"], asked["password"], device)
    return _entered(redirect(local(request.form.get("next")) or url_for("web.sessions.home"), 303))


@blueprint.get("/sign-in/card")
@guards.public
def new_with_card() -> str:
    """Show the sign-in page for a printed card; its code stands after the # and never reaches a log."""
    return _page()


@blueprint.post("/sign-in/card")
@guards.public
def create_with_card() -> Redirect:
    """Sign in on this phone with a card's code, which is then used up."""
    device = _device(request.form)
    code = request.form.get("code", "")
    if device is None or not 1 <= len(code) <= 64 or DeviceClaimSchema().validate(device):
        raise sessions.CardRefused
    signing_in.sign_in_with_card(code, sessions.DeviceClaim(**device))
    return _entered(redirect(url_for("web.phone.shell"), 303))


@blueprint.get("/cards")
@guards.requires("sessions.issue_card")
def cards() -> str:
    """List the commune's volunteers, with a button that makes a sign-in card."""
    people = [
        {"id": user.id, "name": user.name, "username": user.username, "team": team}
        for user, team in users.volunteers(guards.actor())
    ]
    return render_template("pages/sessions/cards.html", people=people)


@blueprint.post("/cards/<uuid:user_id>")
@guards.requires("sessions.issue_card")
def issue_card(user_id: UUID) -> str:
    """Make a card and show it for printing, this once."""
    user, team = users.volunteer_or_404(guards.actor(), str(user_id))
    code = sessions.issue_card(guards.actor(), user)
    address = url_for("web.sessions.new_with_card", _external=True)
    picture = segno.make(f"{address}#{code}", error="m", micro=False)
    return render_template(
        "pages/sessions/printed.html",
        name=user.name,
        team=team,
        code="-".join(code[at : at + 4] for at in range(0, len(code), 4)),
        address=address,
        picture=Markup(picture.svg_inline(scale=6, border=2)),  # noqa: S704 (drawn here, from letters of ours)
        until=today() + SignInCard.LIFETIME,
    )


@blueprint.post("/sign-out")
@guards.requires("sessions.close")
def close() -> Redirect:
    """Sign out and return to the sign-in page."""
    signing_in.sign_out()
    return redirect(url_for("web.sessions.new"), 303)


def local(address: str | None) -> str | None:
    """Return `address` if it is a path of this site, else None; two slashes, also backward, lead elsewhere."""
    if not address or not address.startswith("/") or address[1:2] in {"/", "\\"}:
        return None
    return None if any(ord(letter) < 32 for letter in address) else address


def _entered(answer: Redirect) -> Redirect:
    """Tell the phone's app whose sign-in this was, so that it shows nothing of the person before, offline neither."""
    answer.set_cookie(
        "person",
        guards.actor().id or "",
        max_age=YEAR,
        path="/phone/",
        samesite="Lax",
        secure=request.is_secure,
    )
    return answer


def _device(form: Mapping[str, str]) -> dict[str, str] | None:
    """Read the phone that the small script of the page names; without the script there is none."""
    named = {"id": form.get("device_id", ""), "name": form.get("device_name", "").strip()[:120]}
    return named if all(named.values()) else None


def refused(error: errors.Unauthenticated) -> Response:
    """Show the sign-in page in place of the page that was wanted, with the reason if signing in failed."""
    if error.keeps_changes:
        transaction.keep_changes()
    is_trying = request.endpoint in {"web.sessions.create", "web.sessions.create_with_card"}
    return Response(_page(error=i18n.translate(error.message) if is_trying else None), error.status)


def throttled(error: errors.TooMany) -> Response:
    """Show the sign-in page with how long to wait."""
    answer = Response(_page(error=i18n.translate(error.message), retry_after=error.retry_after), error.status)
    if error.retry_after:
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


blueprint.register_error_handler(errors.TooMany, throttled)


def _page(error: str | None = None, retry_after: int | None = None) -> str:
    wanted = local(request.form.get("next") or request.args.get("next"))
    is_card = (request.endpoint or "").endswith("_with_card")
    if wanted is None and request.method == "GET" and request.endpoint != "web.sessions.new" and not is_card:
        wanted = request.full_path.rstrip("?")
    return render_template(
        "pages/sessions/new.html",
        error=error,
        retry_after=retry_after,
        username=request.form.get("username", ""),
        next=wanted or "",
        is_card=is_card,
    )
