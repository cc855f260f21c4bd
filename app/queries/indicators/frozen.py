"""The parts of figures out of a release's cells: the twins of `stock.py` and `flow.py` for what is published."""

from collections.abc import Collection, Iterator
from datetime import date

from app.queries.coverage import Count
from app.queries.indicators import stock
from app.queries.indicators.tallies import Part, Tally
from app.queries.releases import Frozen
from app.rules.cells import PEOPLE, born_in, sex_of
from app.rules.indicators import age_band, is_working_age
from app.rules.vocabulary import SkillRule, Topic

_HOMES = {
    "fibre_subscribed": ("fibre_subscribed", "fibre_known"),
    "fibre_covered": ("fibre_covered", "fibre_known"),
    "smart_device": ("device", "device_known"),
}
_PEOPLE = {
    "smartphone": ("smartphone", "phone_known"),
    "smartphone_adult": ("smartphone", "phone_known"),
    "account": ("account", "account_known"),
}


def coverage_of(frozen: Frozen) -> dict[str, Count]:
    """Return the frozen counts behind coverage, by hamlet."""
    words = ("registered", "visited", "interviewed", "stale")
    columns = [frozen.stock.of_homes(word) for word in words]
    return {
        hamlet_id: Count(
            **{word: int(column[number]) for word, column in zip(words, columns, strict=True)},
            last_visit_on=frozen.stock.last_visit_on(number),
        )
        for number, hamlet_id in enumerate(frozen.stock.hamlets)
    }


def of_homes(frozen: Frozen, indicators: Collection[str]) -> Iterator[Part]:
    """Return the tallies of household indicators."""
    for code in indicators:
        if code in _HOMES:
            yes, known = (frozen.stock.of_homes(word) for word in _HOMES[code])
            homes = frozen.stock.of_homes("homes")
            for number, hamlet_id in enumerate(frozen.stock.hamlets):
                counts = int(yes[number]), int(known[number])
                yield Part(hamlet_id, code, Tally(*counts, int(homes[number]) - counts[1]))


def of_people(
    frozen: Frozen,
    cut_off: date,
    indicators: Collection[str],
    *,
    rule: SkillRule,
    by: Collection[str] = (),
    only_working: bool = False,
) -> Iterator[Part]:
    """Return the tallies of people indicators."""
    words = {code: _PEOPLE.get(code, (rule.value, "assessed")) for code in indicators if _counts_people(code)}
    people, places, keys = frozen.stock.people, frozen.stock.place, frozen.stock.key
    for number in range(len(people)):
        sex, born = sex_of(int(keys[number])), born_in(int(keys[number]))
        years = None if born is None else cut_off.year - born
        is_working = is_working_age(years, sex, cut_off.year) if only_working else True
        if is_working is False:
            continue
        band = age_band(years)
        counts = dict(zip(PEOPLE, map(int, people[number]), strict=True))
        for code, (yes, known) in words.items():
            tally = stock.tally(
                code,
                band,
                is_undecided=is_working is None,
                people=counts["people"],
                yes=counts[yes],
                known=counts[known],
            )
            if tally:
                hamlet_id = frozen.stock.hamlets[int(places[number])]
                yield Part(
                    hamlet_id,
                    code,
                    tally,
                    sex if "sex" in by else None,
                    band if "age" in by else None,
                )


def _counts_people(code: str) -> bool:
    return code in _PEOPLE or code == "skills_basic"


def of_flow(frozen: Frozen, indicators: Collection[str], by: Collection[str] = ()) -> Iterator[Part]:
    """Return what happened in the period."""
    flow = frozen.flow
    for code in ("visits", "households_reached"):
        if code in indicators:
            for hamlet_id, count in zip(flow.hamlets, flow.of_word(code), strict=True):
                yield Part(hamlet_id, code, Tally(int(count)))
    if "people_helped" in indicators:
        for topic in Topic:
            for hamlet_id, count in zip(flow.hamlets, flow.of_word(topic.value), strict=True):
                part = Tally(int(count))
                yield Part(hamlet_id, "people_helped", part, topic=topic if "topic" in by else None)
