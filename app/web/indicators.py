"""Figures of one indicator, unit by unit, beside its target and its coverage."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import format_date, format_decimal, gettext, ngettext

from app.core import errors, i18n
from app.core.clock import today
from app.http import guards
from app.models.targets import Target
from app.queries import indicators, targets, units
from app.queries.indicators import Item, Question
from app.rules import periods
from app.rules.indicators import DEFINITIONS, Definition, Text, percentage
from app.rules.permissions import Actor
from app.rules.units import LEVELS, Register
from app.rules.vocabulary import Basis, Calendar, FigureStatus, UnitKind
from app.web.units import asked_day, in_order, level_words, natural

blueprint = Blueprint("indicators", __name__)

FIRST = "smartphone_adult"
"""The indicator that the page opens with: the first that the national programme asks about."""

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


@dataclass(frozen=True, slots=True)
class Asked:
    """What the pickers were set to, with what the page takes where they were left alone."""

    definition: Definition
    period: str
    calendar: Calendar
    basis: Basis
    unit: str
    level: UnitKind
    borders: date | None
    sort: str

    @property
    def parameters(self) -> dict[str, str]:
        """Return the question as the API's parameters (api.md), without the indicator."""
        given = {
            "period": self.period,
            "as_of": "" if self.period else today().isoformat(),
            "calendar": self.calendar,
            "unit": self.unit,
            "level": self.level,
            "borders": self.borders.isoformat() if self.borders else "",
            "basis": self.basis,
        }
        return {name: str(value) for name, value in given.items() if value}


@blueprint.get("/indicators")
@guards.requires("indicators.values")
def show() -> str:
    """Show one indicator for every unit of a level, in the form that the pickers ask for."""
    register = units.register()
    return _page(register, _asked(guards.actor(), register))


@blueprint.errorhandler(errors.Invalid)
def explain(error: errors.Invalid) -> Response:
    """Show the pickers as they were set, and why there is no figure for them."""
    register = units.register()
    asked = _asked(guards.actor(), register, is_lenient=True)
    told = [i18n.translate(error.message)]
    return Response(_page(register, asked, told), error.status)


def _asked(actor: Actor, register: Register, *, is_lenient: bool = False) -> Asked:
    asked = request.args
    definition = DEFINITIONS.get(asked.get("indicator", FIRST), DEFINITIONS[FIRST])
    calendar = asked.get("calendar", Calendar.CIVIL, type=Calendar)
    period = asked.get("period", "").strip()
    if definition.is_flow and not period:
        period = f"{today():%Y-%m}"
    cut_off = today() if is_lenient or not period else periods.parse(period, calendar).cut_off
    borders = None if is_lenient else asked_day("borders")
    level = asked.get("level", UnitKind.COMMUNE, type=UnitKind)
    if borders is None and not register.valid(level, cut_off):
        borders = max(
            (unit.last for unit in register.units.values() if unit.kind is level and unit.last), default=None
        )
    return Asked(
        definition,
        period,
        calendar,
        asked.get("basis", Basis.OBSERVED, type=Basis),
        asked.get("unit", ""),
        level if actor.unit_id else UnitKind.COMMUNE,
        borders,
        asked.get("sort", "-value"),
    )


def _question(asked: Asked) -> Question:
    period = periods.parse(asked.period, asked.calendar) if asked.period else None
    cut_off = period.cut_off if period else today()
    return Question(
        cut_off=cut_off,
        borders=asked.borders or cut_off,
        calendar=asked.calendar,
        period=period,
        unit=asked.unit or None,
        level=asked.level,
        indicators=(asked.definition.code,),
        basis=asked.basis,
    )


def _page(register: Register, asked: Asked, told: Sequence[str] = ()) -> str:
    actor = guards.actor()
    question = None if told else _question(asked)
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
        tell=_tell,
        part=share,
        scope_name=scope.name(asked.borders or cut_off) if scope else "",
        period_name=period_name(asked.period, asked.calendar),
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
        **_options(actor, register, asked, cut_off),
    )


def _rows(items: Sequence[Item], asked: Asked, aim: float | None) -> tuple[list[Row], Row | None]:
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
        gettext("All together"),
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


def _row(item: Item, asked: Asked, aim: float | None) -> Row:
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


def _under(item: Item, asked: Asked) -> str | None:
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
        values = {"aim": share(aim), "year": aims[0].year}
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
            low=share(measured[0].value or 0),
            lowest=measured[0].name,
            high=share(measured[-1].value or 0),
            highest=measured[-1].name,
        )
    return told


def share(value: float) -> str:
    """Write a percentage: 86,3 %, and 80 % where there is nothing behind the comma."""
    return f"{format_decimal(value, '#,##0.#')}\N{NO-BREAK SPACE}%"


