"""Figures: what a question asks for, and the items that answer it. How a figure is made: docs/figures.md."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import product

from app.core import errors
from app.core.clock import civil_date
from app.models.releases import Release
from app.queries import baselines, borders, coverage, releases, rollups, units
from app.queries.indicators import flow, stock, teams
from app.queries.indicators.tallies import Part, Tally
from app.rules.cells import Flow, Stock
from app.rules.indicators import (
    AGE_BANDS,
    AGE_UNKNOWN,
    DEFINITIONS,
    Counts,
    Definition,
    percentage,
)
from app.rules.periods import Period
from app.rules.permissions import Actor
from app.rules.vocabulary import Basis, Calendar, FigureStatus, Sex, SkillRule, TeamKind, Topic, UnitKind

__all__ = ["Answer", "FlowNeedsPeriod", "Item", "ItemKey", "Question", "of_release", "values"]

_CODES = list(DEFINITIONS)
_AGES = [None, *(name for name, _ in AGE_BANDS), AGE_UNKNOWN]
_SEXES = [None, *Sex]
_TOPICS = [None, *Topic]

ItemKey = tuple[int, str, str, int, int, int, int]


class FlowNeedsPeriod(errors.Invalid):
    """What happened cannot be asked as of a day."""

    code = "indicators.flow_needs_period"
    message = errors.message("This indicator counts what happened in a period. Give a period.")


@dataclass(frozen=True, slots=True)
class Question:
    """What figures are asked for. `period` is None where a state `as_of` the cut-off is meant."""

    cut_off: date
    borders: date
    calendar: Calendar = Calendar.CIVIL
    period: Period | None = None
    unit: str | None = None
    level: UnitKind | None = None
    indicators: tuple[str, ...] = ()
    by: frozenset[str] = frozenset()
    only_working: bool = False
    basis: Basis = Basis.OBSERVED
    rule: SkillRule = SkillRule.FIVE_AREAS
    is_live: bool = False
    """Today's figures, also where the period is published."""


