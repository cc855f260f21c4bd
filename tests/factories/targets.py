"""Targets."""

from app.models.targets import Target
from app.models.units import Unit
from tests.factories.rows import save


def target(indicator: str, *, year: int = 2025, unit: Unit | None = None, hundredths: int = 8000) -> Target:
    """An aim for `indicator`; without a unit, the whole country's."""
    return save(
        Target(
            indicator=indicator,
            year=year,
            unit_id=unit and unit.id,
            hundredths=hundredths,
            source="Quyết định thử",
        )
    )
