"""Approving months, publishing periods, publishing them anew. Nothing that is published is ever changed."""

from typing import Any

from app.core import errors
from app.core.clock import now, today
from app.core.database import db
from app.core.ids import new_id
from app.models.releases import Approval, Release, ReleaseCell
from app.queries import baselines, releases, rollups, scope, units
from app.queries.indicators import teams
from app.queries.reproductions import fingerprint
from app.rules import periods
from app.rules.cells import Flow, Stock
from app.rules.indicators import DEFINITIONS
from app.rules.periods import Period
from app.rules.permissions import Actor
from app.services import audit
from app.services.ledger import lock


class TooEarly(errors.Conflict):
    """The period is not over yet."""

    code = "releases.too_early"
    message = errors.message("This period is not over yet: wait until the day after its cut-off.")


class NotAMonth(errors.Invalid):
    """Communes approve months; longer periods follow from them."""

    code = "releases.not_a_month"
    message = errors.message("Communes approve months. Give a month such as 2025-06.")


class AlreadyPublished(errors.Conflict):
    """The figures of this period are published."""

    code = "releases.published"
    message = errors.message(
        "These figures are published already. Differences are published as a restatement."
    )


class NotApproved(errors.Conflict):
    """There is no approval to take back, or there is one already."""

    code = "releases.not_approved"
    message = errors.message("This month is not approved.")


class ApprovalsMissing(errors.Conflict):
    """Some communes have not approved all months of the period, and nobody said that this is accepted."""

    code = "releases.approvals_missing"
    message = errors.message("Some communes have not approved yet. Say that you publish without them.")


class NothingPublished(errors.Conflict):
    """There is no release of this period to restate."""

    code = "releases.nothing_published"
    message = errors.message("Nothing is published for this period yet.")


def approve(actor: Actor, period: Period) -> Approval:
    """Approve a month of the official's commune. Raises NotAMonth, TooEarly, AlreadyPublished."""
    unit_id = _unit(actor)
    if periods.months_of(period) != [period.text]:
        raise NotAMonth(fields={"period": [NotAMonth.message]})
    _check_over(period)
    lock({f"releases {unit_id} {period.text}"})
    if releases.of_hamlets(scope.hamlets(actor), period) is not None:
        raise AlreadyPublished
    standing = releases.approval(unit_id, period)
    if standing is not None:
        return standing
    approval = Approval(unit_id=unit_id, period=period.text, calendar=period.calendar)
    approval.approved_at, approval.approved_by_id = now(), str(actor.id)
    db.session.add(approval)
    audit.note(actor, "releases.approve", unit_id, {"period": period.text, "calendar": period.calendar})
    db.session.flush()
    return approval


def take_back(actor: Actor, period: Period) -> None:
    """Take an approval back until the month is published. Raises NotApproved, AlreadyPublished."""
    unit_id = _unit(actor)
    lock({f"releases {unit_id} {period.text}"})
    standing = releases.approval(unit_id, period)
    if standing is None:
        raise NotApproved
    if releases.of_hamlets(scope.hamlets(actor), period) is not None:
        raise AlreadyPublished
    standing.taken_back_at = now()
    audit.note(actor, "releases.take_back", unit_id, {"period": period.text, "calendar": period.calendar})


def publish(actor: Actor, period: Period, *, accept_missing: bool = False) -> Release:
    """Publish a period's figures of the actor's scope. Raises TooEarly, AlreadyPublished, ApprovalsMissing."""
    unit_id = _unit(actor)
    lock({f"releases {unit_id}"})
    _check_over(period)
    if releases.latest(unit_id, period) is not None:
        raise AlreadyPublished
    approvals = releases.approvals_of(actor, period)
    if not accept_missing and not all(each["approved"] for each in approvals):
        raise ApprovalsMissing
    release = _freeze(unit_id, period, 1, approvals, actor)
    details = {"period": period.text, "calendar": period.calendar, "fingerprint": release.fingerprint}
    audit.note(actor, "releases.publish", release.id, details)
    return release


def restate(actor: Actor, period: Period) -> Release:
    """Publish a period anew with today's figures, beside the release that stood. Raises NothingPublished."""
    unit_id = _unit(actor)
    lock({f"releases {unit_id}"})
    standing = releases.latest(unit_id, period)
    if standing is None:
        raise NothingPublished
    release = _freeze(unit_id, period, standing.number + 1, releases.approvals_of(actor, period), actor)
    details = {"period": period.text, "calendar": period.calendar, "replaces": standing.id}
    audit.note(actor, "releases.restate", release.id, details)
    return release


def _freeze(
    unit_id: str, period: Period, number: int, approvals: list[dict[str, Any]], actor: Actor
) -> Release:
    hamlets = units.register().hamlets_ever_under(unit_id)
    stock = rollups.stock(hamlets, period.cut_off).pack()
    flow = rollups.flow(hamlets, period).pack()
    release = Release(
        id=new_id(),
        unit_id=unit_id,
        period=period.text,
        calendar=period.calendar,
        number=number,
        cut_off=period.cut_off,
        published_at=now(),
        published_by_id=str(actor.id),
        definitions={code: each.version for code, each in DEFINITIONS.items()},
        approvals=approvals,
        teams={kind.value: sorted(ids) for kind, ids in teams.served(period.cut_off).items()},
        baselines=baselines.rows(period.cut_off.year),
    )
    release.fingerprint = fingerprint(release, Stock.unpack(stock), Flow.unpack(flow))
    db.session.add(release)
    db.session.flush()
    for hamlet_id in sorted(hamlets):
        cell = ReleaseCell(release_id=release.id, hamlet_id=hamlet_id)
        cell.stock, cell.flow = stock[hamlet_id], flow[hamlet_id]
        db.session.add(cell)
    db.session.flush()
    return release


def _unit(actor: Actor) -> str:
    if actor.unit_id is None:
        raise errors.NotFound
    return actor.unit_id


def _check_over(period: Period) -> None:
    if today() <= period.cut_off:
        raise TooEarly
