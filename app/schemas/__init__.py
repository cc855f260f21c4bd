"""The wire in and out, for JSON and forms alike. Here the fields that all schemas share; no database, ever."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from app.core.clock import rfc3339
from app.core.errors import message
from app.rules import naming

NOT_TEXT = message("Write text without control characters.")
NOT_WHOLE = message("Write a whole number.")
OUT_OF_BOUNDS = message("This number is too small or too large.")
NOT_ID = message("This is not an id.")
NOT_A_WORD = message("This is none of the words that can stand here.")
RFC3339 = r"2[01]\d\d-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)"
_NOT_IN_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_NOT_IN_LINES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
UNIT_ID = r"^[0-9A-Za-z._-]{1,40}$"

fields.Field.default_error_messages.update(
    {
        "required": message("This is missing."),
        "null": message("This may not be empty."),
        "validator_failed": message("This cannot be used."),
    }
)


class Strict(Schema):
    """A schema that names what it does not know instead of dropping it."""

    class Meta:
        """Refuse unknown fields."""

        unknown = RAISE

    error_messages = {  # noqa: RUF012 (marshmallow's way)
        "unknown": message("This field is not known here."),
        "type": message("An object is needed here."),
    }


class Text(fields.String):
    """Text as NFC without control characters and unpaired surrogates; surrounding space is dropped."""

    default_error_messages = {"invalid": NOT_TEXT, "control": NOT_TEXT}  # noqa: RUF012

    def __init__(self, *, most: int, least: int = 0, lines: bool = False, **options: Any) -> None:
        super().__init__(
            validate=validate.Length(
                min=least, max=most, error=message("This text is too long or too short.")
            ),
            **options,
        )
        self.lines = lines
        self._least, self._most = least, most

    def quick(self, value: Any) -> str:
        """Return sound text as `deserialize` does; see quick.py."""
        if type(value) is not str or (_NOT_IN_LINES if self.lines else _NOT_IN_TEXT).search(value):
            raise ValueError
        text = unicodedata.normalize("NFC", value).strip() if self.lines else naming.normalise(value)
        if not self._least <= len(text) <= self._most:
            raise ValueError
        return text

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        text = str(super()._deserialize(value, attr, data, **kwargs))
        if (_NOT_IN_LINES if self.lines else _NOT_IN_TEXT).search(text):
            raise self.make_error("control")
        return unicodedata.normalize("NFC", text).strip() if self.lines else naming.normalise(text)


class WholeInt(fields.Integer):
    """A whole number: takes 20 and 20.0, refuses 20.7, "20" and true."""

    default_error_messages = {"invalid": NOT_WHOLE, "too_large": NOT_WHOLE}  # noqa: RUF012

    def __init__(self, *, least: int, most: int, **options: Any) -> None:
        super().__init__(validate=validate.Range(least, most, error=OUT_OF_BOUNDS), **options)
        self._least, self._most = least, most

    def quick(self, value: Any) -> int:
        """Return a sound number as `deserialize` does; see quick.py."""
        if type(value) is not int or not self._least <= value <= self._most:
            raise ValueError
        return value

    def _validated(self, value: Any) -> int:
        is_whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if isinstance(value, bool) or not is_whole:
            raise self.make_error("invalid", input=value)
        return int(value)


class Limit(fields.Integer):
    """A whole number in a query string, within bounds."""

    default_error_messages = {"invalid": NOT_WHOLE, "too_large": NOT_WHOLE}  # noqa: RUF012

    def __init__(self, *, least: int, most: int, **options: Any) -> None:
        super().__init__(validate=validate.Range(least, most, error=OUT_OF_BOUNDS), **options)


class Uuid(fields.UUID):
    """A UUID as lower-case text."""

    default_error_messages = {"invalid_uuid": NOT_ID}  # noqa: RUF012
    plain = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

    def quick(self, value: Any) -> str:
        """Return a UUID already written as we write it; see quick.py."""
        if not self.plain.fullmatch(value):
            raise ValueError
        return str(value)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Any:
        if not isinstance(value, str):
            raise self.make_error("invalid_uuid")
        return str(super()._deserialize(value, attr, data, **kwargs))


class UnitId(fields.String):
    """The id of a unit, `25768-20250701`."""

    default_error_messages = {"invalid": NOT_ID}  # noqa: RUF012

    def __init__(self, **options: Any) -> None:
        super().__init__(validate=validate.Regexp(UNIT_ID, error=NOT_ID), **options)


class Word(fields.Enum[StrEnum]):
    """A word of the vocabulary, on the wire as its value."""

    default_error_messages = {"unknown": NOT_A_WORD}  # noqa: RUF012

    def __init__(self, words: type[StrEnum], **options: Any) -> None:
        super().__init__(words, by_value=True, **options)
        self._words: dict[str, StrEnum] = {word.value: word for word in words}
        self.quick = self._words.__getitem__

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> StrEnum:
        word = self._words.get(value) if isinstance(value, str) else None
        if word is None:
            raise self.make_error("unknown")
        return word


class TrueOrFalse(fields.Boolean):
    """true or false and nothing that merely looks like it."""

    default_error_messages = {"invalid": message("Write true or false.")}  # noqa: RUF012

    def quick(self, value: Any) -> bool:
        """Return true or false; see quick.py."""
        if type(value) is not bool:
            raise ValueError
        return value

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Day(fields.Date):
    """A civil date as YYYY-MM-DD and in no other way; what is recorded lies between 1900 and 2199."""

    default_error_messages = {"invalid": message("Write a date as 2025-06-30.")}  # noqa: RUF012
    form = re.compile(r"(19|20|21)\d\d-\d\d-\d\d", re.ASCII)

    def quick(self, value: Any) -> date:
        """Return a sound date as `deserialize` does; see quick.py."""
        if not self.form.fullmatch(value):
            raise ValueError
        return date.fromisoformat(value)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Any:
        if not isinstance(value, str) or not self.form.fullmatch(value):
            raise self.make_error("invalid", input=value, obj_type="date")
        return super()._deserialize(value, attr, data, **kwargs)


class DayAsked(Day):
    """A civil date in a question, of any year; whether it makes sense is the question's to say."""

    form = re.compile(r"\d{4}-\d\d-\d\d")