def period_name(period: str, calendar: Calendar) -> str:
    """Write a period for people: "Tháng 6/2025", "Quý 2/2025", "6 tháng đầu năm 2025"; today where there is none."""
    year, _, part = period.partition("-")
    name: str
    if not period:
        name = gettext("Today, %(day)s", day=format_date(today(), "dd/MM/yyyy"))
    elif not part:
        name = gettext("Year %(year)s", year=year)
    elif part.startswith("Q"):
        name = gettext("Quarter %(quarter)s of %(year)s", quarter=part[1:], year=year)
    elif part.startswith("H"):
        name = (
            gettext("First half of %(year)s", year=year)
            if part == "H1"
            else gettext("Second half of %(year)s", year=year)
        )
    elif part == "9M":
        name = gettext("Nine months of %(year)s", year=year)
    else:
        name = gettext("Month %(month)s/%(year)s", month=part.lstrip("0"), year=year)
    if period and calendar is Calendar.REPORT:
        name = gettext("%(period)s (reporting calendar)", period=name)
    return name


def _tell(text: Text) -> str:
    return text.vi if i18n.language() == "vi" else text.en


def _given() -> dict[str, Any]:
    return {name: value for name, value in request.args.items() if value}


def _sorted_by(sort: str) -> Callable[[str], str]:
    def address(key: str) -> str:
        first = key if key == "name" else f"-{key}"
        other = key if first.startswith("-") else f"-{key}"
        return url_for("web.indicators.show", **{**_given(), "sort": other if sort == first else first})

    return address


Options = list[tuple[str, str]]


def _options(actor: Actor, register: Register, asked: Asked, cut_off: date) -> dict[str, Options]:
    """Return what each picker offers."""
    own = register.units[actor.unit_id].kind if actor.unit_id else UnitKind.PROVINCE
    ends = sorted({unit.last for unit in register.units.values() if unit.last}, reverse=True)
    return {
        "indicator_options": [(code, _tell(each.name)) for code, each in DEFINITIONS.items()],
        "period_options": _with(
            [("", period_name("", Calendar.CIVIL))] if not asked.definition.is_flow else [],
            [(each, period_name(each, Calendar.CIVIL)) for each in _recent(asked.calendar)],
            chosen=asked.period,
        ),
        "level_options": [
            (level, level_words()[level]) for level in LEVELS[LEVELS.index(own) + 1 :] or (own,)
        ],
        "borders_options": _with(
            [("", gettext("of the cut-off, %(day)s", day=format_date(cut_off, "dd/MM/yyyy")))],
            [(today().isoformat(), gettext("of today"))] if cut_off != today() else [],
            *([(end.isoformat(), gettext("of %(day)s", day=format_date(end, "dd/MM/yyyy")))] for end in ends),
            chosen=asked.borders.isoformat() if asked.borders else "",
        ),
        "unit_options": _areas(actor, register, asked.unit),
    }


def _with(*offered: Options, chosen: str = "") -> Options:
    options = [option for some in offered for option in some]
    return options if chosen in dict(options) else [*options, (chosen, chosen)]


def _areas(actor: Actor, register: Register, chosen: str) -> Options:
    """Offer the whole area, its districts of any time, and whatever is chosen now."""
    whole = [("", gettext("the whole area"))]
    if actor.unit_id is None:
        return whole
    inside = register.hamlets_ever_under(actor.unit_id)
    districts = [
        (unit.id, unit.name(unit.last or today()))
        for unit in register.units.values()
        if unit.kind is UnitKind.DISTRICT and register.hamlets_ever_under(unit.id) & inside
    ]
    found = whole + sorted(districts, key=lambda each: natural(each[1]))
    unit = register.units.get(chosen.partition("@")[0])
    return (
        found
        if chosen in dict(found) or unit is None
        else [*found, (chosen, unit.name(unit.last or today()))]
    )


def _recent(calendar: Calendar) -> list[str]:
    """Return the last twelve months, then quarters, halves and years, each the latest first."""
    now = today()
    months = [now.year * 12 + now.month - 1 - back for back in range(12)]
    quarters = [now.year * 4 + (now.month - 1) // 3 - back for back in range(6)]
    halves = [now.year * 2 + (now.month - 1) // 6 - back for back in range(4)]
    years = range(now.year, now.year - 4, -1)
    return [
        *(f"{month // 12}-{month % 12 + 1:02}" for month in months),
        *(f"{quarter // 4}-Q{quarter % 4 + 1}" for quarter in quarters),
        *(f"{half // 2}-H{half % 2 + 1}" for half in halves),
        *(f"{year}-9M" for year in years if calendar is Calendar.REPORT),
        *(str(year) for year in years),
    ]
