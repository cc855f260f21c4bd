"""The time: instants in UTC, civil dates in Asia/Ho_Chi_Minh."""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return the present civil date in Vietnam."""
    return civil_date(now())


def civil_date(instant: datetime) -> date:
    """Return the Vietnamese civil date of an aware `instant`."""
    return instant.astimezone(VIETNAM).date()


def read_day(text: str) -> date:
    """Return the civil date written as YYYY-MM-DD and in no other way; ValueError otherwise."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError(f"not a date such as 2025-06-30: {text!r}")
    return date.fromisoformat(text)


def rfc3339(instant: datetime) -> str:
    """Write an aware `instant` as RFC 3339 in UTC with milliseconds and `Z`."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
