"""Figures of one indicator, unit by unit, beside its target and its coverage."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import format_decimal, gettext, ngettext

from app.core import errors, i18n
from app.core.clock import today
from app.http import guards
from app.models.targets import Target
from app.queries import indicators, targets, units
from app.queries.indicators import Item
from app.rules.indicators import Counts, Definition, percentage
from app.rules.permissions import Actor
from app.rules.units import LEVELS, Register
from app.rules.vocabulary import Basis, Calendar, FigureStatus, UnitKind
from app.web.indicators import pickers
from app.web.units import in_order, natural

blueprint = Blueprint("indicators", __name__)

FILES = "/api/v1/exports/indicators"
YEARS_BACK = 4
"""How far back a target still stands when the year of the cut-off has none of its own."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure as a line of the table and a bar of the chart; of the whole area where `unit_id` is None."""

    unit_id: str | None
    name: str
    numerator: int
    denominator: int | None
    unknown: int
    interviewed: int
    homes: int
    status: FigureStatus
    version: str
    is_partial: bool = False
    address: str | None = None
    aim: float | None = None
    length: float = 0.0

    @property
    def value(self) -> float | None:
        """Return the percentage; None for counts and without a denominator."""
        return percentage(self.numerator, self.denominator)

    @property
    def gap(self) -> float | None:
        """Return how many points the value lies above (or, negative, below) the target."""
        return None if self.value is None or self.aim is None else self.value - self.aim

    @property
    def reach(self) -> float | None:
        """Return the share of homes that were interviewed: of the official count, or else of those registered."""
        return percentage(self.interviewed, self.homes)


ORDERS: dict[str, Callable[[Row], Any]] = {
    "value": lambda row: row.value if row.value is not None else row.numerator or None,
    "name": lambda row: natural(row.name),
    "reach": lambda row: row.reach,
}


@blueprint.get("/indicators")
@guards.requires("indicators.values")
def show() -> str:
    """Show one indicator for every unit of a level, in the form that the pickers ask for."""
    register = units.register()
    return _page(register, pickers.asked_by(guards.actor(), register))


@blueprint.errorhandler(errors.Invalid)
def explain(error: errors.Invalid) -> Response:
    """Show the pickers as they were set, and why there is no figure for them."""
    register = units.register()
    asked = pickers.asked_by(guards.actor(), register, is_lenient=True)
    told = [i18n.translate(error.message)]
    return Response(_page(register, asked, told), error.status)


def _page(register: Register, asked: pickers.Asked, told: Sequence[str] = ()) -> str:
    actor = guards.actor()
    question = None if told else pickers.question(asked)
    items = indicators.values(actor, question).items if question else []
    cut_off = question.cut_off if question else today()
    aims = _targets(actor, asked.definition, cut_off)
    rows, whole = _rows(items, asked, aims[0].hundredths / 100 if aims else None)
    scope_id = (asked.unit or actor.unit_id or "").partition("@")[0]
    scope = register.units.get(scope_id)
    return render_template(
        "pages/indicators/show.html",
        asked=asked,
        errors=told,
        definition=asked.definition,
        tell=pickers.tell,
        aim_words=pickers.share,
        rate_words=pickers.rate,
        denominator=pickers.denominator(asked),
        rests_on_homes=asked.definition.counts in {Counts.HOUSEHOLDS, Counts.PEOPLE},
        rule=pickers.rule_words()[asked.rule] if asked.definition.code == pickers.SKILLS else None,
        scope_name=scope.name(asked.borders or cut_off) if scope else "",
        period_name=pickers.period_name(asked.period, asked.calendar),
        rows=in_order(rows, ORDERS, asked.sort),
        whole=whole,
        aims=aims,
        finding=_finding(rows, aims),
        cut_off=cut_off,
        borders=asked.borders or cut_off,
        has_more=bool(asked.unit)
        or asked.calendar is not Calendar.CIVIL
        or asked.basis is not Basis.OBSERVED,
        files={
            "one": f"{FILES}.xlsx?{urlencode(asked.parameters | {'indicator': asked.definition.code})}",
            "csv": f"{FILES}.csv?{urlencode(asked.parameters | {'indicator': asked.definition.code})}",
            "all": f"{FILES}.xlsx?{urlencode(asked.parameters)}",
        },
        sorted_by=_sorted_by(asked.sort),
        **pickers.options(actor, register, asked, cut_off),
    )


