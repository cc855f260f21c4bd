"""What is so at a cut-off: indicators of homes and of people, from each home's stock visit."""

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

from sqlalchemy import CTE, ColumnElement, and_, case, false, func, literal, or_, select, true

from app.core.database import db
from app.models.visits import Observation
from app.queries.coverage import counting
from app.queries.indicators.tallies import Part, Tally
from app.rules import skills
from app.rules.indicators import (
    AGE_BANDS,
    AGE_UNKNOWN,
    DEFINITIONS,
    WORKING_FROM,
    Counts,
    last_working_age,
)
from app.rules.vocabulary import Account, Fibre, Phone, Sex, SkillRule

Condition = ColumnElement[bool]


def of_homes(hamlets: Collection[str], cut_off: date, indicators: Collection[str]) -> Iterator[Part]:
    """Return the tallies of the household indicators among `indicators`, by hamlet."""
    wanted = [code for code in indicators if DEFINITIONS[code].counts is Counts.HOUSEHOLDS]
    if not wanted:
        return
    homes = _homes(counting.stock(hamlets, cut_off))
    verdicts = {code: _HOME_VERDICTS[code](homes) for code in wanted}
    columns = [column for code in wanted for column in _sums(*verdicts[code])]
    query = select(homes.c.hamlet_id, *columns).group_by(homes.c.hamlet_id)
    for hamlet_id, *counts in db.session.execute(query):
        for place, code in enumerate(wanted):
            yield Part(hamlet_id, code, Tally(*(int(count) for count in counts[3 * place : 3 * place + 3])))


def of_people(
    hamlets: Collection[str],
    cut_off: date,
    indicators: Collection[str],
    *,
    rule: SkillRule,
    by: Collection[str] = (),
    only_working: bool = False,
) -> Iterator[Part]:
    """Return the tallies of the people indicators among `indicators`, by hamlet and by what `by` names.

    Where an indicator has a minimum age, or only people of working age are asked for, those whose age (or, for
    the working age, sex) is not known are left out and counted as unknown.
    """
    wanted = [code for code in indicators if DEFINITIONS[code].counts is Counts.PEOPLE]
    if not wanted:
        return
    stock = counting.stock(hamlets, cut_off)
    years = _age(cut_off)
    sex: Any = Observation.sex if "sex" in by else literal(None)
    in_question, undecided = _working(years, cut_off.year) if only_working else (true(), false())
    verdicts = [_PERSON_VERDICTS[code](rule) for code in wanted]
    rows = (
        select(
            stock.c.hamlet_id,
            sex.label("sex"),
            _band(years).label("band"),
            case((undecided, 1), else_=0).label("undecided"),
            *(
                case((verdict, value), else_=0).label(f"{name}_{place}")
                for place, pair in enumerate(verdicts)
                for name, verdict, value in (("yes", pair[0], 1), ("known", pair[1], 1))
            ),
        )
        .join(Observation, Observation.visit_id == stock.c.visit_id)
        .where(or_(in_question, undecided))
        .subquery("people")
    )
    groups = (rows.c.hamlet_id, rows.c.sex, rows.c.band, rows.c.undecided)
    sums = [func.sum(rows.c[f"{name}_{place}"]) for place in range(len(wanted)) for name in ("yes", "known")]
    query = select(*groups, func.count(), *sums).group_by(*groups)
    for hamlet_id, of_sex, band, is_undecided, people, *counts in db.session.execute(query):
        for place, code in enumerate(wanted):
            yes, known = (int(count) for count in counts[2 * place : 2 * place + 2])
            found = tally(
                code, band, is_undecided=bool(is_undecided), people=int(people), yes=yes, known=known
            )
            if found:
                yield Part(hamlet_id, code, found, of_sex, band if "age" in by else None)


def tally(code: str, band: str, *, is_undecided: bool, people: int, yes: int, known: int) -> Tally:
    """Return what people of one age band add to an indicator, of whom `yes` and `known` are known."""
    least = DEFINITIONS[code].min_age
    if least is not None and band != AGE_UNKNOWN and _FIRST_AGES[band] < least:
        return Tally()
    if is_undecided or (least is not None and band == AGE_UNKNOWN):
        return Tally(unknown=people)
    return Tally(yes, known, people - known)


_FIRST_AGES = dict(AGE_BANDS)


def _sums(
    yes: Condition, known: Condition
) -> tuple[ColumnElement[int], ColumnElement[int], ColumnElement[int]]:
    """Return the sums of a verdict over homes: yes, known, not known."""
    return (
        func.sum(case((yes, 1), else_=0)),
        func.sum(case((known, 1), else_=0)),
        func.sum(case((known, 0), else_=1)),
    )


