"""A release made again from the database as it was known when it was published, and compared bit by bit."""

import hashlib
import json
from collections.abc import Callable, Mapping

from app.models.releases import Release
from app.queries import known, releases, rollups, units
from app.rules import periods
from app.rules.cells import FLOWS, HOMES, PEOPLE, Flow, Stock
from app.rules.indicators import DEFINITIONS


def fingerprint(release: Release, stock: Stock, flow: Flow) -> str:
    """Return the SHA-256 of what a release freezes."""
    digest = hashlib.sha256()
    said = [release.unit_id, release.period, release.calendar, release.cut_off.isoformat()]
    frozen = [*said, release.definitions, release.teams, release.baselines]
    digest.update(json.dumps(frozen, sort_keys=True).encode())
    for packed in (stock.pack(), flow.pack()):
        for hamlet_id in sorted(packed):
            digest.update(hamlet_id.encode() + b"\0" + packed[hamlet_id])
    return digest.hexdigest()


def differences(release: Release) -> list[str]:
    """Return a line for each thing that a release keeps otherwise than it can be worked out again."""
    moment, period = release.published_at, periods.parse(release.period, release.calendar)
    cells = releases.cells(release)
    kept_stock = {hamlet_id: stock for hamlet_id, (stock, _) in cells.items()}
    kept_flow = {hamlet_id: flow for hamlet_id, (_, flow) in cells.items()}
    found = []
    if fingerprint(release, Stock.unpack(kept_stock), Flow.unpack(kept_flow)) != release.fingerprint:
        found.append("fingerprint: what is kept is not what was published")
    hamlets = units.register_known_at(moment).hamlets_ever_under(release.unit_id)
    numbers = {name: place for place, name in enumerate(sorted(hamlets))}
    rollups.steady()
    stock, flow = rollups.of_changes(hamlets, known.changes(moment, numbers), numbers, period)
    found += _of_cells(kept_stock, stock.pack(), _stock)
    found += _of_cells(kept_flow, flow.pack(), _flow)
    found += _of_words(
        "definition", release.definitions, {code: each.version for code, each in DEFINITIONS.items()}
    )
    found += _of_words("teams", release.teams, known.served(period.cut_off, moment))
    official = known.baseline_rows(period.cut_off.year, moment)
    found += _of_words("baseline", _by_year(release.baselines), _by_year(official))
    approved = known.approved_units(period, moment)
    then = {each["unit_id"]: each["approved"] for each in release.approvals}
    found += _of_words("approval", then, {unit_id: unit_id in approved for unit_id in then})
    return found


def _of_cells(
    kept: Mapping[str, bytes], again: Mapping[str, bytes], tell: Callable[..., list[str]]
) -> list[str]:
    found = [f"{each}: not kept" for each in sorted(again.keys() - kept.keys())]
    found += [f"{each}: kept, but not there" for each in sorted(kept.keys() - again.keys())]
    for each in sorted(kept.keys() & again.keys()):
        if kept[each] != again[each]:
            found += [f"{each}: {line}" for line in tell({each: kept[each]}, {each: again[each]})]
    return found


def _stock(kept: Mapping[str, bytes], again: Mapping[str, bytes]) -> list[str]:
    one, other = Stock.unpack(kept), Stock.unpack(again)
    words = {word: (int(one.of_homes(word)[0]), int(other.of_homes(word)[0])) for word in HOMES}
    words |= {word: (int(one.of_people(word).sum()), int(other.of_people(word).sum())) for word in PEOPLE}
    return _told(words) or ["people of another sex or year of birth"]


def _flow(kept: Mapping[str, bytes], again: Mapping[str, bytes]) -> list[str]:
    one, other = Flow.unpack(kept), Flow.unpack(again)
    return _told({word: (int(one.of_word(word)[0]), int(other.of_word(word)[0])) for word in FLOWS})


def _of_words(what: str, kept: Mapping[str, object], again: Mapping[str, object]) -> list[str]:
    words = {f"{what} {key}": (kept.get(key), again.get(key)) for key in sorted({*kept, *again})}
    return _told(words)


def _told(words: Mapping[str, tuple[object, object]]) -> list[str]:
    return [f"{word}: {kept}, worked out {again}" for word, (kept, again) in words.items() if kept != again]


def _by_year(rows: list[list[object]]) -> dict[str, object]:
    return {f"{unit_id} {year}": counts for unit_id, year, *counts in rows}
