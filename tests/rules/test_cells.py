"""Cells: kept as bytes in one way only."""

from datetime import date

from app.rules.cells import FLOWS, HOMES, PEOPLE, Flow, Stock, born_in, person_key, sex_of
from app.rules.vocabulary import Sex

SEEN = Stock.of(
    ["b", "a"],
    {"b": {"registered": 3, "last_visit_on": date(2025, 6, 1).toordinal()}},
    {("b", person_key(Sex.MALE, 1980)): range(1, 10), ("b", person_key(Sex.FEMALE, None)): [1, *[0] * 8]},
)


def test_cells_come_back_from_bytes_as_they_were():
    packed = SEEN.pack()
    again = Stock.unpack(packed)
    assert again.pack() == packed
    assert again.hamlets == ("a", "b")
    assert again.of_homes("registered").tolist() == [0, 3]
    assert again.last_visit_on(0) is None
    assert again.last_visit_on(1) == date(2025, 6, 1)
    assert again.of_people("national_contents").tolist() == [0, 9]
    assert [(sex_of(key), born_in(key)) for key in again.key] == [(Sex.FEMALE, None), (Sex.MALE, 1980)]


def test_a_hamlet_without_anything_is_there_with_nothing():
    assert SEEN.pack()["a"] == bytes(4 * len(HOMES))
    assert Stock.unpack({}).people.shape == (0, len(PEOPLE))
    flow = Flow.unpack(Flow.of(["b", "a"], {"b": {"visits": 2, "vneid": 1}}).pack())
    assert flow.of_word("visits").tolist() == [0, 2]
    assert flow.counts.shape == (2, len(FLOWS))
