"""What phones are told: pages, cursors, changes of colleagues, and what is no longer theirs."""

import pytest

from app.core.clock import today
from app.core.database import db
from app.models.sync import FeedEntry
from app.models.teams import Membership
from app.rules.vocabulary import Role, TeamKind
from tests import factories
from tests.phones import Phone, member


def kinds(page):
    return [item["kind"] for item in page["items"]]


def homes(page):
    return [item["id"] for item in page["items"] if item["kind"] == "household"]


def test_the_first_pull_tells_the_team_and_its_homes(place):
    place.team.name = "Tổ khu phố 3"
    home = place.home(code="HP-1", address="12 ngõ Thử")
    page = place.phone.pull()
    assert kinds(page) == ["team", "household"]
    team, told = page["items"]
    assert {name: team[name] for name in ("id", "name", "team_kind", "unit_id")} == {
        "id": place.team.id,
        "name": "Tổ khu phố 3",
        "team_kind": "hamlet",
        "unit_id": place.here.id,
    }
    assert [hamlet["id"] for hamlet in team["hamlets"]] == [place.here.id]
    assert team["colleagues"] == [{"id": place.volunteer.id, "name": place.volunteer.name}]
    assert {text["lang"] for text in team["consent_texts"]} == {"vi", "en"}
    sent = home["data"]
    assert {name: told[name] for name in ("id", "team_id", "unit_id", "code", "address")} == {
        name: sent[name] for name in ("id", "team_id", "unit_id", "code", "address")
    }
    assert told["consent"]["answer"] == "yes"
    assert told["last_visit"] is None
    assert set(told["revisions"]) == {"unit_id", "code", "address", "head_name", "phone", "consent"}
    assert page["more"] is False


def test_an_empty_pull_is_small_and_tells_the_team_only_when_it_changed(place):
    place.home()
    cursor = place.phone.pull()["cursor"]
    answer = place.phone.client.get("/api/v1/sync/pull", query_string={"cursor": cursor})
    assert answer.json["items"] == []
    assert len(answer.data) < 1024
    colleague = factories.user(team=place.team)
    page = place.phone.pull(answer.json["cursor"])
    assert kinds(page) == ["team"]
    assert colleague.id in {each["id"] for each in page["items"][0]["colleagues"]}
    assert place.phone.pull(page["cursor"])["items"] == []


def test_a_small_pull_stays_small_for_somebody_in_five_teams(place):
    for _ in range(4):
        factories.membership(place.volunteer, factories.team(factories.hamlet(parent=place.commune)))
    cursor = place.phone.pull()["cursor"]
    assert len(place.phone.client.get("/api/v1/sync/pull", query_string={"cursor": cursor}).data) < 1024


def test_pages_tell_every_home_once(place):
    wanted = [place.home()["data"]["id"] for _ in range(7)]
    found: list[str] = []
    cursor, more, pages = None, True, 0
    while more:
        page = place.phone.pull(cursor, limit=3)
        cursor, more = page["cursor"], page["more"]
        found += homes(page)
        pages += 1
    assert (found, pages) == (wanted, 3)


def test_each_page_tells_how_many_homes_are_left(place):
    second = factories.team(place.there)
    factories.membership(place.volunteer, second)
    for _ in range(3):
        place.home()
    for _ in range(2):
        place.phone.store(place.phone.register(place.there, team_id=second.id))
    cursor, left, more = None, [], True
    while more:
        page = place.phone.pull(cursor, limit=2)
        cursor, more = page["cursor"], page["more"]
        left.append(page["left"])
    assert left == [3, 1, 0]
    assert place.phone.pull(cursor)["left"] == 0


def test_pages_go_through_several_teams_without_losing_a_home(place):
    second = factories.team(place.there)
    factories.membership(place.volunteer, second)
    wanted = {place.home()["data"]["id"] for _ in range(4)}
    for _ in range(4):
        home = place.phone.register(place.there, team_id=second.id)
        place.phone.store(home)
        wanted.add(home["data"]["id"])
    found: set[str] = set()
    cursor, more = None, True
    while more:
        page = place.phone.pull(cursor, limit=3)
        cursor, more = page["cursor"], page["more"]
        found |= set(homes(page))
    assert found == wanted


def test_colleagues_hear_of_each_others_work(place):
    colleague = place.phone_of()
    mine, theirs = place.phone.pull()["cursor"], colleague.pull()["cursor"]
    home = place.home()
    visit = place.phone.visit(
        home, fibre="none", members=[member("m1", phone="basic", skills=["check_truth"])]
    )
    place.phone.store(visit)
    page = colleague.pull(theirs)
    last = next(item for item in page["items"] if item["kind"] == "household")["last_visit"]
    assert (last["id"], last["status"], last["reason"]) == (visit["data"]["id"], "submitted", None)
    assert last["members"][0] == {
        "id": "m1",
        "label": None,
        "sex": "female",
        "birth_year": 1980,
        "birth_year_to": None,
        "phone": "basic",
        "account": "unknown",
        "skills": ["check_truth"],
    }
    assert homes(place.phone.pull(mine)) == [home["data"]["id"]]
    colleague.store(colleague.visit(home, visited_on="2025-06-20", outcome="absent"))
    told = next(item for item in place.phone.pull(mine)["items"] if item["kind"] == "household")
    assert told["last_visit"]["outcome"] == "absent"