class Instant(fields.AwareDateTime):
    """An instant as RFC 3339 with its offset, from 2000 to 2199; written in UTC with `Z`."""

    default_error_messages = {  # noqa: RUF012
        "invalid": message("Write an instant as 2025-06-30T08:00:00Z."),
        "invalid_awareness": message("Write an instant as 2025-06-30T08:00:00Z."),
    }
    plain = re.compile(r"2[01]\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}|\.\d{6})?Z", re.ASCII)

    def quick(self, value: Any) -> datetime:
        """Return an instant written as phones write it; see quick.py."""
        if not self.plain.fullmatch(value):
            raise ValueError
        return datetime.fromisoformat(value)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Any:
        if not isinstance(value, str) or not re.fullmatch(RFC3339, value):
            raise self.make_error("invalid", input=value, obj_type="datetime")
        return super()._deserialize(value.upper(), attr, data, **kwargs)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else rfc3339(value)


def said(error: ValidationError) -> dict[str, list[str]]:
    """Return what a schema found wrong, as `flatten` writes it."""
    return flatten(error.messages)


def flatten(messages: Any, prefix: str = "") -> dict[str, list[str]]:
    """Turn marshmallow's nested messages into `{"members.0.sex": ["…"]}`."""
    if isinstance(messages, dict):
        flat: dict[str, list[str]] = {}
        for name, inner in messages.items():
            path = prefix if name == "_schema" else f"{prefix}.{name}".lstrip(".")
            flat |= flatten(inner, path)
        return flat
    return {prefix or "_": [str(text) for text in messages]} if messages else {}


__all__ = [
    "Day",
    "DayAsked",
    "Instant",
    "Limit",
    "Strict",
    "Text",
    "TrueOrFalse",
    "UnitId",
    "Uuid",
    "ValidationError",
    "WholeInt",
    "Word",
    "flatten",
    "said",
]
