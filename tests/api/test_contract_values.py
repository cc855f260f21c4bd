"""Twelve visits pushed over HTTP, and every figure worked out by hand.

Commune A has hamlets A1 and A2 and a commune team; commune B has hamlet B1 and a hamlet team. Cut-off 30 June
2025, so an age is 2025 minus the birth year.

home hamlet visit day         what                                        counts?
a    A1     V1    2 June      fibre subscribed, 3 people                  yes, but V2 is later
            V2    20 June     fibre available, 3 people                   STOCK
b    A1     V3    5 June      fibre none, 2 people                        no: corrected by V4
            V4    5 June      fibre none, 2 people (corrects V3)          STOCK
c    A1     V5    10 June     fibre subscribed, 1 person                  STOCK
            V6    15 June     fibre none, 1 person                        no: withdrawn
d    A2     V7    20 May      fibre subscribed, 1 person                  stock until V8
            V8    18 June     moved                                       home d leaves stock and registered
e    A2     V9    11 June     absent                                      visited, not interviewed
f    B1     V10   12 June     fibre unknown, another device, 2 people     STOCK
g    B1     V11   13 June     refused                                     visited, not interviewed
h    B1     V12   3 July      fibre subscribed, nobody listed             after the cut-off; so is its registration

person  sex      age      phone       account   skills                              (stock visits only)
a m1    female   63       smartphone  yes       one in each of the five areas
a m2    male     65       smartphone  yes       message_call
a m3    unknown  unknown  unknown     declined  not assessed
b m1    male     15       basic       no        not assessed     (band 2009 to 2012: middle 2010.5, floor 2010)
b m2    female   45       basic       yes       public_services, shop_online, pay_online
c m1    male     35       smartphone  yes       not assessed
f m1    female   10       none        no        not assessed
f m2    female   25       unknown     unknown   not assessed
"""

from typing import Any, NamedTuple

import pytest

from app.models.units import Unit
from app.rules.vocabulary import Role, TeamKind
from tests import factories
from tests.conftest import Client
from tests.phones import Phone, member

FIVE = ["find_information", "message_call", "photo_video", "recognise_scams", "pay_online"]

Figure = tuple[int, int | None, int, float | None]
"""Numerator, denominator, unknown, value."""


class World(NamedTuple):
    province: Unit
    a: Unit
    b: Unit
    desk: Client


@pytest.fixture
def world(app, signed_in) -> World:
    factories.epoch()
    province = factories.province()
    a, b = factories.commune(parent=province), factories.commune(parent=province)
    a1, a2, b1 = factories.hamlet(parent=a), factories.hamlet(parent=a), factories.hamlet(parent=b)
    team_a, team_b = factories.team(a, kind=TeamKind.COMMUNE), factories.team(b1)
    _push_a(Phone(signed_in, factories.user(team=team_a), team_a), a1, a2)
    _push_b(Phone(signed_in, factories.user(team=team_b), team_b), b1)
    factories.baseline(a, households=5, population=16, population_15_plus=4, adults=8)
    return World(province, a, b, signed_in(factories.user(Role.PROVINCE, unit=province)))


