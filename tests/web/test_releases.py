from app.models.releases import Approval, Release
from app.web.releases import _last_month


def test_the_official_approves_last_month_and_takes_it_back(official, db_session):
    assert "Duyệt tháng" in official.get("/releases").text
    month = {"period": _last_month()}
    assert official.post("/releases/approve", data=month).status_code == 303
    assert official.post("/releases/take-back", data=month).status_code == 303
    assert db_session.query(Approval).one().taken_back_at is not None


def test_the_province_publishes_only_knowing_that_approvals_are_missing(staff, db_session):
    month = {"period": _last_month()}
    page = staff.post("/releases/publish", data=month)
    assert page.status_code == 409
    assert "Còn xã, phường chưa duyệt" in page.text
    assert staff.post("/releases/publish", data=month | {"accept_missing": "1"}).status_code == 303
    assert staff.post("/releases/restate", data=month).status_code == 303
    assert [each.number for each in db_session.query(Release).order_by(Release.number)] == [1, 2]
    assert "đã công bố" in staff.get("/releases").text
    release = db_session.query(Release).order_by(Release.number).first()
    assert "Không có gì khác" in staff.get(f"/releases/{release.id}").text


def test_each_does_only_what_the_role_may(official, staff, volunteer):
    assert official.post("/releases/publish").status_code == 403
    assert staff.post("/releases/approve").status_code == 403
    assert volunteer.get("/releases").status_code == 403


def test_a_period_that_cannot_be_read_is_explained(staff):
    assert staff.get("/releases?period=nie").status_code in {200, 422}


def test_an_older_period_is_the_one_chosen(staff):
    assert '<option value="2023-03" selected>' in staff.get("/releases?period=2023-03").text
