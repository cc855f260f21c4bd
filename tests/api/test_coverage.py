from datetime import date

import pytest

from app.rules.vocabulary import Role
from tests import factories

COVERAGE = "/api/v1/coverage"


@pytest.fixture
def commune(app):
    return factories.commune(parent=factories.province())


def test_an_official_sees_the_commune_hamlet_by_hamlet(signed_in, commune):
    hamlet = factories.hamlet(parent=commune, code="H1", name="Khu phố 1")
    factories.hamlet(parent=commune, code="H2")
    factories.visit(
        household=factories.household(unit=hamlet, registered_on=date(2025, 6, 1)),
        visited_on=date(2025, 6, 12),
    )
    client = signed_in(factories.user(Role.OFFICIAL, unit=commune))
    answer = client.get(COVERAGE, query_string={"level": "hamlet", "on": "2025-06-30"}).json
    assert answer["on"] == "2025-06-30"
    assert answer["next"] is None
    first, second = answer["items"]
    assert first == {
        "unit": {"id": hamlet.id, "code": "H1", "name": "Khu phố 1", "kind": "hamlet"},
        "baseline": None,
        "registered": 1,
        "visited": 1,
        "interviewed": 1,
        "stale": 0,
        "last_visit_on": "2025-06-12",
        "partial": False,
        "unconverted": False,
    }
    assert (second["registered"], second["last_visit_on"]) == (0, None)


def test_coverage_of_another_commune_is_not_found(signed_in, commune):
    client = signed_in(factories.user(Role.OFFICIAL, unit=commune))
    assert client.get(COVERAGE, query_string={"unit": factories.commune().id}).status_code == 404


def test_a_day_too_far_away_is_refused(signed_in, commune):
    client = signed_in(factories.user(Role.OFFICIAL, unit=commune))
    assert client.get(COVERAGE, query_string={"on": "9999-12-31"}).status_code == 422


def test_coverage_is_not_for_volunteers(signed_in, commune):
    hamlet = factories.hamlet(parent=commune)
    assert signed_in(factories.user(team=factories.team(hamlet))).get(COVERAGE).status_code == 403
