"""Acts on units at the admin's desk: a look before, entered in advance, undone until the day."""

from datetime import timedelta

import pytest

from app.core.clock import today
from app.models.units import UnitAct
from app.queries import units
from app.rules.units.acts import unit_id
from tests import factories

DAY = today() + timedelta(days=30)


@pytest.fixture
def communes(place):
    return [factories.commune(parent=place.province, code=f"9000{n}", name=f"Xã Thử {n}") for n in (1, 2)]


def merger(communes, **changes):
    filled = {
        "on": DAY.isoformat(),
        "decision": "1/NQ-HĐND",
        "units": [each.id for each in communes],
        "to": "",
        "code": "90001",
        "name": "Xã Thử Mới",
    }
    return filled | changes


def test_with_no_act_the_page_teaches_and_offers_every_kind(admin):
    page = admin.get("/units/acts")
    assert page.status_code == 200
    assert "Chưa có thay đổi nào sắp tới" in page.text
    for kind in ("merge", "split", "rename", "move", "abolish", "found"):
        assert f'href="/units/acts/new/{kind}"' in page.text
        assert admin.get(f"/units/acts/new/{kind}").status_code == 200
        assert admin.get(f"/units/acts/new/{kind}?level=hamlet").status_code == 200
    assert admin.get("/units/acts/new/load").status_code == 404


def test_a_look_shows_what_changes_and_enters_nothing(admin, communes, db_session):
    factories.hamlet(parent=communes[1], name="Ấp Thử Đi Theo")
    page = admin.post("/units/acts/new/merge", data=merger(communes) | {"step": "look"})
    assert page.status_code == 200
    assert "2 đơn vị kết thúc" in page.text
    assert "1 đơn vị bắt đầu" in page.text
    assert "Ấp Thử Đi Theo: Xã Thử 2 → Xã Thử Mới" in page.text
    assert db_session.query(UnitAct).count() == 0
    again = admin.post("/units/acts/new/merge", data=merger(communes) | {"step": "change"})
    assert 'value="Xã Thử Mới"' in again.text


def test_a_merger_is_entered_listed_and_undone(admin, communes, db_session):
    assert admin.post("/units/acts/new/merge", data=merger(communes) | {"step": "enter"}).status_code == 303
    act = db_session.query(UnitAct).one()
    assert units.register().by_code("90001", DAY).name(DAY) == "Xã Thử Mới"
    listed = admin.get("/units/acts").text
    assert "Xã Thử 1, Xã Thử 2 → Xã Thử Mới" in listed
    assert admin.post(f"/units/acts/{act.id}/undo").status_code == 303
    assert units.register().by_code("90002", DAY) is not None
    assert "Đã hoàn tác" in admin.get("/units/acts").text
    admin.post(f"/units/acts/{act.id}/undo")
    assert "This act" not in admin.get("/units/acts").text


def test_what_is_wrong_is_said_at_each_field_and_nothing_typed_is_lost(admin, communes):
    page = admin.post(
        "/units/acts/new/merge",
        data=merger(communes[:1], decision=" ", on="", name="Tên đã gõ") | {"step": "enter"},
    )
    assert page.status_code == 422
    assert "Hãy ghi ngày bắt đầu có hiệu lực." in page.text
    assert 'id="decision-note"' in page.text
    assert 'value="Tên đã gõ"' in page.text
    few = admin.post("/units/acts/new/merge", data=merger(communes[:1]) | {"step": "look"})
    assert 'id="units-note"' in few.text
    assert f'value="{communes[0].id}" checked' in few.text


def test_a_day_that_has_come_is_taken_only_when_late_is_said(admin, communes):
    late = merger(communes, on=today().isoformat()) | {"step": "look"}
    page = admin.post("/units/acts/new/merge", data=late)
    assert page.status_code == 422
    assert 'name="late"' in page.text
    assert admin.post("/units/acts/new/merge", data=late | {"late": "1"}).status_code == 200


def test_a_split_asks_where_each_hamlet_goes(admin, communes):
    hamlets = [factories.hamlet(parent=communes[0], name=f"Ấp Thử {n}") for n in (1, 2)]
    split = {
        "on": DAY.isoformat(),
        "decision": "2/NQ",
        "units": communes[0].id,
        "code": ["90011", "90012", "", ""],
        "name": ["Xã Đông", "Xã Tây", "", ""],
    }
    asked = admin.post("/units/acts/new/split", data=split | {"step": "look"})
    assert asked.status_code == 422
    assert f'name="place-{hamlets[1].id}"' in asked.text
    assert '<option value="new:90012">' in asked.text
    split |= {f"place-{hamlets[0].id}": "new:90011", f"place-{hamlets[1].id}": "new:90012"}
    assert "Ấp Thử 2: Xã Thử 1 → Xã Tây" in admin.post("/units/acts/new/split", data=split).text
    assert admin.post("/units/acts/new/split", data=split | {"step": "enter"}).status_code == 303
    assert units.hamlets_of(unit_id("90012", DAY), DAY) == [hamlets[1].id]


@pytest.mark.parametrize(
    ("kind", "fields", "shown"),
    [
        ("rename", {"name": "Xã Đổi Tên"}, "Xã Thử 1 → Xã Đổi Tên"),
        ("abolish", {}, "Xã Thử 1"),
        ("found", {"code": "90099", "name": "Xã Lập Mới"}, "Xã Lập Mới"),
    ],
)
def test_other_kinds_show_what_they_change(admin, place, communes, kind, fields, shown):
    to = {"abolish": communes[1].id, "found": place.province.id}.get(kind, "")
    data = {"on": DAY.isoformat(), "decision": "3/NQ", "units": communes[0].id, "to": to} | fields
    factories.hamlet(parent=communes[0])
    page = admin.post(f"/units/acts/new/{kind}", data=data)
    assert page.status_code == 200, page.text
    assert shown in page.text
    assert admin.post(f"/units/acts/new/{kind}", data=data | {"step": "enter"}).status_code == 303


def test_a_hamlet_moves_to_another_commune(admin, place, communes):
    data = {"on": DAY.isoformat(), "decision": "4/NQ", "level": "hamlet", "units": place.hamlet.id}
    page = admin.post("/units/acts/new/move", data=data | {"to": communes[0].id})
    assert "Khu phố Thử 1: Phường Thử → Xã Thử 1" in page.text


def test_acts_are_the_admins_and_ask_for_the_token(admin, official, staff):
    for other in (official, staff):
        assert other.get("/units/acts").status_code == 403
        assert other.post("/units/acts/new/merge").status_code == 403
    del admin.environ_base["HTTP_X_CSRFTOKEN"]
    assert admin.post("/units/acts/new/merge", data={}).status_code == 400