def _rows(items: Sequence[Item], asked: pickers.Asked, aim: float | None) -> tuple[list[Row], Row | None]:
    """Return a row for each item and one for all together; bars are drawn on one scale from zero."""
    rows = [_row(item, asked, aim) for item in items]
    if not any(row.numerator or row.denominator or row.unknown for row in rows):
        return [], None
    most = max(row.numerator for row in rows) or 1
    is_flow = asked.definition.is_flow
    rows = [replace(row, length=100 * row.numerator / most if is_flow else row.value or 0.0) for row in rows]
    denominators = [row.denominator for row in rows]
    known = [each for each in denominators if each is not None]
    whole = Row(
        None,
        gettext("Total"),
        sum(row.numerator for row in rows),
        sum(known) if len(known) == len(denominators) else None,
        sum(row.unknown for row in rows),
        sum(row.interviewed for row in rows),
        sum(row.homes for row in rows),
        rows[0].status,
        rows[0].version,
        aim=aim,
    )
    return rows, whole


def _row(item: Item, asked: pickers.Asked, aim: float | None) -> Row:
    count = item.coverage
    return Row(
        item.unit.id if item.unit else None,
        item.unit.name if item.unit else gettext("Not placed on these borders"),
        item.numerator,
        item.denominator,
        item.unknown,
        count.interviewed,
        count.baseline if count.baseline is not None else count.registered,
        item.status,
        item.definition.version,
        item.is_partial,
        _under(item, asked),
        aim,
    )


def _under(item: Item, asked: pickers.Asked) -> str | None:
    """Return the address of the same question one level further down."""
    if item.unit is None or asked.level is UnitKind.HAMLET:
        return None
    below = LEVELS[LEVELS.index(asked.level) + 1]
    further = {**_given(), "unit": item.unit.id, "level": below.value}
    return url_for("web.indicators.show", **further)


def _targets(actor: Actor, definition: Definition, cut_off: date) -> list[Target]:
    """Return the targets of the indicator in the latest year that has any, the area's own before the country's."""
    own = [actor.unit_id] if actor.unit_id else []
    for year in range(cut_off.year, cut_off.year - YEARS_BACK, -1):
        found = [each for each in targets.of(year, own) if each.indicator == definition.code]
        if found:
            return sorted(found, key=lambda each: each.unit_id is None)
    return []


def _finding(rows: Sequence[Row], aims: Sequence[Target]) -> str:
    """Say in one sentence what the chart shows."""
    measured = sorted((row for row in rows if row.value is not None), key=lambda row: row.value or 0)
    told: str = ""
    if not measured:
        most = max(rows, key=lambda row: row.numerator, default=None)
        told = gettext("Most in %(name)s", name=most.name) if most else ""
    elif aims:
        aim = aims[0].hundredths / 100
        reached = sum(1 for row in measured if (row.value or 0) >= aim)
        values = {"aim": pickers.share(aim), "year": aims[0].year}
        if reached == 0:
            told = gettext("No unit reaches the target of %(aim)s for %(year)s yet", **values)
        elif reached == len(measured):
            told = gettext("Every unit reaches the target of %(aim)s for %(year)s", **values)
        else:
            told = ngettext(
                "%(reached)s of %(num)s unit reaches the target of %(aim)s for %(year)s",
                "%(reached)s of %(num)s units reach the target of %(aim)s for %(year)s",
                len(measured),
                reached=format_decimal(reached),
                **values,
            )
    else:
        told = gettext(
            "From %(low)s in %(lowest)s to %(high)s in %(highest)s",
            low=pickers.rate(measured[0].value or 0),
            lowest=measured[0].name,
            high=pickers.rate(measured[-1].value or 0),
            highest=measured[-1].name,
        )
    return told


def _given() -> dict[str, Any]:
    return {name: value for name, value in request.args.items() if value}


def _sorted_by(sort: str) -> Callable[[str], str]:
    def address(key: str) -> str:
        first = key if key == "name" else f"-{key}"
        other = key if first.startswith("-") else f"-{key}"
        return url_for("web.indicators.show", **{**_given(), "sort": other if sort == first else first})

    return address