def _push_a(phone: Phone, a1: Unit, a2: Unit) -> None:
    home_a = phone.register(a1, recorded_at="2025-06-02T01:00:00Z")
    home_b = phone.register(a1, recorded_at="2025-06-05T01:00:00Z", answer="no")
    home_c = phone.register(a1, recorded_at="2025-06-10T01:00:00Z")
    home_d = phone.register(a2, recorded_at="2025-05-20T01:00:00Z", answer="later")
    home_e = phone.register(a2, recorded_at="2025-06-11T01:00:00Z")
    v1 = phone.visit(
        home_a,
        visited_on="2025-06-02",
        fibre="subscribed",
        members=[
            member("m1", birth_year=1962, phone="smartphone", account="yes", skills=[]),
            member("m2", sex="male", birth_year=1960, phone="basic", account="no", skills=None),
            member("m3", sex="unknown", birth_year=None, phone="smartphone", account="yes", skills=None),
        ],
        topics=[{"topic": "public_services", "people": 2}],
    )
    v2 = phone.visit(
        home_a,
        visited_on="2025-06-20",
        fibre="available",
        members=[
            member("m1", birth_year=1962, phone="smartphone", account="yes", skills=FIVE),
            member(
                "m2", sex="male", birth_year=1960, phone="smartphone", account="yes", skills=["message_call"]
            ),
            member("m3", sex="unknown", birth_year=None, phone="unknown", account="declined", skills=None),
        ],
        topics=[{"topic": "public_services", "people": 1}, {"topic": "pay_online", "people": 3}],
    )
    v3 = phone.visit(
        home_b,
        visited_on="2025-06-05",
        fibre="none",
        other_smart_device=False,
        members=[
            member("m1", sex="male", birth_year=2000, phone="smartphone", account="yes", skills=FIVE),
            member("m2", phone="none", account="unknown"),
        ],
        topics=[{"topic": "vneid", "people": 5}],
    )
    v4 = phone.correct(
        v3,
        recorded_at="2025-07-20T01:00:00Z",  # mended after the cut-off, and yet it counts for it
        members=[
            member("m1", sex="male", birth_year=2009, birth_year_to=2012, phone="basic", account="no"),
            member(
                "m2", phone="basic", account="yes", skills=["public_services", "shop_online", "pay_online"]
            ),
        ],
        topics=[{"topic": "vneid", "people": 1}],
    )
    v5 = phone.visit(
        home_c,
        visited_on="2025-06-10",
        fibre="subscribed",
        members=[member("m1", sex="male", birth_year=1990, phone="smartphone", account="yes")],
    )
    v6 = phone.visit(
        home_c,
        visited_on="2025-06-15",
        fibre="none",
        members=[member("m1", sex="male", birth_year=1990, phone="basic", account="no")],
        topics=[{"topic": "other", "people": 9}],
    )
    v7 = phone.visit(
        home_d,
        visited_on="2025-05-20",
        fibre="subscribed",
        members=[member("m1", birth_year=1970, phone="smartphone", account="yes", skills=FIVE)],
    )
    v8 = phone.visit(home_d, visited_on="2025-06-18", outcome="moved")
    v9 = phone.visit(
        home_e, visited_on="2025-06-11", outcome="absent", topics=[{"topic": "local_apps", "people": 1}]
    )
    phone.store(home_a, home_b, home_c, home_d, home_e, v1, v2, v3)
    phone.store(v4, v5, v6, phone.withdraw(v6), v7, v8, v9)


def _push_b(phone: Phone, b1: Unit) -> None:
    home_f = phone.register(b1, recorded_at="2025-06-12T01:00:00Z")
    home_g = phone.register(b1, recorded_at="2025-06-13T01:00:00Z")
    home_h = phone.register(b1, recorded_at="2025-06-30T17:00:00Z")  # already 1 July in Vietnam
    v10 = phone.visit(
        home_f,
        visited_on="2025-06-12",
        fibre="unknown",
        other_smart_device=True,
        members=[
            member("m1", birth_year=2015, phone="none", account="no"),
            member("m2", birth_year=2000, phone="unknown", account="unknown"),
        ],
        topics=[{"topic": "online_safety", "people": 2}],
    )
    v11 = phone.visit(home_g, visited_on="2025-06-13", outcome="refused")
    v12 = phone.visit(home_h, visited_on="2025-07-03", fibre="subscribed", members=[])
    phone.store(home_f, home_g, home_h, v10, v11, v12)


def ask(desk: Client, **query: Any) -> list[dict[str, Any]]:
    """Return the items of an answer."""
    answer = desk.get("/api/v1/indicators/values", query_string=query)
    assert answer.status_code == 200, answer.text
    assert answer.get_json()["next"] is None
    items: list[dict[str, Any]] = answer.get_json()["items"]
    return items


def figure(item: dict[str, Any]) -> Figure:
    """Return what is compared of an item."""
    return item["numerator"], item["denominator"], item["unknown"], item["value"]


def figures(items: list[dict[str, Any]], unit: Unit) -> dict[str, Figure]:
    """Return the figures of one unit by indicator."""
    return {item["indicator"]: figure(item) for item in items if item["unit"]["id"] == unit.id}


