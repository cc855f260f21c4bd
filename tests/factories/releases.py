"""Approvals and releases, as the services would have left them."""

from datetime import date

from app.core.ids import new_id
from app.models.releases import Approval, Release, ReleaseCell
from app.models.units import Unit
from app.models.users import User
from app.rules.vocabulary import Calendar, Role
from tests.factories.rows import MORNING, save
from tests.factories.users import user


def approval(unit: Unit, *, period: str = "2025-06", by: User | None = None) -> Approval:
    """A commune's standing approval of a civil month."""
    by = by or user(Role.OFFICIAL, unit=unit)
    return save(
        Approval(
            unit_id=unit.id,
            period=period,
            calendar=Calendar.CIVIL,
            approved_at=MORNING,
            approved_by_id=by.id,
        )
    )


def release(unit: Unit, *, period: str = "2025-06", cut_off: date = date(2025, 6, 30)) -> Release:
    """A release without cells."""
    return save(
        Release(
            id=new_id(),
            unit_id=unit.id,
            period=period,
            calendar=Calendar.CIVIL,
            number=1,
            cut_off=cut_off,
            published_at=MORNING,
            published_by_id=user(Role.PROVINCE, unit=unit).id,
            fingerprint="0" * 64,
            definitions={},
            approvals=[],
            teams={},
            baselines=[],
        )
    )


def release_cell(release: Release, hamlet: Unit, *, stock: bytes = b"", flow: bytes = b"") -> ReleaseCell:
    """What a release keeps of one hamlet."""
    return save(ReleaseCell(release_id=release.id, hamlet_id=hamlet.id, stock=stock, flow=flow))
