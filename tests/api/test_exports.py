import csv
import io
from datetime import date, datetime
from urllib.parse import unquote

import openpyxl
import pytest

from app.rules.vocabulary import Phone, Role
from tests import factories

JUNE = {"period": "2025-06", "level": "hamlet", "indicator": "smartphone"}


@pytest.fixture
def commune(app):
    return factories.commune(parent=factories.province())


@pytest.fixture
def client(commune, signed_in):
    hamlet = factories.hamlet(parent=commune, code="00042", name='=HYPERLINK("http://x")')
    for number in range(3):
        home = factories.household(unit=hamlet, registered_on=date(2025, 6, 1))
        visit = factories.visit(household=home, visited_on=date(2025, 6, 12))
        factories.observation(visit, phone=Phone.SMARTPHONE if number else Phone.BASIC)
    return signed_in(factories.user(Role.PROVINCE, unit=commune))


def download(client, ending, **parameters):
    answer = client.get(f"/api/v1/exports/indicators.{ending}", query_string=JUNE | parameters)
    assert answer.status_code == 200, answer.text
    return answer


def workbook(answer):
    return openpyxl.load_workbook(io.BytesIO(answer.data)).active


def head_row(sheet):
    return next(row for row in range(1, 20) if sheet.cell(row, 11).value is not None)


def test_the_workbook_holds_real_numbers_under_a_frozen_head(client):
    sheet = workbook(download(client, "xlsx"))
    row = head_row(sheet)
    assert sheet.freeze_panes == f"C{row + 1}"
    cells = [cell.value for cell in sheet[row + 1]]
    assert cells[0] == "00042"
    assert cells[7:11] == [2, 3, 0, 0.6667]
    assert sheet.cell(row + 1, 11).number_format == "0.00%"
    assert sheet.cell(row + 1, 8).number_format == "#,##0"
    assert sheet.max_row == row + 1


def test_the_workbook_says_what_its_figures_rest_on(client):
    sheet = workbook(download(client, "xlsx", borders="2025-07-01"))
    facts = [sheet.cell(row, 4).value for row in range(1, head_row(sheet))]
    days = [fact.date() for fact in facts if isinstance(fact, datetime)]
    assert days == [date(2025, 6, 30), date(2025, 7, 1)]
    assert "2022.1" in facts
    assert any("2025-06" in str(fact) for fact in facts)


def test_the_workbook_speaks_the_readers_language(client):
    vietnamese = workbook(download(client, "xlsx"))
    row = head_row(vietnamese)
    assert vietnamese.cell(row + 1, 4).value == "Người có điện thoại thông minh"
    assert vietnamese.cell(row, 8).value == "Tử số"
    client.set_cookie("lang", "en")
    english = workbook(download(client, "xlsx"))
    assert english.cell(row + 1, 4).value == "People with a smartphone"
    assert english.cell(row, 8).value == "Numerator"


def test_no_text_becomes_a_formula(client):
    sheet = workbook(download(client, "xlsx"))
    assert sheet.cell(head_row(sheet) + 1, 2).data_type == "s"
    (row,) = csv.DictReader(io.StringIO(download(client, "csv").data.decode("utf-8-sig")))
    assert row["unit_name"] == '\'=HYPERLINK("http://x")'


def test_a_row_of_the_csv_stands_for_itself(client):
    answer = download(client, "csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
    told = {
        name: row[name]
        for name in ("period", "cut_off", "unit_code", "numerator", "denominator", "value", "partial")
    }
    assert told == {
        "period": "2025-06",
        "cut_off": "2025-06-30",
        "unit_code": "00042",
        "numerator": "2",
        "denominator": "3",
        "value": "66.67",
        "partial": "false",
    }


def test_the_json_file_is_the_answer_of_the_api(client):
    assert download(client, "json").json == client.get("/api/v1/indicators/values", query_string=JUNE).json


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json"])
def test_a_file_has_a_vietnamese_name(client, ending):
    disposition = download(client, ending).headers["Content-Disposition"]
    assert disposition.startswith("attachment")
    name = unquote(disposition.split("filename*=UTF-8''")[1])
    assert name.startswith("Từng Nhà")
    assert name.endswith(f"2025-06.{ending}")


def test_a_file_holds_all_pages(client, commune):
    for _ in range(1100):
        factories.hamlet(parent=commune)
    rows = list(csv.DictReader(io.StringIO(download(client, "csv").data.decode("utf-8-sig"))))
    assert len(rows) == 1101


def test_files_are_refused_as_answers_are(client, signed_in, commune):
    address = "/api/v1/exports/indicators.xlsx"
    assert client.get(address, query_string={"period": "soon"}).status_code == 422
    assert client.get(address, query_string={"unit": "none-such"}).status_code == 404
    assert signed_in(factories.user(Role.ADMIN)).get(address).status_code == 403
