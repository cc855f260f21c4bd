"""Signing in and out, and the first page by role."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as Redirect

from app.core import errors, i18n
from app.http import guards, signing_in, transaction
from app.rules.vocabulary import Role
from app.schemas.sessions import SignInSchema
from app.services import sessions

blueprint = Blueprint("sessions", __name__)

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
    return redirect(local(request.form.get("next")) or url_for("web.sessions.home"), 303)


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


def _device(form: Mapping[str, str]) -> dict[str, str] | None:
    """Read the phone that the small script of the page names; without the script there is none."""
    named = {"id": form.get("device_id", ""), "name": form.get("device_name", "").strip()[:120]}
    return named if all(named.values()) else None


def refused(error: errors.Unauthenticated) -> Response:
    """Show the sign-in page in place of the page that was wanted, with the reason if signing in failed."""
    if error.keeps_changes:
        transaction.keep_changes()
    is_trying = request.endpoint == "web.sessions.create"
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
    if wanted is None and request.method == "GET" and request.endpoint != "web.sessions.new":
        wanted = request.full_path.rstrip("?")
    return render_template(
        "pages/sessions/new.html",
        error=error,
        retry_after=retry_after,
        username=request.form.get("username", ""),
        next=wanted or "",
    )
