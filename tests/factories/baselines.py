"""Official counts."""

from app.models.baselines import Baseline
from app.models.units import Unit
from tests.factories.rows import save


def baseline(
    unit: Unit,
    year: int = 2025,
    *,
    households: int | None = 100,
    population: int | None = 350,
    population_15_plus: int | None = 270,
    adults: int | None = 250,
) -> Baseline:
    """The counts of `unit` for `year`."""
    return save(
        Baseline(
            unit_id=unit.id,
            year=year,
            households=households,
            population=population,
            population_15_plus=population_15_plus,
            adults=adults,
        )
    )
