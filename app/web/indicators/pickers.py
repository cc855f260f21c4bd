"""The pickers of the indicators page: what was asked, what may be asked, and how it is called."""

from dataclasses import dataclass
from datetime import date

from flask import request
from flask_babel import format_date, format_decimal, gettext

from app.core import i18n
from app.core.clock import today
from app.queries.indicators import Question
from app.rules import periods
from app.rules.indicators import DEFINITIONS, Definition, Text
from app.rules.permissions import Actor
from app.rules.units import LEVELS, Register
from app.rules.vocabulary import Basis, Calendar, SkillRule, UnitKind
from app.web.units import asked_day, level_words, natural

FIRST = "smartphone_adult"
"""The indicator that the page opens with: the first that the national programme asks about."""

SKILLS = "skills_basic"
"""The one indicator that has several rules to choose from."""


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
    rule: SkillRule
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
            "rule": self.rule if self.definition.code == SKILLS else "",
        }
        return {name: str(value) for name, value in given.items() if value}


def asked_by(actor: Actor, register: Register, *, is_lenient: bool = False) -> Asked:
    """Read the pickers; leniently, times that cannot be read are passed over instead of refused."""
    asked = request.args
    definition = DEFINITIONS.get(asked.get("indicator", FIRST), DEFINITIONS[FIRST])
    calendar = asked.get("calendar", Calendar.CIVIL, type=Calendar)
    period = asked.get("period", "").strip()
    if definition.is_flow and not period:
        period = f"{today():%Y-%m}"
    cut_off = today() if is_lenient or not period else periods.parse(period, calendar).cut_off
    borders = None if is_lenient else asked_day("borders_day") or asked_day("borders")
    level = asked.get("level", UnitKind.COMMUNE, type=UnitKind)
    if borders is None and not register.valid(level, cut_off):
        borders = max(
            (unit.last for unit in register.units.values() if unit.kind is level and unit.last), default=None
        )
    return Asked(
        definition,
        period,
        calendar,
        asked.get("basis", Basis.OBSERVED, type=Basis) if definition.baseline else Basis.OBSERVED,
        asked.get("unit", ""),
        level if actor.unit_id else UnitKind.COMMUNE,
        borders,
        asked.get("rule", SkillRule.FIVE_AREAS, type=SkillRule),
        asked.get("sort", "-value"),
    )


def question(asked: Asked) -> Question:
    """Put what was asked as a question to the figures."""
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
        rule=asked.rule,
    )


def rate(value: float) -> str:
    """Write a percentage that was measured, with one decimal as in the table: 86,3 %, 80,0 %."""
    return f"{format_decimal(value, '#,##0.0')}\N{NO-BREAK SPACE}%"


def share(value: float) -> str:
    """Write a percentage that was set, such as a target: 80 %, with decimals only where it has them."""
    return f"{format_decimal(value, '#,##0.#')}\N{NO-BREAK SPACE}%"


def rule_words() -> dict[SkillRule, str]:
    """Return what a page calls the rules for basic skills."""
    return {
        SkillRule.FIVE_AREAS: gettext("Something in each of the five areas"),
        SkillRule.ANY_ONE: gettext("Any one activity (indicator 0503)"),
        SkillRule.NATIONAL_CONTENTS: gettext("Three of the four national contents"),
    }


def denominator(asked: Asked) -> str:
    """Say what the figures are out of: what visits or the register know, or the official counts below."""
    if asked.basis is Basis.CONFIRMED:
        words: dict[str | None, str] = {
            "households": gettext("Official number of households"),
            "population": gettext("Official population"),
            "population_15_plus": gettext("Official population of 15 or more"),
            "adults": gettext("Official population of 18 or more"),
        }
        return words[asked.definition.baseline]
    return tell(asked.definition.denominator) if asked.definition.denominator else ""


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


def tell(text: Text) -> str:
    """Return the words in the reader's language."""
    return text.vi if i18n.language() == "vi" else text.en


Options = list[tuple[str, str]]


def options(actor: Actor, register: Register, asked: Asked, cut_off: date) -> dict[str, Options]:
    """Return what each picker offers."""
    own = register.units[actor.unit_id].kind if actor.unit_id else UnitKind.PROVINCE
    ends = sorted({unit.last for unit in register.units.values() if unit.last}, reverse=True)
    return {
        "indicator_options": [(code, tell(each.name)) for code, each in DEFINITIONS.items()],
        "period_options": _with(
            [("", period_name("", Calendar.CIVIL))] if not asked.definition.is_flow else [],
            [(each, period_name(each, Calendar.CIVIL)) for each in recent(asked.calendar)],
            chosen=asked.period,
        ),
        "level_options": [
            (level, level_words()[level]) for level in LEVELS[LEVELS.index(own) + 1 :] or (own,)
        ],
        "borders_options": _with(
            [("", gettext("Then: %(day)s", day=_day(cut_off)))] if cut_off != today() else [],
            [("" if cut_off == today() else today().isoformat(), gettext("Now: %(day)s", day=_day(today())))],
            [(end.isoformat(), gettext("Before the change: %(day)s", day=_day(end))) for end in ends],
            chosen=asked.borders,
        ),
        "rule_options": [(rule.value, word) for rule, word in rule_words().items()],
        "unit_options": _areas(actor, register, asked.unit),
    }


def _with(*offered: Options, chosen: str | date | None = "") -> Options:
    """Return the options, with whatever is chosen beside them."""
    options = dict(option for some in offered for option in some)
    key = chosen.isoformat() if isinstance(chosen, date) else chosen or ""
    if key not in options:
        options[key] = _day(chosen) if isinstance(chosen, date) else key
    return list(options.items())


def _day(day: date) -> str:
    return str(format_date(day, "dd/MM/yyyy"))


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


def recent(calendar: Calendar) -> list[str]:
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
