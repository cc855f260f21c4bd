"""What every figure must be, worked out the slow and plain way from raw visits. Nothing of the app is used here.

Written from product.md's text: *Which visits count*, *Indicators*, *Units through time*; and api.md's *coverage*.
Sets of days stand in for cleverness: whatever "was ever so" is tried on every day on which anything changed.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

LEVELS = ["province", "district", "commune", "hamlet"]
AREAS = [
    {"find_information", "check_truth"},
    {"message_call", "public_services"},
    {"photo_video", "document_form"},
    {"passwords_privacy", "recognise_scams"},
    {"install_apps", "shop_online", "pay_online", "learn_online"},
]
HOUSEHOLDS = ["fibre_subscribed", "fibre_covered", "smart_device"]
LEAST_AGE = {"smartphone": None, "smartphone_adult": 18, "account": 15, "skills_basic": 15}


Span = tuple[date, date | None, str | None]  # first, last, parent


@dataclass
class Unit:
    id: str
    code: str
    kind: str
    spans: list[Span]


@dataclass
class Home:
    id: str
    registered_on: date
    moves: list[tuple[date, str]]  # from, hamlet; the first is where it has always been


@dataclass
class Visit:
    id: str
    home: str
    visited_on: date
    recorded_at: datetime
    outcome: str
    corrects: str | None = None
    fibre: str | None = None
    other: bool | None = None
    members: list[dict] = field(default_factory=list)
    topics: dict[str, int] = field(default_factory=dict)
    is_withdrawn: bool = False
    is_returned: bool = False


@dataclass
class World:
    units: dict[str, Unit]
    successions: list[tuple[str, str, date, str]]  # old, new, day, whole|part
    homes: list[Home]
    visits: list[Visit]
    teams: list[tuple[str, str, date, date | None]]  # kind, unit, founded, dissolved
    baselines: dict[tuple[str, int], dict[str, int | None]] = field(default_factory=dict)

    # Units through time

    def parent(self, unit, day):
        """The unit's parent on a day; False where the unit does not exist then."""
        for first, last, parent in self.units[unit].spans:
            if first <= day and (last is None or day <= last):
                return parent
        return False

    def exists(self, unit, day):
        return self.parent(unit, day) is not False

    def chain(self, unit, day):
        """The unit and all above it on a day, as far as they exist."""
        if not self.exists(unit, day):
            return []
        above = self.parent(unit, day)
        return [unit, *(self.chain(above, day) if above else [])]

    def days(self):
        return {
            day for unit in self.units.values() for span in unit.spans for day in span[:2] if day is not None
        }

    def ever_under(self, unit, top):
        return any(top in self.chain(unit, day) for day in self.days())

    def hamlets(self):
        return [unit.id for unit in self.units.values() if unit.kind == "hamlet"]

    def chosen(self, scope, asked, day):
        inside = {hamlet for hamlet in self.hamlets() if self.ever_under(hamlet, scope)}
        if day is None:
            return {hamlet for hamlet in inside if self.ever_under(hamlet, asked)}
        return {hamlet for hamlet in inside if asked in self.chain(hamlet, day)}

    def standing_for(self, hamlet, borders):
        """The hamlets of the borders that a hamlet is or wholly passed into or was wholly made of."""
        if self.exists(hamlet, borders):
            return {hamlet}
        if self.units[hamlet].spans[0][0] > borders:
            steps = [(old, part) for old, new, on, part in self.successions if new == hamlet and on > borders]
        else:
            steps = [
                (new, part) for old, new, on, part in self.successions if old == hamlet and on <= borders
            ]
        if not steps or any(part != "whole" for _, part in steps):
            return set()
        places = [self.standing_for(step, borders) for step, _ in steps]
        return set().union(*places) if all(places) else set()

    def unit_at(self, unit, level, borders):
        return next((each for each in self.chain(unit, borders) if self.units[each].kind == level), None)

    def place(self, hamlet, level, borders):
        places = {self.unit_at(each, level, borders) for each in self.standing_for(hamlet, borders)}
        return places.pop() if len(places) == 1 else None

    def shown(self, scope, asked, day, level, borders):
        """The units of a level to speak of: where chosen hamlets are placed, and what was asked about itself."""
        found = {self.place(hamlet, level, borders) for hamlet in self.chosen(scope, asked, day)}
        for unit in self.units:
            is_asked = asked in self.chain(unit, day) if day else self.ever_under(unit, asked)
            if is_asked and self.ever_under(unit, scope) and self.exists(unit, borders):
                found.add(self.unit_at(unit, level, borders))
        return found - {None}

    def partial(self, scope, asked, day, level, borders):
        chosen = self.chosen(scope, asked, day)
        return {self.place(hamlet, level, borders) for hamlet in self.hamlets() if hamlet not in chosen} - {
            None
        }

    # Which visits count

    def family(self, visit):
        """The first visit of the chain of corrections that this one belongs to."""
        by_id = {each.id: each for each in self.visits}
        while visit.corrects is not None:
            visit = by_id[visit.corrects]
        return visit.id

    def counting(self):
        families: dict[str, list[Visit]] = {}
        for visit in self.visits:
            if not visit.is_withdrawn and not visit.is_returned:
                families.setdefault(self.family(visit), []).append(visit)
        return [max(family, key=lambda visit: (visit.recorded_at, visit.id)) for family in families.values()]

    def hamlet_of(self, home, day):
        return [hamlet for first, hamlet in sorted(home.moves) if first <= day][-1]

    def stock_visit(self, home, cut_off):
        """The home's stock visit, None where there is none, and "moved" where it has moved away."""
        deciding = [
            visit
            for visit in self.counting()
            if visit.home == home.id
            and visit.visited_on <= cut_off
            and visit.outcome in {"interviewed", "moved"}
        ]
        if not deciding:
            return None
        last = max(deciding, key=lambda visit: (visit.visited_on, visit.recorded_at, visit.id))
        return "moved" if last.outcome == "moved" else last

    # Coverage

    def coverage(self, hamlets, on):
        registered = [
            home
            for home in self.homes
            if self.hamlet_of(home, on) in hamlets
            and home.registered_on <= on
            and self.stock_visit(home, on) != "moved"
        ]
        last = {}
        for home in registered:
            days = [v.visited_on for v in self.counting() if v.home == home.id and v.visited_on <= on]
            if days:
                last[home.id] = max(days)
        return {
            "registered": len(registered),
            "visited": len(last),
            "interviewed": sum(self.stock_visit(home, on) is not None for home in registered),
            "stale": sum((on - day) > timedelta(days=90) for day in last.values()),
            "last_visit_on": max(last.values(), default=None),
        }

    def baseline(self, unit, year, column, borders):
        """The latest official count of the unit, otherwise the sum of its children's if all have one."""
        known = {
            of: row[column] for (of_unit, of), row in self.baselines.items() if of_unit == unit and of <= year
        }
        known = {of: count for of, count in known.items() if count is not None}
        if known:
            return known[max(known)]
        children = [each for each in self.units if self.parent(each, borders) == unit]
        counts = [self.baseline(child, year, column, borders) for child in children]
        return sum(counts) if counts and None not in counts else None

    # Figures: each returns {(sex, age, topic): [numerator, denominator, unknown]}

    def figure(self, code, hamlets, *, cut_off, first=None, by=(), rule="five_areas", working=False):
        if code in HOUSEHOLDS:
            return self.of_homes(code, hamlets, cut_off)
        if code in LEAST_AGE:
            return self.of_people(code, hamlets, cut_off, by, rule, working)
        return self.of_period(code, hamlets, first, cut_off, by)

    def stock(self, hamlets, cut_off):
        for home in self.homes:
            visit = self.stock_visit(home, cut_off)
            if isinstance(visit, Visit) and self.hamlet_of(home, cut_off) in hamlets:
                yield visit

    def of_homes(self, code, hamlets, cut_off):
        cell = [0, 0, 0]
        for visit in self.stock(hamlets, cut_off):
            answer = home_answer(code, visit)
            add(cell, answer)
        return {(None, None, None): cell}

    def of_people(self, code, hamlets, cut_off, by, rule, working):
        cells: dict = {}
        for visit in self.stock(hamlets, cut_off):
            for person in visit.members:
                age = age_of(person, cut_off.year)
                least = LEAST_AGE[code]
                is_in = True if age is None or least is None else age >= least
                is_known_in = age is not None or least is None
                if working:
                    ages = working_age(person["sex"], age, cut_off.year)
                    is_in = is_in and ages is not False
                    is_known_in = is_known_in and ages is True
                if not is_in:
                    continue
                key = (person["sex"] if "sex" in by else None, band(age) if "age" in by else None, None)
                add(
                    cells.setdefault(key, [0, 0, 0]),
                    person_answer(code, person, rule) if is_known_in else None,
                )
        return cells if "sex" in by or "age" in by else cells or {(None, None, None): [0, 0, 0]}

    def of_period(self, code, hamlets, first, last, by):
        homes = {home.id for home in self.homes if self.hamlet_of(home, last) in hamlets}
        visits = [v for v in self.counting() if v.home in homes and first <= v.visited_on <= last]
        if code == "visits":
            return {(None, None, None): [len(visits), None, 0]}
        if code == "households_reached":
            return {
                (None, None, None): [len({v.home for v in visits if v.outcome == "interviewed"}), None, 0]
            }
        if "topic" not in by:
            return {(None, None, None): [sum(sum(visit.topics.values()) for visit in visits), None, 0]}
        cells: dict = {}
        for visit in visits:
            for topic, people in visit.topics.items():
                cells.setdefault((None, None, topic), [0, None, 0])[0] += people
        return {key: cell for key, cell in cells.items() if cell[0]}

    def has_team(self, kind, unit, cut_off, borders):
        mine, todo = set(), [unit]
        while todo:
            each = todo.pop()
            mine.add(each)
            todo += [
                old
                for old, new, on, part in self.successions
                if new == each and part == "whole" and on <= borders
            ]
        return any(
            of_kind == kind and of_unit in mine and founded <= cut_off and (ended is None or cut_off < ended)
            for of_kind, of_unit, founded, ended in self.teams
        )


