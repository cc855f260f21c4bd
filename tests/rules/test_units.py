"""The register on paper: P has districts until June 2025, communes change hands, hamlets are split and joined."""

from datetime import date

import pytest

from app.rules.units import Register, Span, SuccessionFact, UnitLife
from app.rules.vocabulary import SuccessionPart, UnitKind

FIRST, LAST, NEXT = date(2022, 1, 1), date(2025, 6, 30), date(2025, 7, 1)
WHOLE, PART = SuccessionPart.WHOLE, SuccessionPart.PART
PROVINCE, DISTRICT, COMMUNE, HAMLET = UnitKind


def unit(name: str, kind: UnitKind, *spans: tuple[str | None, date, date | None]) -> UnitLife:
    made = tuple(Span(name, parent, first, last) for parent, first, last in spans)
    return UnitLife(name, name, kind, spans[0][1], spans[-1][2], made)


UNITS = [
    unit("P", PROVINCE, (None, FIRST, LAST)),
    unit("Q", PROVINCE, (None, FIRST, None)),
    unit("d", DISTRICT, ("P", FIRST, LAST)),
    unit("old", COMMUNE, ("d", FIRST, LAST)),
    unit("new", COMMUNE, ("Q", NEXT, None)),
    unit("other", COMMUNE, ("Q", NEXT, None)),
    unit("stays", HAMLET, ("old", FIRST, LAST), ("new", NEXT, None)),
    unit("goes", HAMLET, ("old", FIRST, LAST), ("other", NEXT, None)),
    unit("joined", HAMLET, ("old", FIRST, LAST)),
    unit("split", HAMLET, ("old", FIRST, LAST)),
    unit("lost", HAMLET, ("old", FIRST, LAST)),
    unit("made", HAMLET, ("new", NEXT, None)),
    unit("half", HAMLET, ("new", NEXT, None)),
    unit("pause", HAMLET, ("old", FIRST, date(2023, 12, 31)), ("new", NEXT, None)),
]
FACTS = [
    SuccessionFact("joined", "made", NEXT, WHOLE),
    SuccessionFact("split", "made", NEXT, PART),
    SuccessionFact("split", "half", NEXT, PART),
]


@pytest.fixture
def register() -> Register:
    return Register(UNITS, FACTS)


def test_ancestors_are_those_of_the_day(register):
    assert register.ancestor("stays", DISTRICT, LAST) == "d"
    assert register.ancestor("stays", PROVINCE, LAST) == "P"
    assert register.ancestor("stays", DISTRICT, NEXT) is None
    assert register.ancestor("stays", PROVINCE, NEXT) == "Q"
    assert register.ancestor("stays", HAMLET, NEXT) == "stays"


def test_what_does_not_exist_has_no_ancestor(register):
    assert register.ancestor("joined", COMMUNE, NEXT) is None
    assert register.ancestor("pause", COMMUNE, date(2024, 6, 1)) is None
    assert register.ancestor("stays", COMMUNE, date(2021, 12, 31)) is None


def test_a_parent_that_ended_before_its_child_ends_the_line(register):
    orphan = unit("orphan", HAMLET, ("old", FIRST, None))
    assert Register([*UNITS, orphan], []).ancestor("orphan", PROVINCE, NEXT) is None


def test_hamlets_under_a_unit_are_those_of_the_day(register):
    assert register.hamlets_under("old", LAST) == {"stays", "goes", "joined", "split", "lost"}
    assert register.hamlets_under("Q", NEXT) == {"stays", "goes", "made", "half", "pause"}
    assert register.hamlets_under("P", NEXT) == frozenset()


def test_an_abolished_unit_keeps_all_hamlets_that_were_ever_under_it(register):
    ever = {"stays", "goes", "joined", "split", "lost", "pause"}
    assert register.hamlets_ever_under("old") == ever
    assert register.hamlets_ever_under("P") == ever
    assert register.hamlets_ever_under("new") == {"stays", "made", "half", "pause"}
    assert register.hamlets_ever_under("stays") == {"stays"}


