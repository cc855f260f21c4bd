"""The smallest parts of a figure: counts of one unit that may be added up."""

from dataclasses import dataclass

from app.rules.vocabulary import Sex, Topic


@dataclass(frozen=True, slots=True)
class Tally:
    """Numerator, denominator (0 for plain counts) and how many were unknown."""

    numerator: int = 0
    denominator: int = 0
    unknown: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.numerator + other.numerator,
            self.denominator + other.denominator,
            self.unknown + other.unknown,
        )

    def __bool__(self) -> bool:
        """Say whether anything was counted at all."""
        return bool(self.numerator or self.denominator or self.unknown)


@dataclass(frozen=True, slots=True)
class Part:
    """A tally of one indicator in one unit, split by sex, age band and topic where the question asks.

    `unit_id` is None for what cannot be placed on the borders.
    """

    unit_id: str | None
    indicator: str
    tally: Tally
    sex: Sex | None = None
    age: str | None = None
    topic: Topic | None = None
