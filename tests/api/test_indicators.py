import unicodedata
from datetime import date

import pytest
from sqlalchemy import select

from app.core.database import db
from app.models.units import UnitSpan
from app.rules.indicators import DEFINITIONS
from app.rules.vocabulary import Role
from tests import factories

VALUES = "/api/v1/indicators/values"


@pytest.fixture
def commune(app):
    return factories.commune(code="25747", name="Phường Thử", parent=factories.province())


@pytest.fixture
def hamlet(commune):
    return factories.hamlet(parent=commune)


@pytest.fixture
def province_staff(commune, signed_in):
    return signed_in(factories.user(Role.PROVINCE, unit=commune))


def get(client, **parameters):
    answer = client.get(VALUES, query_string=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json


def refused(client, **parameters):
    answer = client.get(VALUES, query_string=parameters)
    return answer.status_code, answer.json["error"]["code"], sorted(answer.json["error"]["fields"])


def test_definitions_tell_what_each_figure_means_in_both_languages(signed_in, hamlet):
    volunteer = signed_in(factories.user(team=factories.team(hamlet)))
    answer = volunteer.get("/api/v1/indicators").json
    assert [each["code"] for each in answer["items"]] == list(DEFINITIONS)
    account = next(each for each in answer["items"] if each["code"] == "account")
    assert account["version"] == "2022.1"
    assert account["min_age"] == 15
    assert account["international"] == [{"system": "SDG", "code": "8.10.2", "match": "near"}]
    for each in answer["items"]:
        for text in (each["name"], each["numerator"], each["source"]):
            assert text["en"]
            assert unicodedata.normalize("NFC", text["vi"]) == text["vi"] != ""


def test_a_figure_names_all_that_it_rests_on(province_staff, commune, hamlet):
    home = factories.household(unit=hamlet, registered_on=date(2025, 6, 1))
    visit = factories.visit(household=home, visited_on=date(2025, 6, 12))
    factories.observation(visit, birth_year=1962)
    factories.baseline(commune, households=1800)
    answer = get(province_staff, period="2025-06", indicator="account")
    assert answer == {
        "period": "2025-06",
        "calendar": "civil",
        "cut_off": "2025-06-30",
        "borders": "2025-06-30",
        "basis": "observed",
        "items": [
            {
                "unit": {"id": commune.id, "code": "25747", "name": "Phường Thử", "kind": "commune"},
                "indicator": "account",
                "version": "2022.1",
                "rule": None,
                "sex": None,
                "age": None,
                "topic": None,
                "numerator": 1,
                "denominator": 1,
                "unknown": 0,
                "value": 100.0,
                "coverage": {"baseline": 1800, "registered": 1, "interviewed": 1},
                "status": "provisional",
                "suppressed": False,
                "partial": False,
                "unconverted": False,
                "baseline_exceeded": False,
            }
        ],
        "next": None,
    }


def test_without_period_or_day_the_state_of_today_is_told(province_staff, hamlet):
    codes = {item["indicator"] for item in get(province_staff)["items"]}
    assert codes == {code for code, definition in DEFINITIONS.items() if not definition.is_flow}


def test_a_reporting_period_has_its_own_cut_off(province_staff, hamlet):
    answer = get(province_staff, period="2025-Q2", calendar="report")
    assert (answer["cut_off"], answer["calendar"]) == ("2025-06-14", "report")


def test_pages_follow_each_other_without_gap_or_repetition(province_staff, commune):
    for number in range(3):
        factories.hamlet(parent=commune, code=f"H{number}")
    whole = get(province_staff, level="hamlet", period="2025-06")["items"]
    assert len(whole) == 3 * len(DEFINITIONS)
    pages, cursor = [], None
    while True:
        page = get(province_staff, level="hamlet", period="2025-06", limit=7, cursor=cursor)
        pages += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert pages == whole


@pytest.mark.parametrize(
    ("parameters", "code", "fields"),
    [
        ({"period": "2025-06", "as_of": "2025-06-30"}, "request.invalid", ["as_of"]),
        ({"period": "2025-13"}, "period.unknown", ["period"]),
        ({"period": "2025-9M"}, "period.report_only", ["period"]),
        ({"as_of": "0001-01-01"}, "date.out_of_range", ["as_of"]),
        ({"as_of": "yesterday"}, "request.invalid", ["as_of"]),
        ({"as_of": "2025-06-30", "indicator": "visits"}, "indicators.flow_needs_period", ["indicator"]),
        ({"indicator": "happiness"}, "request.invalid", ["indicator.0"]),
        ({"by": "mood"}, "request.invalid", ["by.0"]),
        ({"level": "district"}, "units.no_such_level", ["level"]),
        ({"borders": "1066-10-14"}, "date.out_of_range", ["borders"]),
        ({"limit": "0"}, "request.invalid", ["limit"]),
        ({"limit": "10001"}, "request.invalid", ["limit"]),
        ({"cursor": "é"}, "cursor.unknown", ["cursor"]),
        ({"cursor": "WzFd"}, "cursor.unknown", ["cursor"]),
        ({"unit": "25747-20220101@soon"}, "request.invalid", ["unit"]),
        ({"rule": "any_two"}, "request.invalid", ["rule"]),
        ({"basis": "guessed"}, "request.invalid", ["basis"]),
        ({"calendar": "lunar"}, "request.invalid", ["calendar"]),
        ({"ages": "old"}, "request.invalid", ["ages"]),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_with_its_field(
    province_staff, hamlet, parameters, code, fields
):
    assert refused(province_staff, **parameters) == (422, code, fields)


def test_a_unit_outside_the_scope_is_as_if_it_did_not_exist(province_staff):
    assert refused(province_staff, unit=factories.commune().id)[:2] == (404, "not.found")
    assert refused(province_staff, unit="none-such")[:2] == (404, "not.found")


def test_figures_are_for_officials_and_province_staff(signed_in, client, commune, hamlet):
    assert client.get(VALUES).status_code == 401
    for role, status in ((Role.VOLUNTEER, 403), (Role.LEADER, 403), (Role.ADMIN, 403), (Role.OFFICIAL, 200)):
        assert signed_in(factories.user(role, unit=commune)).get(VALUES).status_code == status


def test_a_day_behind_the_unit_chooses_the_hamlets_of_that_day(signed_in, commune, hamlet):
    neighbour = factories.commune(parent=factories.province())
    span = hamlet_span(hamlet)
    span.valid_to = date(2025, 6, 30)
    factories.unit_span(hamlet, parent=neighbour, valid_from=date(2025, 7, 1))
    factories.household(unit=hamlet, registered_on=date(2025, 1, 1))
    client = signed_in(factories.user(Role.OFFICIAL, unit=commune))
    then = get(client, unit=f"{commune.id}@2025-06-30", as_of="2025-07-31", indicator="account")
    now = get(client, unit=f"{commune.id}@2025-07-01", as_of="2025-07-31", indicator="account")
    assert registered(then) == {commune.id: 0, neighbour.id: 1}
    assert registered(now) == {commune.id: 0}


def registered(answer):
    return {item["unit"]["id"]: item["coverage"]["registered"] for item in answer["items"]}


def hamlet_span(hamlet):
    return db.session.scalars(select(UnitSpan).where(UnitSpan.unit_id == hamlet.id)).one()
