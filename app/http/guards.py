"""Who is at the door: sessions, CSRF, permissions (default deny), and the headers every answer bears."""

from collections.abc import Callable
from typing import Any, cast

import structlog
from flask import Flask, Response, current_app, g, request
from flask.sessions import SecureCookieSessionInterface
from flask_login import LoginManager, UserMixin, current_user
from flask_wtf.csrf import CSRFProtect

from app.core import errors
from app.models.sessions import Session
from app.queries import sessions
from app.rules.permissions import GRANTS, Actor

LARGEST_BODY = 2 * 1024 * 1024
"""Bytes of any request body as it arrives; sync measures its own, smaller limit after inflating."""

login = LoginManager()
csrf = CSRFProtect()

_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


class SignedIn(UserMixin):
    """The person behind a session, as flask-login wants it: `get_id` is the session's, not the user's."""

    def __init__(self, session_id: str, actor: Actor, name: str, username: str) -> None:
        self.session_id = session_id
        self.actor = actor
        self.name = name
        self.username = username

    def get_id(self) -> str:
        """Return what the cookie carries."""
        return self.session_id


class _Cookies(SecureCookieSessionInterface):
    """`Secure` and the `__Host-` prefix exactly where the request came over HTTPS."""

    def get_cookie_name(self, app: Flask) -> str:
        return "__Host-tung-nha" if request.is_secure else "tung-nha"

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def init_app(app: Flask) -> None:
    """Guard every endpoint of `app`."""
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=Session.LIFETIME,
        SESSION_REFRESH_EACH_REQUEST=False,  # a session ends when the database says, however often it is used
        WTF_CSRF_TIME_LIMIT=None,  # phones send what they recorded days ago
        WTF_CSRF_CHECK_DEFAULT=False,  # checked in _admit, after the public ones are let through
        WTF_CSRF_SSL_STRICT=False,  # the Origin check below is stricter
    )
    app.session_interface = _Cookies()
    login.init_app(app)
    login.session_protection = None
    login.user_loader(_load)
    csrf.init_app(app)
    app.before_request(_admit)
    app.after_request(_harden)


def requires(permission: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let only roles that are granted `permission` into the view. Put it nearest to the function."""
    if permission not in GRANTS:
        raise KeyError(permission)

    def mark(view: Callable[..., Any]) -> Callable[..., Any]:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return mark


def public(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let anyone into the view."""
    view.permission = None  # type: ignore[attr-defined]
    return view


def actor() -> Actor:
    """Return who acts in this request; raises Unauthenticated where nobody is signed in."""
    if not current_user.is_authenticated:
        raise errors.Unauthenticated
    return cast(SignedIn, current_user).actor


def permission_of(view: Callable[..., Any]) -> str | None:
    """Return the permission a view asks for, None where it is public; LookupError where it says nothing."""
    if not hasattr(view, "permission"):
        raise LookupError(f"{view} names no permission")
    return cast(str | None, view.permission)


def _load(session_id: str) -> SignedIn | None:
    found = sessions.signed_in(session_id)
    if found is None:
        return None
    known = Actor(id=found.user_id, role=found.role, unit_id=found.unit_id, device_id=found.device_id)
    return SignedIn(session_id, known, found.name, found.username)


def _admit() -> None:
    if request.endpoint is None:
        return  # no such address or method: the router has its own answer
    if request.method not in {"GET", "HEAD", "OPTIONS"}:
        _refuse_foreign_origin()
    permission = permission_of(current_app.view_functions[request.endpoint])
    if permission is None:
        return
    if not actor().may(permission):
        raise errors.Forbidden
    structlog.contextvars.bind_contextvars(actor=actor().id)
    if request.method not in {"GET", "HEAD", "OPTIONS"}:
        csrf.protect()


def _refuse_foreign_origin() -> None:
    origin = request.headers.get("Origin")
    if origin is not None and origin != request.host_url.rstrip("/"):
        raise errors.Forbidden(
            "request.foreign_origin", errors.message("This request came from another site.")
        )


def _harden(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if not g.get("is_immutable"):
        headers.setdefault("Cache-Control", "no-store")
    return response