def _homes(stock: CTE) -> Any:
    """Return each stock visit with what its members' phones say of the home."""
    return (
        select(
            stock.c.hamlet_id,
            stock.c.fibre,
            stock.c.other_smart_device,
            func.max(case((Observation.phone == Phone.SMARTPHONE, 1), else_=0)).label("has_smartphone"),
            func.max(case((Observation.phone == Phone.UNKNOWN, 1), else_=0)).label("has_unknown"),
        )
        .outerjoin(Observation, Observation.visit_id == stock.c.visit_id)
        .group_by(stock.c.visit_id, stock.c.hamlet_id, stock.c.fibre, stock.c.other_smart_device)
        .subquery("homes_seen")
    )


def _fibre(*answers: Fibre) -> Any:
    def verdict(homes: Any) -> tuple[Condition, Condition]:
        return homes.c.fibre.in_(answers), homes.c.fibre.in_([Fibre.SUBSCRIBED, Fibre.AVAILABLE, Fibre.NONE])

    return verdict


def _smart_device(homes: Any) -> tuple[Condition, Condition]:
    """Return the twin of `rules.indicators.smart_device` in SQL."""
    has = or_(homes.c.has_smartphone == 1, homes.c.other_smart_device.is_(True))
    has_not = and_(
        homes.c.has_smartphone == 0, homes.c.has_unknown == 0, homes.c.other_smart_device.is_(False)
    )
    return has, or_(has, has_not)


_HOME_VERDICTS: dict[str, Any] = {
    "fibre_subscribed": _fibre(Fibre.SUBSCRIBED),
    "fibre_covered": _fibre(Fibre.SUBSCRIBED, Fibre.AVAILABLE),
    "smart_device": _smart_device,
}
"""For each household indicator the conditions "yes" and "known"."""


def _smartphone(_rule: SkillRule) -> tuple[Condition, Condition]:
    return Observation.phone == Phone.SMARTPHONE, Observation.phone != Phone.UNKNOWN


def account() -> tuple[Condition, Condition]:
    """Return the conditions "has an account" and "said whether"."""
    return Observation.account == Account.YES, Observation.account.in_([Account.YES, Account.NO])


def _account(_rule: SkillRule) -> tuple[Condition, Condition]:
    return account()


def _skills(rule: SkillRule) -> tuple[Condition, Condition]:
    return is_basic(rule), Observation.skills.is_not(None)


def is_basic(rule: SkillRule) -> Condition:
    """Return the twin of `rules.skills.is_basic` in SQL; nobody who was not assessed has basic skills."""
    verdict = skills.RULES[rule]
    touched: ColumnElement[int] = literal(0)
    for mask in verdict.groups:
        touched = touched + case((Observation.skills.bitwise_and(mask) != 0, 1), else_=0)
    return touched >= verdict.needed


_PERSON_VERDICTS: dict[str, Any] = {
    "smartphone": _smartphone,
    "smartphone_adult": _smartphone,
    "account": _account,
    "skills_basic": _skills,
}
"""For each people indicator the conditions "yes" and "known", given the skills rule."""


def _age(cut_off: date) -> ColumnElement[Any]:
    """Return the age at the cut-off; a band counts by the floor of its middle (`rules.observations.middle`)."""
    last = func.coalesce(Observation.birth_year_to, Observation.birth_year)
    return cut_off.year - (Observation.birth_year + last) // 2


def _band(years: ColumnElement[Any]) -> ColumnElement[str]:
    steps = [(years >= first, name) for name, first in reversed(AGE_BANDS) if first]
    return case((years.is_(None), AGE_UNKNOWN), *steps, else_=AGE_BANDS[0][0])


def _working(years: ColumnElement[Any], year: int) -> tuple[Condition, Condition]:
    """Return the conditions "of working age" and "cannot be said" (`rules.indicators.is_working_age`)."""
    last = {sex: last_working_age(sex, year) for sex in (Sex.FEMALE, Sex.MALE)}
    surely = min(last.values())
    is_working = or_(
        *(and_(Observation.sex == sex, years.between(WORKING_FROM, top)) for sex, top in last.items()),
        and_(Observation.sex == Sex.UNKNOWN, years.between(WORKING_FROM, surely)),
    )
    undecided = or_(
        years.is_(None), and_(Observation.sex == Sex.UNKNOWN, years.between(surely + 1, max(last.values())))
    )
    return func.coalesce(is_working, false()), undecided