# Commune A: homes a, b, c; its people a m1..m3, b m1, b m2, c m1.
A: dict[str, Figure] = {
    "fibre_subscribed": (1, 3, 0, 33.33),  # c; a and b known not to be
    "fibre_covered": (2, 3, 0, 66.67),  # a, c
    "smart_device": (2, 3, 0, 66.67),  # a, c by a smartphone; b known to have none
    "smartphone": (3, 5, 1, 60.0),  # a m1, a m2, c m1; a m3 unknown
    "smartphone_adult": (3, 4, 1, 75.0),  # b m1 is 15; a m3 has no known age
    "account": (4, 5, 1, 80.0),  # all of 15+ but b m1; a m3 has no known age
    "skills_basic": (1, 3, 3, 33.33),  # a m1; assessed too a m2, b m2; not a m3, b m1, c m1
    "teams_commune": (1, 1, 0, 100.0),
    "teams_hamlet": (0, 2, 0, 0.0),
}
# Commune B: home f; its people f m1, f m2.
B: dict[str, Figure] = {
    "fibre_subscribed": (0, 0, 1, None),
    "fibre_covered": (0, 0, 1, None),
    "smart_device": (1, 1, 0, 100.0),  # by the other device
    "smartphone": (0, 1, 1, 0.0),  # f m1 has none; f m2 unknown
    "smartphone_adult": (0, 0, 1, None),
    "account": (0, 0, 1, None),
    "skills_basic": (0, 0, 1, None),
    "teams_commune": (0, 1, 0, 0.0),
    "teams_hamlet": (1, 1, 0, 100.0),
}
# The province: sums over sums.
PROVINCE: dict[str, Figure] = {
    "fibre_subscribed": (1, 3, 1, 33.33),
    "fibre_covered": (2, 3, 1, 66.67),
    "smart_device": (3, 4, 0, 75.0),
    "smartphone": (3, 6, 2, 50.0),
    "smartphone_adult": (3, 4, 2, 75.0),
    "account": (4, 5, 2, 80.0),
    "skills_basic": (1, 3, 4, 33.33),
    "teams_commune": (1, 2, 0, 50.0),
    "teams_hamlet": (1, 3, 0, 33.33),
}


def test_stock_figures_by_commune_are_as_worked_out_by_hand(world):
    items = ask(world.desk, as_of="2025-06-30", level="commune")
    assert figures(items, world.a) == A
    assert figures(items, world.b) == B
    assert {item["status"] for item in items} == {"provisional"}
    assert not any(item["unconverted"] or item["partial"] or item["suppressed"] for item in items)


def test_the_province_is_the_sum_of_numerators_over_the_sum_of_denominators(world):
    assert figures(ask(world.desk, as_of="2025-06-30"), world.province) == PROVINCE


def test_every_figure_tells_how_many_homes_stand_behind_it(world):
    items = ask(world.desk, as_of="2025-06-30", level="commune", indicator="account")
    assert [(item["unit"]["id"], item["coverage"]) for item in items] == [
        (world.a.id, {"baseline": 5, "registered": 4, "interviewed": 3}),  # a, b, c, e; d has moved
        (world.b.id, {"baseline": None, "registered": 2, "interviewed": 1}),  # f, g
    ]


def test_before_a_home_moved_it_stands_in_the_figures(world):
    items = ask(world.desk, as_of="2025-05-31", level="commune")
    assert figures(items, world.a)["smartphone"] == (1, 1, 0, 100.0)  # d m1
    assert figures(items, world.a)["fibre_subscribed"] == (1, 1, 0, 100.0)
    assert items[0]["coverage"] == {"baseline": 5, "registered": 1, "interviewed": 1}


def test_after_the_cut_off_later_visits_join_in(world):
    items = ask(world.desk, as_of="2025-07-31", level="commune")
    assert figures(items, world.b)["fibre_subscribed"] == (1, 1, 1, 100.0)  # h; f unknown
    assert figures(items, world.b)["smart_device"] == (1, 1, 1, 100.0)  # of h nothing is known
    assert figures(items, world.a) == A


