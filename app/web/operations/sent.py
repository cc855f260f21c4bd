"""What a phone sent, read for people: however odd it is, the page must stand."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.core import i18n
from app.core.clock import today
from app.models.households import Household
from app.models.operations import Operation
from app.queries import households, teams, units
from app.rules.operations import FREE_TEXT, MESSAGES, PERSONAL
from app.rules.permissions import Actor
from app.rules.vocabulary import ConsentAnswer, OperationOutcome, OperationType

LONGEST = 300
"""Letters shown of anything that was sent."""
MOST = 100
"""Members or topics shown of one visit."""
_NAMING = frozenset((*PERSONAL, *FREE_TEXT))
"""Names on the wire whose values may name people, so they are shown only with consent."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that was sent: its name on the wire, the kind of word its value is, if any, and the value."""

    name: str
    kind: str | None
    value: Any


@dataclass(slots=True)
class Entry:
    """A record in quarantine: what it says in `facts`, and why it was not taken in."""

    row: Operation
    kind: str
    home_name: str
    home: Household | None
    day: date | None
    outcome: str | None
    is_correction: bool
    facts: list[Fact]
    reason: str
    problems: list[tuple[str, str]]
    is_unreadable: bool = False
    typed: str = ""
    mistake: str = ""

    @property
    def may_take_in(self) -> bool:
        """Say whether taking in can be tried: what waits for another record follows that by itself."""
        return not self.is_unreadable and self.row.outcome is not OperationOutcome.DEFERRED


class Reader:
    """Reads what was sent. Knows the names of units, and of the teams and homes that `rows` speak of."""

    def __init__(self, actor: Actor, rows: Collection[Operation]) -> None:
        self._units = units.register().units
        self._sent = {row.op_id: json.loads(row.body) for row in rows}
        self._teams = teams.names({row.team_id for row in rows if row.team_id})
        self._homes = households.by_ids(actor, {row.household_id for row in rows if row.household_id})
        self._registered = {
            row.household_id: _data(self._sent[row.op_id])
            for row in rows
            if row.type == OperationType.HOUSEHOLD_REGISTER
        }

    def entry(self, row: Operation) -> Entry:
        """Return one of the rows as it is shown. A home that waits itself lends its name to what waits for it."""
        raw = self._sent[row.op_id]
        data = _data(raw)
        home = self._homes.get(row.household_id or "")
        promised = self._registered.get(row.household_id, {})
        may_name = home.has_consented if home else _has_consent(data) or _has_consent(promised)
        name = home.head_name if home else promised.get("head_name") or data.get("head_name")
        kind, outcome = row.type or raw.get("type"), data.get("outcome")
        return Entry(
            row,
            kind=kind if isinstance(kind, str) else "",
            home=home,
            home_name=as_text(name) if name and may_name else "",
            day=_day(data.get("visited_on")),
            outcome=as_text(outcome) if outcome else None,
            is_correction=bool(data.get("corrects")),
            facts=list(self._facts(data, may_name=may_name)),
            reason=_say(row.code or "op.failed"),
            problems=[
                (as_text(path), " ".join(_say(each) for each in texts))
                for path, texts in (row.fields or {}).items()
            ],
            is_unreadable=raw.keys() == {"sealed"},
        )

    def unit_name(self, unit_id: str) -> str:
        """Return the name of a unit today, or its id where the register does not know it."""
        life = self._units.get(unit_id)
        return life.name(today()) if life else as_text(unit_id)

    def fact(self, name: str, value: Any) -> Fact:
        """Return a field of a home or a visit with its value, as far as it can be read."""
        if name == "consent" and isinstance(value, dict):
            value = value.get("answer")
        if value is None:
            return Fact(as_text(name), None, None)
        if name in _KINDS:
            return Fact(name, _KINDS[name], value if isinstance(value, bool) else as_text(value))
        if name == "unit_id" and isinstance(value, str):
            return Fact(name, None, self.unit_name(value))
        if name == "team_id" and isinstance(value, str):
            return Fact(name, None, self._teams.get(value.lower(), as_text(value)))
        day = _day(value)
        return Fact(as_text(name), "day" if day else None, day or as_text(value))

    def _facts(self, data: Mapping[str, Any], *, may_name: bool) -> Iterator[Fact]:
        """Tell what was sent; without consent nothing personal of it."""
        for name, value in sorted(data.items(), key=_place):
            if name in _UNTOLD or (name in _NAMING and not may_name) or value in (None, "", [], {}):
                continue
            if name == "changes" and isinstance(value, dict):
                may_tell = may_name or _has_consent(value)
                shown = {each: new for each, new in value.items() if may_tell or each not in _NAMING}
                yield from (self.fact(each, new) for each, new in sorted(shown.items(), key=_place))
            elif name == "members" and _are_objects(value):
                yield Fact(name, "members", [_person(each, may_name=may_name) for each in value[:MOST]])
            elif name == "topics" and _are_objects(value):
                topics = [(as_text(each.get("topic")), as_text(each.get("people"))) for each in value[:MOST]]
                yield Fact(name, "topics", topics)
            else:
                yield self.fact(name, value)


_KINDS = {"outcome": "outcome", "fibre": "fibre", "other_smart_device": "yes_no", "consent": "consent"}
_SEEN = {"sex": "sex", "phone": "phone", "account": "account"}
"""Names on the wire whose values are words of the domain, of a visit or home and of a person."""
_ORDER = (
    "team_id unit_id code head_name address phone consent visited_on outcome fibre other_smart_device members "
    "topics note next_visit_on moved_on reason"
).split()
"""Names on the wire in the order people read them; what is not among them comes last."""
_UNTOLD = {"id", "household_id", "base", "corrects"}
"""Names on the wire that mean nothing to people."""


def as_text(value: object) -> str:
    """Return a value as text that a page can hold: of some length, without unpaired surrogates."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    return text.encode("utf-8", "replace").decode()


def _place(item: tuple[str, object]) -> tuple[int, str]:
    name = item[0]
    return (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)


def _data(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    data = raw.get("data")
    return data if isinstance(data, dict) else {}


def _has_consent(data: Mapping[str, Any]) -> bool:
    consent = data.get("consent")
    return isinstance(consent, dict) and consent.get("answer") == ConsentAnswer.YES


def _are_objects(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def _person(member: Mapping[str, Any], *, may_name: bool) -> dict[str, Any]:
    years = [as_text(member[each]) for each in ("birth_year", "birth_year_to") if member.get(each)]
    skills = member.get("skills")
    return {
        "label": as_text(member["label"]) if may_name and member.get("label") else "",
        "born": "–".join(years),
        "seen": [(kind, as_text(member[name])) for name, kind in _SEEN.items() if member.get(name)],
        "skills": [as_text(each) for each in skills] if isinstance(skills, list) else None,
    }


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None


def _say(code_or_text: str) -> str:
    return i18n.translate(MESSAGES.get(code_or_text, as_text(code_or_text)))