def test_a_withdrawn_visit_gives_way_to_the_one_before(place):
    home = place.home()
    first = place.phone.visit(home)
    second = place.phone.visit(home, visited_on="2025-06-20")
    place.phone.store(first, second)
    cursor = place.phone.pull()["cursor"]
    place.phone.store(place.phone.withdraw(second))
    told = place.phone.pull(cursor)["items"][0]
    assert told["last_visit"]["id"] == first["data"]["id"]


def test_the_feed_does_not_grow_with_history(place):
    home = place.home()
    for day in range(1, 6):
        place.phone.store(place.phone.visit(home, visited_on=f"2025-06-{day:02}"))
    assert db.session.query(FeedEntry).count() == 1
    assert len(homes(place.phone.pull())) == 1


def test_a_commune_team_hears_of_the_homes_of_its_hamlets(place):
    team = factories.team(place.commune, kind=TeamKind.COMMUNE)
    above = place.phone_of(team=team)
    cursor = above.pull()["cursor"]
    home = place.home()
    assert homes(above.pull(cursor)) == [home["data"]["id"]]


def test_another_team_hears_nothing(place):
    stranger = place.phone_of(team=place.other_team)
    place.home()
    assert kinds(stranger.pull()) == ["team"]


def test_a_school_team_knows_where_it_may_register_and_hears_of_what_it_registered(place):
    school = factories.team(place.commune, kind=TeamKind.SCHOOL)
    phone = place.phone_of(team=school)
    place.home()
    page = phone.pull()
    assert kinds(page) == ["team"]
    assert {each["id"] for each in page["items"][0]["hamlets"]} == {place.here.id, place.there.id}
    home = phone.register(place.there)
    phone.store(home)
    assert homes(phone.pull(page["cursor"])) == [home["data"]["id"]]


def test_leaving_a_team_evicts_its_homes_and_keeps_those_of_other_teams(place):
    above = factories.team(place.there)
    factories.membership(place.volunteer, above)
    home = place.home()
    other = place.phone.register(place.there, team_id=above.id)
    place.phone.store(other)
    cursor = place.phone.pull()["cursor"]
    db.session.delete(db.session.get_one(Membership, (place.team.id, place.volunteer.id)))
    page = place.phone.pull(cursor)
    assert page["items"] == [{"kind": "evict", "id": home["data"]["id"]}]
    assert place.phone.pull(page["cursor"])["items"] == []


def test_a_dissolved_team_is_told_as_one_that_was_left(place):
    home = place.home()
    cursor = place.phone.pull()["cursor"]
    place.team.dissolved_on = today()
    assert place.phone.pull(cursor)["items"] == [{"kind": "evict", "id": home["data"]["id"]}]


def test_nobody_in_no_team_is_told_anything(place):
    place.home()
    lonely = Phone(place.signed_in, factories.user(), place.team)
    assert lonely.pull()["items"] == []


@pytest.mark.parametrize("spoil", ["x", "é", "..", "a.b", "", "0" * 5000])
def test_a_cursor_that_is_not_ours_is_refused(place, spoil):
    answer = place.phone.client.get("/api/v1/sync/pull", query_string={"cursor": spoil or "."})
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "sync.bad_cursor")


def test_a_cursor_that_was_changed_is_refused(place):
    place.home()
    cursor = place.phone.pull()["cursor"]
    body, _, signature = cursor.partition(".")
    for spoilt in (
        f"{body[:-2]}AA.{signature}",
        f"{body}.{signature[:-2]}AA",
        body,
        f".{signature}",
        cursor + ".",
    ):
        if spoilt == cursor:
            continue
        answer = place.phone.client.get("/api/v1/sync/pull", query_string={"cursor": spoilt})
        assert answer.status_code == 422, spoilt


@pytest.mark.parametrize("limit", ["0", "-1", "501", "x", "1.5", "9" * 30])
def test_a_page_has_a_sensible_size(place, limit):
    answer = place.phone.client.get("/api/v1/sync/pull", query_string={"limit": limit})
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["limit"])


def test_officials_do_not_pull(place, signed_in):
    official = signed_in(factories.user(Role.OFFICIAL, unit=place.commune))
    assert official.get("/api/v1/sync/pull").status_code == 403


def test_pull_asks_the_database_as_often_for_much_history_as_for_little(place, count_queries):
    def cost():
        with count_queries() as statements:
            place.phone.pull()
        return len(statements)

    home = place.home()
    place.phone.store(place.phone.visit(home, members=[member("m1")]))
    cost()  # the first brings the feed in line with the area
    little = cost()
    for _ in range(10):
        other = place.home()
        place.phone.store(
            *(
                place.phone.visit(other, visited_on=f"2025-06-{n:02}", members=[member("m1")])
                for n in (1, 2, 3)
            )
        )
    assert cost() == little


def test_push_asks_the_database_as_often_for_much_history_as_for_little(place, count_queries):
    home = place.home()

    def cost():
        visit = place.phone.visit(home, members=[member("m1", label="chị Lan")])
        with count_queries() as statements:
            place.phone.store(visit)
        return len(statements)

    cost()
    little = cost()
    for n in range(1, 15):
        place.phone.store(place.phone.visit(home, visited_on=f"2025-05-{n:02}", members=[member(f"m{n}")]))
        place.home()
    assert cost() == little
