"""How a factory saves its row, and numbers that never repeat within a run."""

import itertools
from datetime import UTC, datetime
from typing import TypeVar

from app.core.database import Model, db

MORNING = datetime(2025, 6, 12, 1, 0, tzinfo=UTC)
"""08:00 of an ordinary day in Vietnam."""

_numbers = itertools.count(1)


def number() -> int:
    """Return a number that no factory has used before."""
    return next(_numbers)


Row = TypeVar("Row", bound=Model)


def save(row: Row) -> Row:
    """Write the row within the test's transaction."""
    db.session.add(row)
    db.session.flush()
    return row
