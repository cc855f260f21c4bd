"""What a visit record must satisfy whatever the database says, and the birth year a band stands for.

The wire's shape (types, words, dates) is the schema's business; here are the rules between fields. The twin
is static/js/phone/rules/observations.js; both are held to tests/cases/observations.json.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from app.core.errors import message
from app.rules.vocabulary import Outcome

Problems = dict[str, list[str]]

MEMBERS_AT_MOST = 100
PEOPLE_AT_MOST = 1000
"""People helped with one topic on one visit; a neighbourhood at the door, not a typing slip."""
NOTE_AT_MOST = 2000
LABEL_AT_MOST = 60
MEMBER_ID_AT_MOST = 36
BAND_AT_MOST = 10
"""Years from a band's first to its last."""
EARLIEST_BIRTH_YEAR = 1890

MESSAGES: dict[str, str] = {
    "visit.in_future": message("The visit is dated in the future."),
    "visit.only_when_interviewed": message("This can be recorded only when somebody was interviewed."),
    "visit.too_many_members": message("There are too many people in this home."),
    "visit.note_too_long": message("The note is too long."),
    "member.id_length": message("The person's id is missing or too long."),
    "member.repeated": message("The same person is listed twice."),
    "member.label_too_long": message("The label is too long."),
    "member.born_later": message("The birth year is later than the visit."),
    "member.born_too_early": message("The birth year is too long ago."),
    "member.band_backwards": message("The last birth year comes before the first."),
    "member.band_too_wide": message("The birth years may lie at most ten years apart."),
    "topic.repeated": message("The same topic is listed twice."),
    "topic.people_out_of_range": message("The number of people helped is not possible."),
}
"""What each code says to people; English msgids."""

ONLY_WHEN_INTERVIEWED = ("fibre", "other_smart_device", "members")


def middle(birth_year: int | None, birth_year_to: int | None = None) -> int | None:
    """Return the birth year someone counts by: the year itself, or the floor of the middle of its band."""
    if birth_year is None:
        return None
    return birth_year if birth_year_to is None else (birth_year + birth_year_to) // 2


def problems(visit: Mapping[str, Any], received_on: date) -> Problems:
    """Return what is wrong with `visit` (visit.record's data, dates as `date`): field to codes; empty if sound.

    `received_on` is the Vietnamese date on which the server received it. Fields of members and topics are
    named by their place: `members.2.birth_year`.
    """
    found: Problems = {}
    visited_on: date = visit["visited_on"]
    if visited_on > received_on + timedelta(days=1):
        _add(found, "visited_on", "visit.in_future")
    if visit["outcome"] != Outcome.INTERVIEWED:
        for field in ONLY_WHEN_INTERVIEWED:
            if visit.get(field) not in (None, [], ()):
                _add(found, field, "visit.only_when_interviewed")
    _check_members(found, visit.get("members") or (), visited_on)
    _check_topics(found, visit.get("topics") or ())
    if len(visit.get("note") or "") > NOTE_AT_MOST:
        _add(found, "note", "visit.note_too_long")
    return found


def _check_members(found: Problems, members: Sequence[Mapping[str, Any]], visited_on: date) -> None:
    if len(members) > MEMBERS_AT_MOST:
        _add(found, "members", "visit.too_many_members")
    seen: set[str] = set()
    for place, member in enumerate(members):
        where = f"members.{place}"
        if not 1 <= len(member["id"]) <= MEMBER_ID_AT_MOST:
            _add(found, f"{where}.id", "member.id_length")
        if member["id"] in seen:
            _add(found, f"{where}.id", "member.repeated")
        seen.add(member["id"])
        if len(member.get("label") or "") > LABEL_AT_MOST:
            _add(found, f"{where}.label", "member.label_too_long")
        _check_birth(found, where, member.get("birth_year"), member.get("birth_year_to"), visited_on.year)


def _check_birth(found: Problems, where: str, year: int | None, to: int | None, visited: int) -> None:
    if year is not None:
        if year > visited:
            _add(found, f"{where}.birth_year", "member.born_later")
        if year < EARLIEST_BIRTH_YEAR:
            _add(found, f"{where}.birth_year", "member.born_too_early")
    if to is None:
        return
    if year is None or to < year:
        _add(found, f"{where}.birth_year_to", "member.band_backwards")
    elif to - year > BAND_AT_MOST:
        _add(found, f"{where}.birth_year_to", "member.band_too_wide")
    if to > visited:
        _add(found, f"{where}.birth_year_to", "member.born_later")


def _check_topics(found: Problems, topics: Sequence[Mapping[str, Any]]) -> None:
    seen: set[str] = set()
    for place, row in enumerate(topics):
        if row["topic"] in seen:
            _add(found, f"topics.{place}.topic", "topic.repeated")
        seen.add(row["topic"])
        if not 0 <= row["people"] <= PEOPLE_AT_MOST:
            _add(found, f"topics.{place}.people", "topic.people_out_of_range")


def _add(found: Problems, field: str, code: str) -> None:
    found.setdefault(field, []).append(code)
