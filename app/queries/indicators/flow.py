"""What happened in a period: visits, homes reached, people helped, summed from the counts by hamlet."""

from collections.abc import Collection, Iterator

from app.queries.borders import Grouping
from app.queries.indicators.tallies import Part, Tally
from app.rules.cells import Flow
from app.rules.vocabulary import Topic


def of_visits(happened: Flow, groups: Grouping, indicators: Collection[str]) -> Iterator[Part]:
    """Return `visits` and `households_reached`, by the unit each home lived in at the cut-off."""
    for code in ("visits", "households_reached"):
        if code in indicators:
            counts = groups.summed(happened.of_word(code)).tolist()
            for unit_id, count in zip(groups.units, counts, strict=True):
                yield Part(unit_id, code, Tally(count))


def of_topics(
    happened: Flow, groups: Grouping, indicators: Collection[str], by: Collection[str] = ()
) -> Iterator[Part]:
    """Return `people_helped`, by the unit each home lived in at the cut-off and, where `by` says, by topic."""
    if "people_helped" not in indicators:
        return
    for topic in Topic:
        counts = groups.summed(happened.of_word(topic.value)).tolist()
        for unit_id, people in zip(groups.units, counts, strict=True):
            yield Part(unit_id, "people_helped", Tally(people), topic=topic if "topic" in by else None)
