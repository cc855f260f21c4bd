"""CSV files that operators bring, and errors as the command line tells them."""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TypeVar

import click

from app.core import errors
from app.core.clock import read_day
from app.core.database import db
from app.services.units import BadRows

Row = TypeVar("Row")


@contextmanager
def transaction() -> Iterator[None]:
    """Commit what is done inside; on an error of ours, change nothing, say what is wrong, exit 1."""
    try:
        yield
        db.session.commit()
    except errors.AppError as error:
        db.session.rollback()
        lines = [f"{name}: {text}" for name, texts in error.fields.items() for text in texts]
        raise click.ClickException("\n".join([error.message, *lines])) from error


def read(path: Path, head: tuple[str, ...], make: Callable[[int, dict[str, str]], Row]) -> list[Row]:
    """Return the rows of a UTF-8 CSV file with the columns `head`; raises BadRows naming each bad line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            missing = set(head) - set(reader.fieldnames or ())
            if missing:
                raise BadRows(fields={"line 1": [f"missing columns: {', '.join(sorted(missing))}"]})
            return _rows(reader, make)
    except UnicodeDecodeError as error:
        raise BadRows(fields={"file": ["not UTF-8; save it as CSV UTF-8"]}) from error
    except csv.Error as error:
        raise BadRows(fields={"file": [f"not a CSV file: {error}"]}) from error


def _rows(reader: "csv.DictReader[str]", make: Callable[[int, dict[str, str]], Row]) -> list[Row]:
    rows: list[Row] = []
    problems: dict[str, list[str]] = {}
    for raw in reader:
        line = reader.line_num
        cells = {name: (value or "").strip() for name, value in raw.items() if name is not None}
        try:
            rows.append(make(line, cells))
        except (ValueError, KeyError) as error:
            problems[f"line {line}"] = [str(error)]
    if problems:
        raise BadRows(fields=problems)
    return rows


def day(text: str) -> date | None:
    """Return the date in a cell, None where it is empty; ValueError otherwise."""
    return read_day(text) if text else None


def needed_day(text: str) -> date:
    """Return the date in a cell that may not be empty; ValueError otherwise."""
    return read_day(text)


def code(text: str) -> str:
    """Return a unit code as written; ValueError where it is empty, or its date is none."""
    bare, at, when = text.partition("@")
    if not bare or not bare.isascii() or len(bare) > 20:
        raise ValueError(f"not a unit code: {text!r}")
    if at:
        read_day(when)
    return text
