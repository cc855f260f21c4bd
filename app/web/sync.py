"""Which phones the commune's records come from, and which of them need somebody to look after them."""

from flask import Blueprint, render_template

from app.core.clock import now
from app.http import guards
from app.queries.sync.phones import PhoneHealth, phones

blueprint = Blueprint("sync", __name__)

SILENT_AFTER_DAYS = 14
"""A phone not heard of for longer is told as silent: its browser may have lost what it had not sent."""


@blueprint.get("/phones")
@guards.requires("sync.phones")
def show() -> str:
    """List the phones of the commune's volunteers, those that need looking after first."""
    told = [(each, _is_silent(each)) for each in phones(guards.actor())]
    told.sort(key=lambda each: not _needs_care(*each))
    return render_template(
        "pages/sync/show.html",
        phones=told,
        needing=sum(_needs_care(*each) for each in told),
        silent_after=SILENT_AFTER_DAYS,
    )


def _is_silent(phone: PhoneHealth) -> bool:
    return (now() - phone.seen_at).days > SILENT_AFTER_DAYS


def _needs_care(phone: PhoneHealth, is_silent: bool) -> bool:
    return bool(is_silent or phone.missing or phone.refused or phone.waiting)
