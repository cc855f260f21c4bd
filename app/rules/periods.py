"""Reporting periods: what `2025-Q2` means in civil months and in those of decree 09/2019/NĐ-CP.

A reporting month runs from the 15th of the month before to the 14th (June 2025 is 15/5–14/6). Longer
periods are whole runs of months, so the reporting year 2025 is 15/12/2024–14/12/2025.
"""

import calendar as months
import re
from dataclasses import dataclass
from datetime import date

from app.core.errors import Invalid, message
from app.rules.vocabulary import Calendar

FIRST_YEAR, LAST_YEAR = 2000, 2199
"""Years that a question may be about; wide enough for any programme and narrow enough for date arithmetic."""

UNKNOWN = message("No such period. Write 2025-06, 2025-Q2, 2025-H1 or 2025.")
REPORT_ONLY = message("Nine months exist only in the reporting calendar.")
OUT_OF_RANGE = message("This date is too far away.")

_FORM = re.compile(r"([0-9]{4})(?:-(0[1-9]|1[0-2]|Q[1-4]|H[12]|9M))?")


@dataclass(frozen=True, slots=True)
class Period:
    """A reporting period with its first and last day, both inclusive; the last day is the cut-off."""

    text: str
    calendar: Calendar
    first: date
    last: date

    @property
    def cut_off(self) -> date:
        """The day on which stock figures are taken: the period's last."""
        return self.last


def parse(text: str, calendar: Calendar = Calendar.CIVIL) -> Period:
    """Read `2025-06`, `2025-Q2`, `2025-H1`, `2025-9M` (reporting calendar only) or `2025`.

    Raises Invalid `period.unknown` for anything else.
    """
    form = _FORM.fullmatch(text)
    if form is None or not FIRST_YEAR <= int(form[1]) <= LAST_YEAR:
        raise Invalid("period.unknown", UNKNOWN, fields={"period": [UNKNOWN]})
    if form[2] == "9M" and calendar is not Calendar.REPORT:
        raise Invalid("period.report_only", REPORT_ONLY, fields={"period": [REPORT_ONLY]})
    year = int(form[1])
    first_month, last_month = _months(form[2])
    if calendar is Calendar.CIVIL:
        last_day = months.monthrange(year, last_month)[1]
        return Period(text, calendar, date(year, first_month, 1), date(year, last_month, last_day))
    first = date(year - 1, 12, 15) if first_month == 1 else date(year, first_month - 1, 15)
    return Period(text, calendar, first, date(year, last_month, 14))


def months_of(period: Period) -> list[str]:
    """Return the months that a period is made of, `2025-04 2025-05 2025-06`; a month is made of itself."""
    first, last = _months(period.text[5:] or None)
    return [f"{period.text[:4]}-{month:02}" for month in range(first, last + 1)]


def check_day(day: date, field: str) -> date:
    """Return `day` if a question may be about it; otherwise raise Invalid `date.out_of_range` for `field`."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Invalid("date.out_of_range", OUT_OF_RANGE, fields={field: [OUT_OF_RANGE]})
    return day


def _months(part: str | None) -> tuple[int, int]:
    if part is None:
        return 1, 12
    if part == "9M":
        return 1, 9
    if part[0] == "Q":
        return 3 * int(part[1]) - 2, 3 * int(part[1])
    if part[0] == "H":
        return 6 * int(part[1]) - 5, 6 * int(part[1])
    return int(part), int(part)
