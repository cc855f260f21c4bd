"""Approving a month (commune officials) and publishing a period (province staff): one page from two sides."""

from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as Redirect

from app.core import errors, i18n
from app.core.clock import today
from app.http import guards
from app.queries import coverage, releases, scope
from app.queries.indicators.restatements import restatements
from app.queries.operations import count_to_settle
from app.rules import periods
from app.rules.periods import Period
from app.rules.vocabulary import Calendar, Role
from app.services import releases as deeds
from app.web.indicators import pickers

blueprint = Blueprint("releases", __name__)


@blueprint.get("/releases")
@guards.requires("releases.list")
def index() -> str:
    """Show a period: what it rests on, who approved, what is published."""
    return _page()


@blueprint.get("/releases/<uuid:release_id>")
@guards.requires("releases.list")
def show(release_id: UUID) -> str:
    """Show what differs today from a release, and why."""
    actor = guards.actor()
    release = releases.in_scope_or_404(actor, str(release_id))
    return render_template(
        "pages/releases/show.html",
        release=release,
        period_name=pickers.period_name(release.period, release.calendar),
        rows=restatements(actor, release),
        tell=pickers.tell,
    )


@blueprint.post("/releases/approve")
@guards.requires("releases.approve")
def approve() -> Redirect:
    """Approve the month for the official's commune."""
    deeds.approve(guards.actor(), _asked())
    return _done(gettext("Approved. It can be taken back until the province publishes."))


@blueprint.post("/releases/take-back")
@guards.requires("releases.take_back")
def take_back() -> Redirect:
    """Take the approval of a month back."""
    deeds.take_back(guards.actor(), _asked())
    return _done(gettext("Taken back. The month is provisional again."))


@blueprint.post("/releases/publish")
@guards.requires("releases.publish")
def publish() -> Redirect:
    """Publish the period's figures."""
    deeds.publish(guards.actor(), _asked(), accept_missing=bool(request.form.get("accept_missing")))
    return _done(gettext("Published. These figures no longer change; differences are told as restatements."))


@blueprint.post("/releases/restate")
@guards.requires("releases.restate")
def restate() -> Redirect:
    """Publish the period anew, beside the release that stood."""
    deeds.restate(guards.actor(), _asked())
    return _done(gettext("Published anew. The earlier release can still be read."))


@blueprint.errorhandler(errors.Conflict)
@blueprint.errorhandler(errors.Invalid)
def explain(error: errors.AppError) -> Response:
    """Show the page again and say what is in the way."""
    return Response(_page(i18n.translate(error.message)), error.status)


def _asked() -> Period:
    text = request.values.get("period", "").strip() or _last_month()
    return periods.parse(text, request.values.get("calendar", Calendar.CIVIL, type=Calendar))


def _last_month() -> str:
    now = today().year * 12 + today().month - 2
    return f"{now // 12}-{now % 12 + 1:02}"


def _page(problem: str = "") -> str:
    actor = guards.actor()
    try:
        period = _asked()
    except errors.Invalid:
        period = periods.parse(_last_month())
    is_official = actor.role is Role.OFFICIAL
    day = min(period.cut_off, today())
    options = pickers.recent(period.calendar)
    return render_template(
        "pages/releases/index.html",
        problem=problem,
        period=period,
        period_name=pickers.period_name(period.text, period.calendar),
        period_options=[
            (each, pickers.period_name(each, Calendar.CIVIL))
            for each in ([] if period.text in options else [period.text]) + options
        ],
        is_official=is_official,
        is_over=today() > period.cut_off,
        waiting=count_to_settle(actor) if is_official else 0,
        approved=is_official and releases.approval(str(actor.unit_id), period) is not None,
        approvals=[] if is_official else releases.approvals_of(actor, period),
        release=releases.of_hamlets(scope.hamlets(actor), period),
        reached=[each.count for each in coverage.lines(actor, day)],
        all=releases.visible(actor),
        name_of=lambda each: pickers.period_name(each.period, each.calendar),
    )


def _done(text: str) -> Redirect:
    flash(text, "good")
    period = _asked()
    return redirect(url_for("web.releases.index", period=period.text, calendar=period.calendar.value), 303)
