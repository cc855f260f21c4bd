"""The register of units on a date, as a tree; also how a page reads a day from its question."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from flask import Blueprint, render_template, request
from flask_babel import format_decimal, gettext, ngettext

from app.core.clock import today
from app.http import guards
from app.models.units import Unit, UnitSpan
from app.queries import units
from app.rules import naming, periods
from app.rules.units import LEVELS
from app.rules.vocabulary import UnitKind

blueprint = Blueprint("units", __name__)

Row = TypeVar("Row")


@dataclass(slots=True)
class Node:
    """A unit with the units under it on that day, both by name."""

    code: str
    kind: UnitKind
    name: str
    valid_from: date
    valid_to: date | None
    children: list["Node"] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """Say how many units of which kind stand directly under this one."""
        return ", ".join(
            _counted(kind, number) for kind, number in Counter(each.kind for each in self.children).items()
        )


@blueprint.get("/units")
@guards.requires("units.load")
def index() -> str:
    """Show the units that exist on the day asked for, each under its parent."""
    on = asked_day("on") or today()
    found = units.valid_on(on)
    kinds = Counter(unit.kind for unit, _ in found)
    return render_template(
        "pages/units/index.html",
        on=on,
        tree=_tree(found),
        counts=[(kind, kinds[kind]) for kind in LEVELS if kinds[kind]],
        turning_days=_turning_days(),
    )


def asked_day(name: str) -> date | None:
    """Read a day from the question; absent, empty or no date at all is None, a far-off one Invalid."""
    on = request.args.get(name, type=date.fromisoformat)
    return periods.check_day(on, name) if on else None


def level_words() -> dict[UnitKind, str]:
    """Return what a page calls the levels, for "row by row"."""
    return {
        UnitKind.PROVINCE: gettext("Province"),
        UnitKind.DISTRICT: gettext("District, town, city"),
        UnitKind.COMMUNE: gettext("Commune, ward"),
        UnitKind.HAMLET: gettext("Hamlet, quarter"),
    }


def natural(name: str) -> list[tuple[int, int, str]]:
    """Return a key that puts "Khu phố 2" before "Khu phố 10" and ignores accents."""
    pieces = re.split(r"([0-9]+)", naming.fold(name))
    return [(0, int(piece), "") if piece.isdecimal() else (1, 0, piece) for piece in pieces if piece]


def in_order(rows: Sequence[Row], orders: Mapping[str, Callable[[Row], Any]], sort: str) -> list[Row]:
    """Sort by one of `orders`, downwards with a leading minus; what has no value comes last either way."""
    key = orders.get(sort.removeprefix("-"), next(iter(orders.values())))
    known = [row for row in rows if key(row) is not None]
    missing = [row for row in rows if key(row) is None]
    return sorted(known, key=key, reverse=sort.startswith("-")) + missing


def _turning_days() -> list[date]:
    """Return the days on which the register changed, the latest first."""
    lives = units.register().units.values()
    return sorted({span.first for unit in lives for span in unit.spans}, reverse=True)[:6]


def _tree(found: list[tuple[Unit, UnitSpan]]) -> list[Node]:
    nodes = {
        unit.id: Node(unit.code, unit.kind, span.name, span.valid_from, span.valid_to) for unit, span in found
    }
    tops: list[Node] = []
    for unit, span in found:
        above = nodes.get(span.parent_id) if span.parent_id else None
        (above.children if above else tops).append(nodes[unit.id])
    return tops


def _counted(kind: UnitKind, number: int) -> str:
    told = format_decimal(number)
    words = {
        UnitKind.PROVINCE: ngettext("%(told)s province", "%(told)s provinces", number, told=told),
        UnitKind.DISTRICT: ngettext("%(told)s district", "%(told)s districts", number, told=told),
        UnitKind.COMMUNE: ngettext("%(told)s commune", "%(told)s communes", number, told=told),
        UnitKind.HAMLET: ngettext("%(told)s hamlet", "%(told)s hamlets", number, told=told),
    }
    return str(words[kind])
