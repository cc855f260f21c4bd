from app.queries import targets
from tests import factories


def test_the_countrys_target_comes_before_the_units_own(app):
    unit, other = factories.province(), factories.province()
    factories.target(indicator="account", year=2025, unit=unit, hundredths=9500)
    factories.target(indicator="account", year=2025, hundredths=8000)
    factories.target(indicator="account", year=2025, unit=other, hundredths=1)
    factories.target(indicator="account", year=2024, hundredths=2)
    assert [target.hundredths for target in targets.of(2025, [unit.id])] == [8000, 9500]
