"""One home visit travels from an offline phone to the provincial spreadsheet."""

import io
from typing import Any

import openpyxl
from playwright.sync_api import Page, expect

from tests.browser.phone import PhoneApp

WARD = "Phường Thủ Dầu Một"
HEAD = "Mẫu Thị Hành Trình"


def hamlets(page: Page) -> dict[str, dict[str, Any]]:
    """Return the coverage of each hamlet of whoever is signed in, by name."""
    answer = page.request.get("/api/v1/coverage?level=hamlet")
    assert answer.ok, answer.text()
    return {line["unit"]["name"]: line for line in answer.json()["items"] if line["unit"]}


def interviewed_on_page(page: Page, hamlet: str) -> int:
    """Read how many homes of a hamlet were interviewed from the official's page of coverage."""
    page.goto("/coverage?level=hamlet")
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=hamlet, exact=True))
    return int(row.locator("td").nth(4).inner_text().replace(".", ""))


def numbers_in_workbook(page: Page) -> tuple[int, int]:
    """Return numerator and denominator of adults with a smartphone in the ward, from the province's workbook."""
    question = "indicator=smartphone_adult&level=commune"
    answer = page.request.get(f"/api/v1/exports/indicators.xlsx?{question}&borders=2025-12-01")
    assert answer.ok, answer.text()
    sheet = openpyxl.load_workbook(io.BytesIO(answer.body())).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    head = next(row for row in rows if "Tử số" in row)
    (line,) = (row for row in rows if row[head.index("Đơn vị")] == WARD)
    return line[head.index("Tử số")], line[head.index("Mẫu số")]


def test_a_visit_recorded_offline_reaches_the_provinces_workbook(
    live_server, phone_page, new_context, sign_in
):
    desk, province = (new_context(viewport={"width": 1280, "height": 800}).new_page() for _ in range(2))
    sign_in(desk, "official")
    sign_in(province, "province")
    sign_in(phone_page, "volunteer")
    phone = PhoneApp(phone_page)
    phone.settle()
    hamlet = phone_page.locator(".hamlet-name").first.inner_text().rsplit(" ", 1)[0]
    coverage_before = hamlets(desk)[hamlet]
    shown_before = interviewed_on_page(desk, hamlet)
    numerator, denominator = numbers_in_workbook(province)

    phone_page.context.set_offline(True)
    live_server.stop()
    phone_page.reload()
    expect(phone.rows.first).to_be_visible()

    phone.register(HEAD)
    phone.choose("Kết quả lượt thăm", "Đã gặp")
    phone.tap("Thêm người")
    phone.choose("Điện thoại riêng", "Điện thoại thông minh")
    phone.choose("Tài khoản tại ngân hàng hoặc tổ chức được phép khác", "Có")
    phone_page.get_by_label("Năm sinh").fill("1990")
    phone.choose("Internet cáp quang", "Đã lắp")
    phone.tap("Lưu lượt thăm")
    expect(phone_page.get_by_role("heading", level=1)).to_have_text(HEAD)

    phone_page.reload()
    expect(phone_page.get_by_role("heading", level=1)).to_have_text(HEAD)
    assert phone.states() == ["unsent", "unsent"]
    expect(phone_page.locator(".truth-line")).to_have_text("Máy chủ đã nhận 0/2")

    live_server.start()
    phone_page.context.set_offline(False)
    phone.send()
    expect(phone_page.locator(".truth-line")).to_have_text("Máy chủ đã nhận 2/2")
    assert phone.states() == ["received", "received"]

    coverage = hamlets(desk)[hamlet]
    for count in ("registered", "visited", "interviewed"):
        assert coverage[count] == coverage_before[count] + 1, count
    assert interviewed_on_page(desk, hamlet) == shown_before + 1
    assert numbers_in_workbook(province) == (numerator + 1, denominator + 1)
