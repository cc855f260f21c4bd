"""Figures as files: rows for other programs (CSV), a workbook for people (XLSX). No look at the database here.

CSV bears the API's field names, so that programs may rely on them in any language; the workbook speaks the
reader's language. Percentages are real numbers with a number format, never text.
"""

import csv
import io
from collections.abc import Callable
from datetime import date
from typing import Any

import xlsxwriter

from app.core.errors import message
from app.rules.indicators import DEFINITIONS
from app.rules.vocabulary import Calendar

FILE_NAME = message("Từng Nhà indicators")
Answer = dict[str, Any]
Translate = Callable[[str], str]

_CSV = (
    "period",
    "calendar",
    "cut_off",
    "borders",
    "basis",
    "unit_id",
    "unit_code",
    "unit_name",
    "unit_kind",
    "indicator",
    "version",
    "rule",
    "sex",
    "age",
    "topic",
    "numerator",
    "denominator",
    "unknown",
    "value",
    "coverage_baseline",
    "coverage_registered",
    "coverage_interviewed",
    "status",
    "suppressed",
    "partial",
    "unconverted",
    "baseline_exceeded",
)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_BOM = "\ufeff"


def as_csv(answer: Answer) -> bytes:
    """Write an answer of values as CSV: UTF-8 with byte order mark, CRLF, comma, one row per figure.

    A text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    out = io.StringIO(newline="")
    out.write(_BOM)
    writer = csv.DictWriter(out, _CSV, extrasaction="ignore")
    writer.writeheader()
    for item in answer["items"]:
        writer.writerow({name: _guard(value) for name, value in _flat(answer, item).items()})
    return out.getvalue().encode()


def _flat(answer: Answer, item: dict[str, Any]) -> dict[str, Any]:
    unit = item["unit"] or dict.fromkeys(("id", "code", "name", "kind"))
    return (
        {name: value for name, value in answer.items() if name not in {"items", "next"}}
        | {name: value for name, value in item.items() if name not in {"unit", "coverage"}}
        | {f"unit_{name}": value for name, value in unit.items()}
        | {f"coverage_{name}": value for name, value in item["coverage"].items()}
    )


def _guard(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value


_WORDS = {
    "province": message("Province"),
    "district": message("District"),
    "commune": message("Commune"),
    "hamlet": message("Hamlet"),
    "female": message("Female"),
    "male": message("Male"),
    "unknown": message("Unknown"),
    "public_services": message("Online public services"),
    "vneid": message("VNeID"),
    "bank_account": message("Bank account"),
    "shop_online": message("Shopping online"),
    "pay_online": message("Paying online"),
    "online_safety": message("Online safety"),
    "install_apps": message("Installing apps"),
    "fibre_signup": message("Signing up for fibre"),
    "local_apps": message("Local apps"),
    "other": message("Other"),
    "provisional": message("Provisional"),
    "approved": message("Approved"),
    "published": message("Published"),
    "observed": message("Observed: what visits saw"),
    "confirmed": message("Confirmed: official counts as denominator"),
    "five_areas": message("Something in each of the five areas"),
    "any_one": message("Any one activity (indicator 0503)"),
    "national_contents": message("Three of the four national contents"),
}
"""What the words of the vocabulary are called in a workbook; English msgids."""

_COLUMNS: tuple[tuple[str, int, str], ...] = (
    (message("Code"), 9, "text"),
    (message("Unit"), 30, "text"),
    (message("Level"), 12, "text"),
    (message("Indicator"), 42, "text"),
    (message("Sex"), 10, "text"),
    (message("Age"), 9, "text"),
    (message("Topic"), 24, "text"),
    (message("Numerator"), 11, "count"),
    (message("Denominator"), 11, "count"),
    (message("Unknown"), 13, "count"),
    (message("Rate"), 10, "rate"),
    (message("Official households"), 13, "count"),
    (message("Registered homes"), 13, "count"),
    (message("Interviewed homes"), 13, "count"),
    (message("Status"), 12, "text"),
    (message("Remarks"), 40, "text"),
)
_FORMATS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 15},
    "label": {"bold": True, "align": "left"},
    "text": {"valign": "top"},
    "count": {"num_format": "#,##0", "valign": "top"},
    "rate": {"num_format": "0.00%", "valign": "top"},
    "date": {"num_format": "dd/mm/yyyy", "align": "left"},
    "head": {
        "bold": True,
        "text_wrap": True,
        "valign": "vcenter",
        "align": "center",
        "bg_color": "#0B5C6B",
        "font_color": "#FFFFFF",
        "border": 1,
        "border_color": "#FFFFFF",
    },
}
_PARTIAL = message("Only the part within your scope")
_UNCONVERTED = message("Cannot be placed on these borders")
_EXCEEDED = message("More than the official count")


def as_xlsx(answer: Answer, language: str, translate: Translate) -> bytes:
    """Write an answer of values as a workbook, its words in `language` by `translate` (msgid to text)."""
    out = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options | {"strings_to_urls": False}) as book:
        styles = {name: book.add_format(style) for name, style in _FORMATS.items()}
        sheet = book.add_worksheet(translate(message("Indicators"))[:31])
        for place, (_, width, _) in enumerate(_COLUMNS):
            sheet.set_column(place, place, width)
        row = _write_title(sheet, styles, answer, translate)
        sheet.set_row(row, 34)
        for place, (heading, _, _) in enumerate(_COLUMNS):
            sheet.write_string(row, place, translate(heading), styles["head"])
        sheet.freeze_panes(row + 1, 2)
        sheet.autofilter(row, 0, row + max(len(answer["items"]), 1), len(_COLUMNS) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(row)
        for item in answer["items"]:
            row += 1
            for place, cell in enumerate(_cells(item, language, translate)):
                style = _COLUMNS[place][2]
                if cell is not None:
                    write = sheet.write_string if style == "text" else sheet.write_number
                    write(row, place, cell, styles[style])
    return out.getvalue()


def _write_title(sheet: Any, styles: dict[str, Any], answer: Answer, translate: Translate) -> int:
    """Write what the figures have in common; return the row of the table's head."""
    sheet.write_string(0, 0, translate(message("Digital indicators of homes and people")), styles["title"])
    is_report = answer["calendar"] == Calendar.REPORT.value
    calendar = message("Reporting calendar, decree 09/2019") if is_report else message("Civil calendar")
    versions = sorted({f"{item['version']}" for item in answer["items"]})
    rules = sorted({item["rule"] for item in answer["items"] if item["rule"]})
    statuses = sorted({item["status"] for item in answer["items"]})
    when = f"{answer['period']} ({translate(calendar)})" if answer["period"] else "–"
    facts: list[tuple[str, str | date]] = [
        (message("Period"), when),
        (message("Cut-off"), date.fromisoformat(answer["cut_off"])),
        (message("Borders of"), date.fromisoformat(answer["borders"])),
        (message("Basis"), _word(answer["basis"], translate)),
        (message("Version of definitions"), ", ".join(versions)),
        (message("Rule for basic skills"), ", ".join(_word(rule, translate) for rule in rules)),
        (message("Status"), ", ".join(_word(status, translate) for status in statuses)),
    ]
    shown = [(label, fact) for label, fact in facts if fact]
    for row, (label, fact) in enumerate(shown, start=1):
        sheet.write_string(row, 0, translate(label), styles["label"])
        if isinstance(fact, date):
            sheet.write_datetime(row, 3, fact, styles["date"])
        else:
            sheet.write_string(row, 3, fact, styles["text"])
    return len(shown) + 2


def _cells(item: dict[str, Any], language: str, translate: Translate) -> list[str | float | None]:
    unit = item["unit"] or {"code": "", "name": translate(_UNCONVERTED), "kind": None}
    name = DEFINITIONS[item["indicator"]].name
    flags = {
        _PARTIAL: item["partial"],
        _UNCONVERTED: item["unconverted"],
        _EXCEEDED: item["baseline_exceeded"],
    }
    return [
        unit["code"],
        unit["name"],
        _word(unit["kind"], translate),
        name.vi if language == "vi" else name.en,
        _word(item["sex"], translate),
        _word(item["age"], translate),
        _word(item["topic"], translate),
        item["numerator"],
        item["denominator"],
        item["unknown"],
        None if item["value"] is None else round(item["value"] / 100, 4),
        item["coverage"]["baseline"],
        item["coverage"]["registered"],
        item["coverage"]["interviewed"],
        _word(item["status"], translate),
        "; ".join(translate(remark) for remark, holds in flags.items() if holds),
    ]


def _word(word: str | None, translate: Translate) -> str:
    """Return a word of the vocabulary for people; age bands stand for themselves."""
    return translate(_WORDS.get(word, word)) if word else ""
