"""Coverage, place by place: how many of the homes that exist were registered, visited, interviewed."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import format_date, gettext

from app.core import errors, i18n
from app.core.clock import today
from app.http import guards
from app.queries import coverage, scope, units
from app.queries.coverage import Count
from app.rules.indicators import percentage
from app.rules.permissions import Actor
from app.rules.units import LEVELS, Register
from app.rules.vocabulary import Role, UnitKind
from app.web.units import asked_day, in_order, level_words, natural

blueprint = Blueprint("coverage", __name__)


@dataclass(frozen=True, slots=True)
class Row:
    """The coverage of one place; `address` leads to what lies under it."""

    unit_id: str | None
    name: str
    count: Count
    is_partial: bool = False
    address: str | None = None

    @property
    def homes(self) -> int:
        """Return the homes that exist: the official count, or those registered where there is none."""
        return self.count.registered if self.count.baseline is None else self.count.baseline

    @property
    def rate(self) -> float | None:
        """Return the share of the homes that exist that were interviewed, in per cent."""
        return percentage(self.count.interviewed, self.homes)

    @property
    def unvisited(self) -> int:
        """Return how many registered homes nobody has visited."""
        return self.count.registered - self.count.visited


FEW = 10
"""Fewer unvisited homes in one hamlet than this are not where to go next, as long as others are due again."""

ORDERS: dict[str, Callable[[Row], Any]] = {
    "name": lambda row: natural(row.name),
    "rate": lambda row: row.rate,
    "baseline": lambda row: row.count.baseline,
    "registered": lambda row: row.count.registered,
    "visited": lambda row: row.count.visited,
    "interviewed": lambda row: row.count.interviewed,
    "stale": lambda row: row.count.stale,
    "last_visit_on": lambda row: row.count.last_visit_on,
}


@blueprint.get("/coverage")
@guards.requires("coverage.show")
def show() -> str:
    """Show the coverage on a day, by hamlet for officials and by the level chosen for province staff."""
    return _page(asked_day("on") or today())


@blueprint.errorhandler(errors.Invalid)
def explain(error: errors.Invalid) -> Response:
    """Show the pickers as they were set, and why there are no counts for them."""
    try:
        on = asked_day("on") or today()
    except errors.Invalid:
        on = today()
    first = _first_day(units.register())
    told = i18n.translate(error.message)
    if first and on < first:
        day = format_date(first, "dd/MM/yyyy")
        told = gettext("The register of units begins on %(day)s. Choose that day or a later one.", day=day)
    return Response(_page(on, told), error.status)


def _page(on: date, problem: str = "") -> str:
    actor = guards.actor()
    register = units.register()
    unit_id = request.args.get("unit") or None
    levels = _levels(register, unit_id or actor.unit_id, on)
    level = request.args.get("level", type=UnitKind)
    if level not in levels:
        level = _usual_level(actor, levels)
    lines = [] if problem else coverage.lines(actor, on, unit_id, level)
    open_to_actor = scope.home_hamlets(actor)
    rows = [_row(line, on, level, open_to_actor) for line in lines]
    total = _total(actor, register, rows, on, unit_id)
    sort = request.args.get("sort", "name" if actor.role is Role.OFFICIAL else "rate")
    return render_template(
        "pages/coverage/show.html",
        problem=problem,
        scope_name=_name(register, unit_id or actor.unit_id, on),
        on=on,
        today=today(),
        first_day=_first_day(register),
        unit_id=unit_id,
        level=level,
        level_word=level_words()[level],
        levels=[(each, level_words()[each]) for each in levels] if len(levels) > 1 else [],
        rows=in_order(rows, ORDERS, sort),
        total=total,
        next_step=_next_step(rows, on, open_to_actor),
        sort=sort,
        orders=_orders(sort),
        sorted_by=_sorted_by(sort),
    )


def _row(line: coverage.Line, on: date, level: UnitKind, open_to_actor: Collection[str]) -> Row:
    if line.unit is None:
        return Row(None, gettext("Not placed on these borders"), line.count)
    address = None
    if line.unit.id in open_to_actor:
        address = url_for("web.households.index", hamlet=line.unit.id)
    elif level is not UnitKind.HAMLET:
        under = UnitKind.COMMUNE if level is UnitKind.DISTRICT else UnitKind.HAMLET
        address = url_for("web.coverage.show", unit=line.unit.id, level=under, on=on)
    return Row(line.unit.id, line.unit.name, line.count, line.is_partial, address)


def _total(actor: Actor, register: Register, rows: list[Row], on: date, unit_id: str | None) -> Row:
    """Add up the rows; the official count is their sum if all have one, else that of the whole area.

    A whole area that is abolished, such as a district, has none on the borders of the day.
    """
    count = sum((row.count for row in rows), Count())
    parts = [row.count.baseline for row in rows if row.unit_id is not None]
    baseline = sum(part for part in parts if part is not None) if parts and None not in parts else None
    life = register.units.get((unit_id or actor.unit_id or "").partition("@")[0])
    if rows and baseline is None and life is not None and life.span(on) is not None:
        whole = coverage.lines(actor, on, unit_id)
        baseline = whole[0].count.baseline if len(whole) == 1 and not whole[0].is_partial else None
    return Row(None, "", Count(*_counts(count), count.last_visit_on, baseline))


def _counts(count: Count) -> tuple[int, int, int, int]:
    return count.registered, count.visited, count.interviewed, count.stale


def _next_step(rows: list[Row], on: date, open_to_actor: Collection[str]) -> tuple[Row, str] | None:
    """Return the hamlet to go to next and the state of its homes to see, for whoever may open it, and only today.

    That is where most homes were never visited; where they are but a few, where most are due again.
    """
    rows = [row for row in rows if row.unit_id in open_to_actor]
    if on != today() or not rows:
        return None
    unvisited = max(rows, key=lambda row: row.unvisited)
    stale = max(rows, key=lambda row: row.count.stale)
    if unvisited.unvisited and (unvisited.unvisited >= FEW or not stale.count.stale):
        return unvisited, "unvisited"
    return (stale, "due") if stale.count.stale else None


def _first_day(register: Register) -> date | None:
    return min((unit.first for unit in register.units.values()), default=None)


def _levels(register: Register, unit_id: str | None, on: date) -> list[UnitKind]:
    """Return the levels below a unit that have units on the borders of a day."""
    if unit_id is None or unit_id.partition("@")[0] not in register.units:
        return [UnitKind.HAMLET]
    own = register.units[unit_id.partition("@")[0]].kind
    below = LEVELS[LEVELS.index(own) + 1 :] or (own,)
    return [level for level in below if register.valid(level, on)] or [UnitKind.HAMLET]


def _usual_level(actor: Actor, levels: list[UnitKind]) -> UnitKind:
    return levels[-1] if actor.role is Role.OFFICIAL else levels[0]


def _name(register: Register, unit_id: str | None, on: date) -> str:
    unit = register.units.get((unit_id or "").partition("@")[0])
    return unit.name(on) if unit else ""


def _orders(sort: str) -> list[tuple[str, str]]:
    offered = [
        ("name", gettext("by name")),
        ("rate", gettext("least interviewed first")),
        ("-rate", gettext("most interviewed first")),
        ("-stale", gettext("most due again first")),
        ("last_visit_on", gettext("longest without a visit first")),
    ]
    return offered if sort in dict(offered) else [*offered, (sort, gettext("by the column chosen"))]


def _sorted_by(sort: str) -> Callable[[str], str]:
    """Return what gives the address of this page sorted by a column, the other way round on a second press."""

    def address(key: str) -> str:
        asked: dict[str, Any] = {name: value for name, value in request.args.items() if value}
        first = key if key in {"name", "last_visit_on"} else f"-{key}"
        other = key if first.startswith("-") else f"-{key}"
        return url_for("web.coverage.show", **{**asked, "sort": other if sort == first else first})

    return address
