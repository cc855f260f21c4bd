"""The register as shipped, asked for on two dates: the old map and the new."""

from datetime import date

import pytest

from app.cli import units as files
from app.config import ROOT
from app.rules.permissions import OPERATOR
from app.rules.vocabulary import Role
from app.services import units
from tests import factories

OLD, NEW = "2022-09-01", "2025-12-01"


@pytest.fixture
def ask(app, signed_in):
    units.load(OPERATOR, files.read_units(ROOT / "data" / "units.csv"))
    units.succeed(OPERATOR, files.read_successions(ROOT / "data" / "successions.csv"))
    client = signed_in(factories.user(Role.ADMIN))

    def items(**query):
        answer = client.get("/api/v1/units", query_string=query)
        assert answer.status_code == 200, answer.text
        assert answer.json["next"] is None
        return answer.json["items"]

    return items


def test_the_old_map_has_91_communes_in_9_districts(ask):
    assert len(ask(level="commune", on=OLD)) == 91
    districts = ask(level="district", on=OLD)
    assert len(districts) == 9
    assert {each["parent_id"] for each in districts} == {"74-20220101"}
    of_each = [len(ask(level="commune", parent=each["id"], on=OLD)) for each in districts]
    assert sum(of_each) == 91
    assert min(of_each) > 0


def test_the_new_map_has_36_communes_right_under_the_city(ask):
    communes = ask(level="commune", on=NEW)
    assert len(communes) == 36
    assert {each["parent_id"] for each in communes} == {"79-20220101"}
    assert {each["valid_from"] for each in communes} == {"2025-07-01"}
    assert ask(level="district", on=NEW) == []


def test_a_reused_code_is_two_units(ask):
    (old,) = [each for each in ask(on=OLD) if each["code"] == "25768"]
    (new,) = [each for each in ask(on=NEW) if each["code"] == "25768"]
    assert (old["id"], new["id"]) == ("25768-20220101", "25768-20250701")
    assert (old["name"], new["name"]) == ("Phường Hiệp An", "Phường Phú An")
    assert (old["valid_to"], new["valid_to"]) == ("2025-06-30", None)


def test_districts_end_with_the_30th_of_june_2025(ask):
    assert len(ask(level="district", on="2025-06-30")) == 9
    assert ask(level="district", on="2025-07-01") == []
    assert len(ask(level="commune", on="2025-06-30")) == 91
    assert len(ask(level="commune", on="2025-07-01")) == 36
    assert {each["code"] for each in ask(level="province", on="2025-06-30")} == {"74", "79"}
    assert {each["code"] for each in ask(level="province", on="2025-07-01")} == {"79"}


def test_names_change_within_one_units_life(ask):
    def name(code, on):
        return next(each["name"] for each in ask(on=on) if each["code"] == code)

    assert name("723", OLD) != name("723", "2024-01-01")  # Tân Uyên: a town, from April 2023 a city
    assert {each["id"] for each in ask(on=OLD)} == {each["id"] for each in ask(on="2025-06-30")}


def test_before_the_registers_beginning_there_is_nothing(ask):
    assert ask(on="2021-12-31") == []


def test_without_a_date_today_is_meant(ask, monkeypatch):
    monkeypatch.setattr("app.api.units.today", lambda: date(2022, 9, 1))
    assert len(ask(level="commune")) == 91


def test_units_come_by_name(ask):
    names = [each["name"] for each in ask(level="commune", on=NEW)]
    assert names.index("Phường Bến Cát") < names.index("Phường Dĩ An") < names.index("Phường Thuận An")


def test_a_parent_that_is_none_has_no_children(ask):
    assert ask(parent="99999-20250701") == []


@pytest.mark.parametrize(
    "query",
    [
        {"level": "ward"},
        {"level": ""},
        {"on": "01/07/2025"},
        {"on": "2025-02-30"},
        {"on": "20250701"},
        {"on": "2025-07-01T00:00:00"},
        {"on": "10000-01-01"},
        {"parent": "a b"},
        {"parent": "'; --"},
    ],
)
def test_an_unsound_question_is_refused_with_its_field(signed_in, query):
    answer = signed_in(factories.user()).get("/api/v1/units", query_string=query)
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, list(query))


def test_signed_out_is_401(client):
    assert client.get("/api/v1/units").status_code == 401
