"""HTML pages: the desk of officials, province staff and admins, the sign-in page, and the phone's shell."""

from typing import Any

from flask import Blueprint, Flask
from flask_babel import get_locale, lazy_gettext
from flask_login import current_user

from app.core import errors, i18n
from app.core.clock import today
from app.http import guards
from app.http.assets import assets
from app.queries import units as units_known
from app.queries.operations import count_to_settle
from app.web import (
    coverage,
    households,
    indicators,
    languages,
    operations,
    phone,
    releases,
    sessions,
    sync,
    units,
)
from app.web.units import acts as units_acts

_PAGES = (
    ("web.indicators.show", lazy_gettext("Indicators"), "indicators.values"),
    ("web.coverage.show", lazy_gettext("Coverage"), "coverage.show"),
    ("web.households.index", lazy_gettext("Homes"), "households.list"),
    ("web.operations.index", lazy_gettext("To decide"), "operations.list"),
    ("web.releases.index", lazy_gettext("Releases"), "releases.list"),
    ("web.sync.show", lazy_gettext("Phones"), "sync.phones"),
    ("web.sessions.cards", lazy_gettext("Sign-in cards"), "sessions.issue_card"),
    ("web.units.index", lazy_gettext("Units"), "units.load"),
)
"""Endpoint, word, and the permission that puts a page into the navigation."""

_COUNTS = {"web.operations.index": lambda: count_to_settle(guards.actor())}
"""How much waits on a page, asked only where the navigation is drawn."""


def init_app(app: Flask) -> None:
    """Serve every page."""
    blueprint = Blueprint("web", __name__)
    for each in (
        sessions,
        languages,
        coverage,
        households,
        operations,
        sync,
        indicators,
        releases,
        units,
        units_acts,
        phone,
    ):
        blueprint.register_blueprint(each.blueprint)
    blueprint.context_processor(_frame)
    app.jinja_env.globals.update(asset=_asset, language=i18n.language, get_locale=get_locale)
    blueprint.register_error_handler(errors.Unauthenticated, sessions.refused)
    app.register_blueprint(blueprint)


def _asset(name: str) -> str:
    """Return the address of a static file; a global, because components are imported without a context."""
    return assets().url(name)


def _frame() -> dict[str, Any]:
    """Tell templates who is signed in and which pages they may open."""
    if not current_user.is_authenticated:
        return {"me": None, "pages": []}
    actor = current_user.actor
    pages = [
        {"endpoint": endpoint, "label": label, "count": _COUNTS.get(endpoint)}
        for endpoint, label, permission in _PAGES
        if actor.may(permission)
    ]
    unit = units_known.register().units[actor.unit_id] if actor.unit_id else None
    me = {
        "name": current_user.name,
        "role": actor.role.value,
        "unit_name": unit.name(today()) if unit else "",
    }
    return {"me": me, "pages": pages}
