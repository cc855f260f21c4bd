"""What the server keeps aside is said plainly, and never passes for how a home was last seen."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.phone import PhoneApp

RECORD = """async (book, { household_id, visited_on, team }) => {
  const me = JSON.parse(localStorage.getItem("tung-nha.me"));
  const visit = {
    id: crypto.randomUUID(), household_id, team_id: team ?? me.teams[0].id, visited_on, outcome: "refused",
    topics: [], note: null, next_visit_on: null, corrects: null,
  };
  await book.record(me.id, { type: "visit.record", data: visit });
}"""


@pytest.fixture
def phone(phone_page: Page, sign_in) -> PhoneApp:
    """The demo's volunteer, signed in on a phone of their own."""
    sign_in(phone_page, "volunteer")
    app = PhoneApp(phone_page)
    app.settle()
    return app


def record(phone: PhoneApp, home: str, visited_on: str, team: str | None = None) -> None:
    """Record a refusal past the form, which would have noticed what is wrong with it."""
    phone.module("store/book.js", RECORD, {"household_id": home, "visited_on": visited_on, "team": team})


def test_a_record_for_another_team_waits_for_the_official(phone: PhoneApp):
    home = phone.visit("Vắng nhà")
    record(phone, home, "2025-06-12", team="018f0000-0000-7000-8000-000000000bad")
    phone.send()
    assert phone.states() == ["held", "received"]
    entry = phone.page.locator(".record").first
    expect(entry.locator(".tag")).to_have_text("Chờ cán bộ xã, phường xem")
    expect(entry.get_by_role("link", name="Sửa")).to_have_count(0)
    expect(phone.page.locator(".truth-line")).to_have_text("Máy chủ đã nhận 2/2")
    phone.open()
    expect(phone.page.get_by_text("cần sửa")).to_have_count(0)


def test_a_refused_visit_is_not_how_the_home_was_last_seen(phone: PhoneApp):
    home = phone.visit("Vắng nhà")
    record(phone, home, "2099-01-01")
    phone.send()
    assert phone.states() == ["fix", "received"]
    phone.open(f"home/{home}")
    expect(phone.page.locator(".summary-last")).to_contain_text("Vắng nhà")
    expect(phone.page.locator(".entry", has_text="Từ chối").locator(".tag")).to_have_text("Cần sửa")
