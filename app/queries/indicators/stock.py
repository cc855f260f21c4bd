"""What is so at a cut-off: indicators of homes and of people, summed from cells, of today or of a release."""

from collections.abc import Collection, Iterator
from datetime import date

import numpy as np

from app.queries.borders import Grouping
from app.queries.indicators.tallies import Part, Tally
from app.rules.cells import Counts as Column
from app.rules.cells import Stock, born_in, sex_of
from app.rules.indicators import (
    AGE_BANDS,
    AGE_UNKNOWN,
    DEFINITIONS,
    Counts,
    age_band,
    is_working_age,
)
from app.rules.vocabulary import Sex, SkillRule

_HOMES = {
    "fibre_subscribed": ("fibre_subscribed", "fibre_known"),
    "fibre_covered": ("fibre_covered", "fibre_known"),
    "smart_device": ("device", "device_known"),
}
"""For each household indicator the words of `cells.HOMES` that mean "yes" and "known"."""
_PEOPLE = {
    "smartphone": ("smartphone", "phone_known"),
    "smartphone_adult": ("smartphone", "phone_known"),
    "account": ("account", "account_known"),
}
"""For each people indicator the words of `cells.PEOPLE`; those of basic skills depend on the rule."""
_BANDS = [*(name for name, _ in AGE_BANDS), AGE_UNKNOWN]
_FIRST_AGES = dict(AGE_BANDS)
_SEXES = list(Sex)
_OUT, _IN, _UNDECIDED = range(3)
_IS_WORKING = {False: _OUT, True: _IN, None: _UNDECIDED}


def of_homes(cells: Stock, groups: Grouping, indicators: Collection[str]) -> Iterator[Part]:
    """Return the tallies of the household indicators among `indicators`, by unit."""
    homes = groups.summed(cells.of_homes("homes"))
    for code in indicators:
        if DEFINITIONS[code].counts is Counts.HOUSEHOLDS:
            yes, known = (groups.summed(cells.of_homes(word)) for word in _HOMES[code])
            counts = np.column_stack((yes, known, homes - known)).tolist()
            for unit_id, found in zip(groups.units, counts, strict=True):
                yield Part(unit_id, code, Tally(*found))


def of_people(
    cells: Stock,
    groups: Grouping,
    cut_off: date,
    indicators: Collection[str],
    *,
    rule: SkillRule,
    by: Collection[str] = (),
    only_working: bool = False,
) -> Iterator[Part]:
    """Return the tallies of the people indicators among `indicators`, by unit and by what `by` names.

    Where an indicator has a minimum age, or only people of working age are asked for, those whose age (or, for
    the working age, sex) is not known are left out and counted as unknown.
    """
    wanted = [code for code in indicators if DEFINITIONS[code].counts is Counts.PEOPLE]
    if not wanted:
        return
    bands, states = _ages(cells, cut_off, only_working=only_working)
    sexes = cells.sex if "sex" in by else np.zeros_like(cells.key)
    shape = (len(groups.units), len(_SEXES), len(_BANDS), 3)
    where = np.ravel_multi_index((groups.of_hamlet[cells.place], sexes, bands, states), shape)
    size = int(np.prod(shape))
    sums = {
        word: np.bincount(where, weights=cells.of_people(word), minlength=size).astype(np.int64).tolist()
        for word in {"people", *(word for code in wanted for word in _words(code, rule))}
    }
    found_at = np.flatnonzero(np.bincount(where, minlength=size))
    places = np.column_stack((found_at, *np.unravel_index(found_at, shape))).tolist()
    for place, unit, sex, band, state in places:
        if state == _OUT:
            continue
        for code in wanted:
            yes, known = (sums[word][place] for word in _words(code, rule))
            found = _tally(
                code,
                _BANDS[band],
                is_undecided=state == _UNDECIDED,
                people=sums["people"][place],
                yes=yes,
                known=known,
            )
            if found:
                yield Part(
                    groups.units[unit],
                    code,
                    found,
                    _SEXES[sex] if "sex" in by else None,
                    _BANDS[band] if "age" in by else None,
                )


def _words(code: str, rule: SkillRule) -> tuple[str, str]:
    return _PEOPLE.get(code, (rule.value, "assessed"))


def _ages(cells: Stock, cut_off: date, *, only_working: bool) -> tuple[Column, Column]:
    """Return for each cell the place of its age band, and whether its people are in question."""
    size = int(cells.key.max(initial=0)) + 1
    bands, states = np.zeros(size, dtype=np.int64), np.full(size, _IN)
    for key in np.flatnonzero(np.bincount(cells.key, minlength=size)).tolist():
        born = born_in(key)
        years = None if born is None else cut_off.year - born
        bands[key] = _BANDS.index(age_band(years))
        if only_working:
            states[key] = _IS_WORKING[is_working_age(years, sex_of(key), cut_off.year)]
    return bands[cells.key], states[cells.key]


def _tally(code: str, band: str, *, is_undecided: bool, people: int, yes: int, known: int) -> Tally:
    """Return what people of one age band add to an indicator, of whom `yes` and `known` are known."""
    least = DEFINITIONS[code].min_age
    if least is not None and band != AGE_UNKNOWN and _FIRST_AGES[band] < least:
        return Tally()
    if is_undecided or (least is not None and band == AGE_UNKNOWN):
        return Tally(unknown=people)
    return Tally(yes, known, people - known)
