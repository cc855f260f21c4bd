"""What a phone offers, on paper: one operation as read, its content hash, and what each code says to people."""

import hashlib
import json
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from app.core.errors import message
from app.rules import observations
from app.rules.vocabulary import ConsentAnswer, OperationType

MOST_PER_PUSH = 100
LARGEST_PUSH = 512 * 1024
"""Bytes of a push after inflating."""

MESSAGES: dict[str, str] = observations.MESSAGES | {
    "op.failed": message(
        "The server could not judge this record. It is kept; the commune's official can see it."
    ),
    "op.malformed": message("Some of this record cannot be used. See the fields."),
    "op.unproven": message("It is not certain which phone this record comes from. The official will decide."),
    "op.unreadable": message("This record cannot be opened. It is kept as it is."),
    "op.reused": message("Another record already has this number. Both are kept."),
    "op.unknown_type": message("The server does not know this kind of record yet. It is kept."),
    "household.exists": message("This home is already registered."),
    "household.waited_for": message("Waiting for the home that this record belongs to."),
    "household.not_yours": message(
        "This home is not in the team's area. The commune's official will decide."
    ),
    "team.not_yours": message(
        "This account does not belong to that team. The commune's official will decide."
    ),
    "visit.corrects_itself": message("A visit cannot correct itself."),
    "visit.exists": message("This visit is already recorded."),
    "visit.not_yours": message("Only whoever recorded a visit may change it."),
    "visit.waited_for": message("Waiting for the visit that this record belongs to."),
    "units.unknown": message("No such unit is in the register."),
    "consent.stripped": message("Names, phones and addresses were left out, because there is no consent."),
}


@dataclass(frozen=True)
class Offered:
    """One operation as a phone sent it (`raw`) and as far as it could be read.

    `problems` (field to messages) is empty where the shape is sound; then all but `replaces` are set.
    """

    raw: dict[str, Any]
    op_id: str | None = None
    device_seq: int | None = None
    type: OperationType | None = None
    recorded_at: datetime | None = None
    replaces: str | None = None
    data: dict[str, Any] = field(default_factory=dict)
    code: str | None = None
    problems: dict[str, list[str]] = field(default_factory=dict)

    @cached_property
    def text(self) -> str:
        """Return the operation as canonical JSON."""
        return canonical(self.raw)

    @cached_property
    def hash(self) -> str:
        """Return the content hash (sync.md)."""
        return content_hash(self.text)

    @cached_property
    def home_id(self) -> str | None:
        """Return the id of the home that the operation names, however broken the rest of it is."""
        data = self.raw.get("data")
        if not isinstance(data, dict):
            return None
        is_of_home = self.raw.get("type") in (OperationType.HOUSEHOLD_REGISTER, OperationType.HOUSEHOLD_AMEND)
        named = data.get("id" if is_of_home else "household_id")
        try:
            return str(uuid.UUID(named)) if isinstance(named, str) else None
        except ValueError:
            return None


def canonical(raw: dict[str, Any]) -> str:
    """Return the operation as JSON with sorted keys and no spaces (sync.md); its UTF-8 bytes are hashed."""
    return _CANONICAL.encode(raw)


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


PERSONAL = ("address", "head_name", "phone")
"""Fields of a home that are kept only with consent; labels of members likewise."""
FREE_TEXT = ("note", "reason")
"""Fields that may name people; they go when consent is taken back."""


def may_keep_personal(offered: Offered, home_answer: ConsentAnswer | None) -> bool:
    """Say whether what is personal may stay in an operation's kept body.

    Its own consent decides if it carries one, otherwise the home's; of a home not known yet it is not known.
    A registration without a readable consent has none.
    """
    data = offered.raw.get("data")
    consent = None
    if isinstance(data, dict):
        changes = data.get("changes")
        consent = data.get("consent") or (changes.get("consent") if isinstance(changes, dict) else None)
    if consent is None and offered.raw.get("type") != OperationType.HOUSEHOLD_REGISTER:
        return home_answer in (None, ConsentAnswer.YES)
    return isinstance(consent, dict) and consent.get("answer") == ConsentAnswer.YES


def without_personal(raw: dict[str, Any], *also: str) -> dict[str, Any]:
    """Return an operation as sent without names, phones, addresses and labels, and without the fields `also`."""
    data = raw.get("data")
    if not isinstance(data, dict):
        return raw
    left_out = {*PERSONAL, *also}
    kept = {name: value for name, value in data.items() if name not in left_out}
    if isinstance(kept.get("changes"), dict):
        kept["changes"] = {name: value for name, value in kept["changes"].items() if name not in left_out}
    if isinstance(kept.get("members"), list):
        kept["members"] = [
            {name: value for name, value in member.items() if name != "label"}
            if isinstance(member, dict)
            else member
            for member in kept["members"]
        ]
    return {**raw, "data": kept}


def content_hash(text: str) -> str:
    """Return the SHA-256 of canonical JSON, in hexadecimal; lone surrogates are hashed as they stand."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def derived_id(*parts: str) -> str:
    """Return an id that is the same each time for the same parts: for operations that bring none of their own."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, "\0".join(parts)))


def gaps(numbers: Collection[int]) -> list[tuple[int, int]]:
    """Return the stretches, as (first, last), between 1 and the highest of a phone's numbers that are not there."""
    found = []
    before = 0
    for number in sorted({0, *numbers}):
        if number > before + 1:
            found.append((before + 1, number - 1))
        before = number
    return found