def test_breakdown_by_sex_and_age_shows_the_cells_with_somebody_in_them(world):
    items = ask(
        world.desk,
        as_of="2025-06-30",
        level="commune",
        by=["sex", "age"],
        indicator=["smartphone", "account", "smart_device"],
    )
    cells = {
        (item["unit"]["code"], item["indicator"], item["sex"], item["age"]): figure(item)[:3]
        for item in items
    }
    a, b = world.a.code, world.b.code
    assert cells == {
        (a, "smart_device", None, None): (2, 3, 0),
        (a, "smartphone", "female", "45-54"): (0, 1, 0),  # b m2
        (a, "smartphone", "female", "55-64"): (1, 1, 0),  # a m1
        (a, "smartphone", "male", "15-17"): (0, 1, 0),  # b m1
        (a, "smartphone", "male", "35-44"): (1, 1, 0),  # c m1
        (a, "smartphone", "male", "65+"): (1, 1, 0),  # a m2
        (a, "smartphone", "unknown", "unknown"): (0, 0, 1),  # a m3
        (a, "account", "female", "45-54"): (1, 1, 0),
        (a, "account", "female", "55-64"): (1, 1, 0),
        (a, "account", "male", "15-17"): (0, 1, 0),
        (a, "account", "male", "35-44"): (1, 1, 0),
        (a, "account", "male", "65+"): (1, 1, 0),
        (a, "account", "unknown", "unknown"): (0, 0, 1),
        (b, "smart_device", None, None): (1, 1, 0),
        (b, "smartphone", "female", "0-14"): (0, 1, 0),  # f m1
        (b, "smartphone", "female", "25-34"): (0, 0, 1),  # f m2
        (b, "account", "female", "25-34"): (0, 0, 1),
    }


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("five_areas", (1, 3, 3, 33.33)),  # a m1
        ("any_one", (3, 3, 3, 100.0)),  # a m1, a m2, b m2
        ("national_contents", (1, 3, 3, 33.33)),  # b m2 has three of the four; a m1 only two
    ],
)
def test_basic_skills_follow_the_rule_that_was_asked_for(world, rule, expected):
    items = ask(world.desk, as_of="2025-06-30", level="commune", indicator="skills_basic", rule=rule)
    assert figures(items, world.a) == {"skills_basic": expected}


def test_a_month_counts_its_visits_the_homes_reached_and_the_people_helped(world):
    items = ask(world.desk, period="2025-06", level="commune")
    flows = {"visits", "households_reached", "people_helped"}
    # A: V1, V2, V4, V5, V8, V9; reached a, b, c; helped 2 + (1 + 3) + 1 + 1
    assert figures(items, world.a) == A | {
        "visits": (6, None, 0, None),
        "households_reached": (3, None, 0, None),
        "people_helped": (8, None, 0, None),
    }
    # B: V10, V11; reached f; helped 2
    assert figures(items, world.b) == B | {
        "visits": (2, None, 0, None),
        "households_reached": (1, None, 0, None),
        "people_helped": (2, None, 0, None),
    }
    july = figures(ask(world.desk, period="2025-07", level="commune"), world.b)
    assert {name: july[name][0] for name in flows} == {
        "visits": 1,
        "households_reached": 1,
        "people_helped": 0,
    }


def test_people_helped_by_topic_add_up_over_counting_visits(world):
    items = ask(world.desk, period="2025-06", level="commune", by="topic", indicator="people_helped")
    assert [(item["unit"]["code"], item["topic"], item["numerator"]) for item in items] == [
        (world.a.code, "public_services", 3),
        (world.a.code, "vneid", 1),
        (world.a.code, "pay_online", 3),
        (world.a.code, "local_apps", 1),
        (world.b.code, "online_safety", 2),
    ]


def test_confirmed_figures_divide_by_the_official_counts_of_that_unit_only(world):
    items = ask(world.desk, as_of="2025-06-30", level="commune", basis="confirmed")
    of_a = figures(items, world.a)
    assert of_a["fibre_subscribed"] == (1, 5, 0, 20.0)
    assert of_a["smartphone"] == (3, 16, 1, 18.75)
    assert of_a["smartphone_adult"] == (3, 8, 1, 37.5)
    assert of_a["account"] == (4, 4, 1, 100.0)
    assert figures(items, world.b)["smart_device"] == (1, None, 0, None)


def test_coverage_of_the_day_and_how_much_of_it_grew_stale(world):
    answer = world.desk.get("/api/v1/coverage?level=commune&on=2025-06-30")
    assert answer.status_code == 200, answer.text
    of_a = {
        "baseline": 5,
        "registered": 4,  # a, b, c, e
        "visited": 4,
        "interviewed": 3,
        "stale": 0,
        "last_visit_on": "2025-06-20",
    }
    of_b = {
        "baseline": None,
        "registered": 2,  # f, g
        "visited": 2,
        "interviewed": 1,
        "stale": 0,
        "last_visit_on": "2025-06-13",
    }
    found = {item["unit"]["id"]: item for item in answer.get_json()["items"]}
    for unit, expected in ((world.a, of_a), (world.b, of_b)):
        assert {name: found[unit.id][name] for name in expected} == expected
    # 10 September is 90 days after 12 June: f (12 June) is not yet stale; b (5), c (10) and e (11 June) are.
    later = world.desk.get("/api/v1/coverage?level=commune&on=2025-09-10").get_json()["items"]
    assert [(item["registered"], item["visited"], item["stale"]) for item in later] == [(4, 4, 3), (3, 3, 0)]
