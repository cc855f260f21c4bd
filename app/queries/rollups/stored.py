"""Rollup rows read, and made: what a hamlet's rows become once changes are added to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from app.rules.cells import Counts
from app.rules.steps import BITS, HALVES, HOME_KEY, added

_CELL, _DAY, _CHANGE, _FLOW = 1 + BITS, 2, 4, 5
_BITS = 1 << np.arange(BITS)


@dataclass(slots=True)
class Hamlet:
    """The rows of one hamlet by half-month, as columns: cells and homes by key, changes and flow."""

    cells: dict[int, Counts] = field(default_factory=dict)
    changes: dict[int, Counts] = field(default_factory=dict)
    flow: dict[int, Counts] = field(default_factory=dict)


def numbers(blob: bytes, width: int) -> Counts:
    """Return columns from bytes."""
    return np.frombuffer(blob, dtype="<i4").reshape(-1, width).astype(np.int64)


def spread(changes: Counts) -> Counts:
    """Turn key, mask, count into key and the nine counts."""
    return np.column_stack((changes[:, 0], ((changes[:, [1]] & _BITS) > 0) * changes[:, [2]]))


def summed(cells: Counts) -> Counts:
    """Add up counts over equal keys; keys in order, none without counts."""
    order = np.argsort(cells[:, 0], kind="stable")
    cells = cells[order]
    first = np.flatnonzero(np.append(True, cells[1:, 0] != cells[:-1, 0])[: len(cells)])
    if not len(first):
        return cells
    found = np.add.reduceat(cells, first, axis=0)
    found[:, 0] = cells[first, 0]
    return found[found[:, 1:].any(axis=1)]


def read(rows: Mapping[int, Any]) -> Hamlet:
    """Return a hamlet's rows as columns."""
    hamlet = Hamlet()
    for half, row in rows.items():
        days = numbers(row.days, _DAY)
        wide = np.zeros((len(days), _CELL), dtype=np.int64)
        wide[:, :2] = days
        hamlet.cells[half] = np.concatenate((numbers(row.cells, _CELL), wide))
        hamlet.changes[half] = numbers(row.changes, _CHANGE)
        hamlet.flow[half] = numbers(row.flow, _FLOW)
    return hamlet


def add(hamlet: Hamlet, cells: Counts, flow: Counts) -> None:
    """Add dated changes (day, key, mask, count) and flow (posted in half, …) to a hamlet's rows.

    The rows must be those of all half-months from the first change on, and the last before it.
    """
    then = HALVES[cells[:, 0]]
    touched = set(then.tolist()) | set(flow[:, 0].tolist())
    for half in sorted(touched):
        if half not in hamlet.cells:
            before = max((each for each in hamlet.cells if each < half), default=None)
            hamlet.cells[half] = (
                np.zeros((0, _CELL), dtype=np.int64) if before is None else hamlet.cells[before]
            )
            hamlet.changes[half] = np.zeros((0, _CHANGE), dtype=np.int64)
            hamlet.flow[half] = np.zeros((0, _FLOW), dtype=np.int64)
    for half in touched:
        hamlet.changes[half] = added(np.concatenate((hamlet.changes[half], cells[then == half])), (17, 18, 9))
        posted = flow[flow[:, 0] == half]
        hamlet.flow[half] = added(np.concatenate((hamlet.flow[half], posted)), (13, 13, 13, 4))
    since = np.zeros((0, _CELL), dtype=np.int64)
    for half in sorted(each for each in hamlet.cells if touched and each >= min(touched)):
        since = summed(np.concatenate((since, spread(cells[then == half][:, 1:]))))
        hamlet.cells[half] = (
            summed(np.concatenate((hamlet.cells[half], since))) if len(hamlet.cells[half]) else since
        )


def write(hamlet_id: str, half: int, hamlet: Hamlet) -> dict[str, object]:
    """Return the values of a row."""
    cells = hamlet.cells[half].astype("<i4")
    first_day = int(np.searchsorted(cells[:, 0], HOME_KEY + 1))
    return {
        "hamlet_id": hamlet_id,
        "half": half,
        "cells": cells[:first_day].tobytes(),
        "days": cells[first_day:, :2].tobytes(),
        "changes": hamlet.changes[half].astype("<i4").tobytes(),
        "flow": hamlet.flow[half].astype("<i4").tobytes(),
    }


def is_empty(hamlet: Hamlet, half: int) -> bool:
    """Say whether nothing changed in a half-month, so that it needs no row."""
    return not len(hamlet.changes[half]) and not len(hamlet.flow[half])


def joined(blobs: list[bytes], places: list[int], width: int) -> Counts:
    """Return the columns of many blobs under each other, the place of each blob in front."""
    sizes = [len(blob) // (4 * width) for blob in blobs]
    return np.column_stack(
        (np.repeat(np.array(places, dtype=np.int64), sizes), numbers(b"".join(blobs), width))
    )