@dataclass(frozen=True, slots=True)
class Item:
    """One figure. `unit` is None for what cannot be placed on the borders; `denominator` None for counts."""

    unit: borders.Place | None
    definition: Definition
    sex: Sex | None
    age: str | None
    topic: Topic | None
    numerator: int
    denominator: int | None
    unknown: int
    coverage: coverage.Count
    rule: SkillRule | None = None
    is_partial: bool = False
    is_baseline_exceeded: bool = False
    status: FigureStatus = FigureStatus.PROVISIONAL
    is_suppressed: bool = False

    @property
    def is_unconverted(self) -> bool:
        """Say whether what is counted cannot be placed on the borders."""
        return self.unit is None

    @property
    def value(self) -> float | None:
        """Return the percentage with two decimals; None for counts and where there is no denominator."""
        return percentage(self.numerator, self.denominator)

    @property
    def key(self) -> ItemKey:
        """Return where the item stands among the others: by unit code, indicator, sex, age, topic."""
        return (
            int(self.unit is None),
            self.unit.code if self.unit else "",
            self.unit.id if self.unit else "",
            _CODES.index(self.definition.code),
            _SEXES.index(self.sex),
            _AGES.index(self.age),
            _TOPICS.index(self.topic),
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """The items of a question in the order of their keys."""

    question: Question
    items: list[Item] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Cell:
    """Where a tally belongs; the whole of a figure has neither sex nor age nor topic."""

    unit_id: str | None
    indicator: str
    sex: Sex | None = None
    age: str | None = None
    topic: Topic | None = None


def values(actor: Actor, question: Question) -> Answer:
    """Return the figures that `question` asks for, within the actor's scope.

    Every unit on the borders appears with every indicator, even at nothing; cells of a breakdown only where
    something was counted. Raises FlowNeedsPeriod, and what `borders.of` raises.
    """
    codes = _codes(question)
    asked = borders.of(actor, question.unit, question.level, question.borders)
    kept = _published(asked, question)
    if kept is not None and question.borders <= civil_date(kept.release.published_at):
        then = units.register_known_at(kept.release.published_at)
        asked = borders.of(actor, question.unit, question.level, question.borders, then)
    return _answer(asked, question, codes, kept)


def of_release(actor: Actor, question: Question, release: Release) -> Answer:
    """Return the figures of a period as one release has them, whatever was published since."""
    then = units.register_known_at(release.published_at)
    asked = borders.of(actor, question.unit, question.level, question.borders, then)
    return _answer(asked, question, _codes(question), releases.frozen(release, asked.hamlets))


def _published(asked: borders.Map, question: Question) -> releases.Frozen | None:
    if question.period is None or question.is_live:
        return None
    release = releases.of_hamlets(asked.hamlets, question.period, asked.register)
    return releases.frozen(release, asked.hamlets) if release is not None else None


def _answer(asked: borders.Map, question: Question, codes: list[str], kept: releases.Frozen | None) -> Answer:
    counted, happened = (kept.stock, kept.flow) if kept else _counted(asked, question, codes)
    cells: dict[_Cell, Tally] = defaultdict(Tally)
    for part in _parts(asked, question, codes, counted, happened):
        if part.tally:
            cells[_Cell(part.unit_id, part.indicator, part.sex, part.age, part.topic)] += part.tally
    has = (
        {TeamKind(kind): ids for kind, ids in kept.release.teams.items()}
        if kept
        else teams.served(question.cut_off)
    )
    for place_id, code, tally in teams.of_units(asked, codes, has):
        cells[_Cell(place_id, code)] += tally
    known = (
        baselines.kept(asked.register, kept.release.baselines, question.borders)
        if kept
        else baselines.known(asked.register, question.cut_off.year, question.borders)
    )
    reached = coverage.by_unit(asked, counted, known)
    shown: list[str | None] = [unit.id for unit in asked.units]
    if reached.get(None, coverage.Count()).registered:
        shown.append(None)
    whole = [code for code in codes if not _is_broken_down(DEFINITIONS[code], question)]
    for unit_id, code in product(shown, whole):
        cells[_Cell(unit_id, code)] += Tally()
    official = known if question.basis is Basis.CONFIRMED else None
    statuses = _statuses(asked, question, kept)
    items = [
        _item(
            asked,
            question,
            cell,
            tally,
            reached=reached.get(cell.unit_id, coverage.Count()),
            official=official,
            status=statuses[cell.unit_id],
        )
        for cell, tally in cells.items()
    ]
    return Answer(question, sorted(items, key=lambda item: item.key))


def _codes(question: Question) -> list[str]:
    """Return the indicators asked for in the order of their definitions; by default all the question allows."""
    if question.period is None and any(DEFINITIONS[code].is_flow for code in question.indicators):
        raise FlowNeedsPeriod(fields={"indicator": [FlowNeedsPeriod.message]})
    allowed = [code for code, each in DEFINITIONS.items() if question.period is not None or not each.is_flow]
    return [code for code in allowed if not question.indicators or code in question.indicators]


def _counted(asked: borders.Map, question: Question, codes: list[str]) -> tuple[Stock, Flow | None]:
    """Return the cells as they are this moment; what happened only where it is asked for."""
    latest = rollups.latest_changes(asked.hamlets)
    counted = rollups.stock(asked.hamlets, question.cut_off, latest)
    if question.period is None or not any(DEFINITIONS[code].is_flow for code in codes):
        return counted, None
    return counted, rollups.flow(asked.hamlets, question.period, latest)


def _parts(
    asked: borders.Map, question: Question, codes: list[str], counted: Stock, happened: Flow | None
) -> Iterator[Part]:
    """Return what the cells say, whether they are of today or of a release."""
    groups = asked.grouping(counted.hamlets)
    yield from stock.of_homes(counted, groups, codes)
    yield from stock.of_people(
        counted,
        groups,
        question.cut_off,
        codes,
        rule=question.rule,
        by=question.by,
        only_working=question.only_working,
    )
    if happened is not None:
        groups = asked.grouping(happened.hamlets)
        yield from flow.of_visits(happened, groups, codes)
        yield from flow.of_topics(happened, groups, codes, question.by)


def _statuses(
    asked: borders.Map, question: Question, kept: releases.Frozen | None
) -> dict[str | None, FigureStatus]:
    """Return how firm the figures of each unit are: approved where all its communes approved all months."""
    first = FigureStatus.PUBLISHED if kept else FigureStatus.PROVISIONAL
    found: dict[str | None, FigureStatus] = defaultdict(lambda: first)
    if kept or question.period is None or question.is_live:
        return found
    approved = releases.approved_units(question.period)
    if not approved:
        return found
    of_place: dict[str | None, set[str | None]] = defaultdict(set)
    for hamlet_id in asked.hamlets:
        commune_id = asked.register.ancestor(hamlet_id, UnitKind.COMMUNE, question.cut_off)
        of_place[asked.groups[hamlet_id]].add(commune_id)
    for place_id, communes in of_place.items():
        if communes <= approved:
            found[place_id] = FigureStatus.APPROVED
    return found


def _is_broken_down(definition: Definition, question: Question) -> bool:
    if definition.code == "people_helped":
        return "topic" in question.by
    return definition.counts is Counts.PEOPLE and bool(question.by & {"sex", "age"})


def _item(
    asked: borders.Map,
    question: Question,
    cell: _Cell,
    tally: Tally,
    *,
    reached: coverage.Count,
    official: baselines.Counts | None,
    status: FigureStatus,
) -> Item:
    definition = DEFINITIONS[cell.indicator]
    denominator = None if definition.is_flow else tally.denominator
    if official is not None:
        denominator = _confirmed(definition, question, cell, official)
    return Item(
        unit=asked.place(cell.unit_id),
        definition=definition,
        sex=cell.sex,
        age=cell.age,
        topic=cell.topic,
        numerator=tally.numerator,
        denominator=denominator,
        unknown=tally.unknown,
        coverage=reached,
        status=status,
        rule=question.rule if definition.code == "skills_basic" else None,
        is_partial=cell.unit_id in asked.partial,
        is_baseline_exceeded=official is not None
        and denominator is not None
        and tally.numerator > denominator,
    )


def _confirmed(
    definition: Definition, question: Question, cell: _Cell, official: baselines.Counts
) -> int | None:
    """Return the official denominator; none with a breakdown, for counts, or for what has no place."""
    if definition.baseline is None or cell.unit_id is None:
        return None
    is_part = definition.counts is Counts.PEOPLE and (
        question.only_working or bool(question.by & {"sex", "age"})
    )
    return None if is_part else official.of(cell.unit_id, definition.baseline)
