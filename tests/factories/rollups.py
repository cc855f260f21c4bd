"""What is added up in advance."""

from app.models.rollups import Rollup
from app.models.units import Unit
from tests.factories.rows import save
from tests.factories.units import hamlet as make_hamlet


def rollup(*, hamlet: Unit | None = None, half: int = 3012) -> Rollup:
    """An empty row, such as is never left behind: `flask rollups verify` must find it."""
    hamlet = hamlet or make_hamlet()
    return save(Rollup(hamlet_id=hamlet.id, half=half, cells=b"", days=b"", changes=b"", flow=b""))