def add(cell, answer):
    """Count a person or home: yes, no, or None for not known."""
    cell[0] += answer is True
    cell[1] += answer is not None
    cell[2] += answer is None


def home_answer(code, visit):
    if code == "fibre_subscribed":
        return None if visit.fibre in {None, "unknown"} else visit.fibre == "subscribed"
    if code == "fibre_covered":
        return None if visit.fibre in {None, "unknown"} else visit.fibre in {"subscribed", "available"}
    phones = [person["phone"] for person in visit.members]
    if "smartphone" in phones or visit.other is True:
        return True
    return None if "unknown" in phones or visit.other is None else False


def person_answer(code, person, rule):
    if code in {"smartphone", "smartphone_adult"}:
        return None if person["phone"] == "unknown" else person["phone"] == "smartphone"
    if code == "account":
        return None if person["account"] in {"unknown", "declined"} else person["account"] == "yes"
    if person["skills"] is None:
        return None
    done = set(person["skills"])
    if rule == "five_areas":
        return all(done & area for area in AREAS)
    if rule == "any_one":
        return bool(done)
    safe = bool(done & {"recognise_scams", "passwords_privacy"})
    return ("public_services" in done) + ("shop_online" in done) + ("pay_online" in done) + safe >= 3


def age_of(person, year):
    born, to = person["birth_year"], person["birth_year_to"]
    return None if born is None else year - (born if to is None else (born + to) // 2)


def band(age):
    if age is None:
        return "unknown"
    for first, last in ((0, 14), (15, 17), (18, 24), (25, 34), (35, 44), (45, 54), (55, 64)):
        if first <= age <= last:
            return f"{first}-{last}"
    return "65+"


def working_age(sex, age, year):
    """From 15 to below the retirement age of decree 135/2020; None where it cannot be said."""
    if age is None:
        return None
    if sex == "unknown":
        either = {working_age("female", age, year), working_age("male", age, year)}
        return either.pop() if len(either) == 1 else None
    years, months = (60, 3) if sex == "male" else (55, 4)
    for _ in range(2021, year):
        months += 3 if sex == "male" else 4
    limit = min(years + months / 12, 62 if sex == "male" else 60)
    return 15 <= age < limit