def test_hamlets_count_only_for_the_days_that_the_whole_line_shares():
    """A hamlet that joined commune c after c had left district d was never under d."""
    moved = [
        unit("d", DISTRICT, (None, FIRST, None)),
        unit("e", DISTRICT, (None, FIRST, None)),
        unit("c", COMMUNE, ("d", FIRST, LAST), ("e", NEXT, None)),
        unit("h", HAMLET, ("c", NEXT, None)),
    ]
    register = Register(moved, [])
    assert register.hamlets_ever_under("d") == frozenset()
    assert register.hamlets_ever_under("e") == {"h"}


def test_a_living_hamlet_stands_for_itself(register):
    assert register.placements("stays", LAST) == register.placements("stays", NEXT) == {"stays"}


def test_an_ended_hamlet_is_where_it_passed_as_a_whole(register):
    assert register.placements("joined", LAST) == {"joined"}
    assert register.placements("joined", NEXT) == {"made"}
    assert register.group("joined", COMMUNE, NEXT) == "new"


@pytest.mark.parametrize("hamlet", ["split", "lost"])
def test_a_split_hamlet_or_one_without_heir_has_no_place(register, hamlet):
    assert register.placements(hamlet, NEXT) == frozenset()
    assert register.group(hamlet, COMMUNE, NEXT) is None


def test_a_hamlet_not_yet_begun_stands_for_all_it_was_made_of():
    facts = [SuccessionFact("joined", "made", NEXT, WHOLE), SuccessionFact("lost", "made", NEXT, WHOLE)]
    register = Register(UNITS, facts)
    assert register.placements("made", LAST) == {"joined", "lost"}
    assert register.group("made", COMMUNE, LAST) == "old"


def test_a_hamlet_made_of_parts_cannot_be_put_back(register):
    assert register.placements("made", LAST) == frozenset()
    assert register.placements("half", LAST) == frozenset()


def test_a_gap_in_a_hamlets_life_is_no_place(register):
    day = date(2024, 6, 1)
    assert register.placements("pause", day) == frozenset()
    assert register.group("pause", PROVINCE, day) is None


def test_successions_are_followed_through_several_steps():
    then, later = date(2023, 1, 1), date(2024, 1, 1)
    units = [
        unit("c", COMMUNE, (None, FIRST, None)),
        unit("one", HAMLET, ("c", FIRST, date(2022, 12, 31))),
        unit("two", HAMLET, ("c", then, date(2023, 12, 31))),
        unit("three", HAMLET, ("c", later, None)),
    ]
    facts = [SuccessionFact("one", "two", then, WHOLE), SuccessionFact("two", "three", later, WHOLE)]
    register = Register(units, facts)
    assert register.placements("one", date(2025, 1, 1)) == {"three"}
    assert register.placements("one", date(2023, 6, 1)) == {"two"}
    assert register.placements("three", date(2022, 6, 1)) == {"one"}
    assert register.group("one", COMMUNE, date(2025, 1, 1)) == "c"


def test_a_code_means_a_unit_only_together_with_a_date(register):
    reused = UnitLife("old-2", "old", COMMUNE, NEXT, None, (Span("again", "Q", NEXT, None),))
    both = Register([*UNITS, reused], [])
    found = [both.by_code("old", day) for day in (LAST, NEXT, date(2021, 1, 1))]
    assert [each and each.id for each in found] == ["old", "old-2", None]


def test_a_name_before_and_after_its_life_is_the_nearest():
    city = UnitLife(
        "x",
        "x",
        DISTRICT,
        FIRST,
        LAST,
        (Span("Thị xã", None, FIRST, date(2023, 4, 9)), Span("Thành phố", None, date(2023, 4, 10), LAST)),
    )
    days = (date(2000, 1, 1), FIRST, date(2023, 4, 9), date(2023, 4, 10), date(2030, 1, 1))
    assert [city.name(day) for day in days] == ["Thị xã", "Thị xã", "Thị xã", "Thành phố", "Thành phố"]


def test_spans_meet_only_on_shared_days():
    span = Span("x", None, FIRST, LAST)
    assert span.meets(LAST, None) == (LAST, LAST)
    assert span.meets(NEXT, None) is None
    assert span.meets(date.min, date(2021, 12, 31)) is None
    assert Span("x", None, FIRST, None).meets(NEXT, None) == (NEXT, None)
