"""Looks at approvals and releases; a release is read by whoever's scope lies within it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core import errors
from app.core.clock import rfc3339
from app.core.database import db
from app.models.releases import Approval, Release, ReleaseCell
from app.queries import scope, units
from app.rules import periods
from app.rules.cells import Flow, Stock
from app.rules.periods import Period
from app.rules.permissions import Actor
from app.rules.units import Register
from app.rules.vocabulary import UnitKind


class UnknownRelease(errors.Invalid):
    """No release has that id."""

    code = "releases.unknown"
    message = errors.message("No such release.")


@dataclass(frozen=True, slots=True)
class Frozen:
    """What a release keeps, ready to be summed."""

    release: Release
    stock: Stock
    flow: Flow


def approval(unit_id: str, period: Period) -> Approval | None:
    """Return the standing approval of a commune's month."""
    return db.session.scalars(_standing(period.text, period).where(Approval.unit_id == unit_id)).one_or_none()


def _standing(month: str, period: Period) -> Any:
    return select(Approval).where(
        Approval.period == month, Approval.calendar == period.calendar, Approval.taken_back_at.is_(None)
    )


def approved_units(period: Period) -> set[str]:
    """Return the communes that have approved every month of a period."""
    found = [
        {each.unit_id for each in db.session.scalars(_standing(month, period))}
        for month in periods.months_of(period)
    ]
    return set.intersection(*found)


def approvals_of(actor: Actor, period: Period) -> list[dict[str, Any]]:
    """Return the communes of the actor's scope on the cut-off's borders, and whether each approved, by code."""
    register = units.register()
    found = {
        register.ancestor(each, UnitKind.COMMUNE, period.cut_off) for each in scope.hamlets(actor, register)
    }
    approved = approved_units(period)
    communes = sorted((register.units[each] for each in found if each), key=lambda unit: (unit.code, unit.id))
    said = {
        each.unit_id: each
        for month in periods.months_of(period)
        for each in db.session.scalars(_standing(month, period))
    }
    return [
        {
            "unit_id": unit.id,
            "name": unit.name(period.cut_off),
            "approved": unit.id in approved,
            "approved_at": rfc3339(said[unit.id].approved_at) if unit.id in approved else None,
        }
        for unit in communes
    ]


def latest(unit_id: str, period: Period) -> Release | None:
    """Return the newest release that a unit published of a period."""
    return db.session.scalars(
        _of_period(period).where(Release.unit_id == unit_id).order_by(Release.number.desc()).limit(1)
    ).one_or_none()


def of_hamlets(hamlets: Collection[str], period: Period, register: Register | None = None) -> Release | None:
    """Return the newest release of a period that speaks of all these hamlets."""
    found = list(
        db.session.scalars(_of_period(period).order_by(Release.published_at.desc(), Release.number.desc()))
    )
    if not found or not hamlets:
        return None
    register = register or units.register()
    return next((each for each in found if set(hamlets) <= register.hamlets_ever_under(each.unit_id)), None)


def _of_period(period: Period) -> Any:
    return select(Release).where(Release.period == period.text, Release.calendar == period.calendar)


def frozen(release: Release, hamlets: Collection[str]) -> Frozen:
    """Return the cells of a release for some hamlets; one that it does not know had nothing."""
    known = {each: pair for each, pair in cells(release).items() if each in hamlets}
    stock = Stock.unpack({each: stock for each, (stock, _) in known.items()})
    return Frozen(release, stock, Flow.unpack({each: flow for each, (_, flow) in known.items()}))


def cells(release: Release) -> dict[str, tuple[bytes, bytes]]:
    """Return the bytes of stock and flow that a release keeps, by hamlet."""
    query = select(ReleaseCell.hamlet_id, ReleaseCell.stock, ReleaseCell.flow)
    rows = db.session.execute(query.where(ReleaseCell.release_id == release.id))
    return {row.hamlet_id: (row.stock, row.flow) for row in rows}


def all_of_them() -> list[Release]:
    """Return every release, in the order of publication."""
    return list(db.session.scalars(select(Release).order_by(Release.published_at, Release.id)))


def by_option(release_id: str) -> Release:
    """Return the release an operator means; UnknownRelease otherwise."""
    try:
        found = db.session.get(Release, str(UUID(release_id)))
    except ValueError:
        found = None
    if found is None:
        raise UnknownRelease
    return found


def visible(actor: Actor) -> list[Release]:
    """Return the releases that speak of the actor's scope, the latest first."""
    register = units.register()
    inside = scope.hamlets(actor, register)
    found = db.session.scalars(select(Release).order_by(Release.published_at.desc(), Release.id))
    return [each for each in found if inside and inside <= register.hamlets_ever_under(each.unit_id)]


def in_scope_or_404(actor: Actor, release_id: str) -> Release:
    """Return a release that the actor may read; NotFound otherwise."""
    found = next((each for each in visible(actor) if each.id == release_id), None)
    if found is None:
        raise errors.NotFound
    return found
