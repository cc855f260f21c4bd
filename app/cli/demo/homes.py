"""The made-up life of one home: who lives there, who visited when, and what they saw. Pure thinking, no database.

People learn: each has a fixed place between 0 and 1 for everything they may come to have, and has it once the
level of their age group has risen above that place. The levels end where Bình Dương reported itself in March
2024: smartphones of adults 92 %, accounts from 15 years 75 %, fibre reaching 86.3 % of homes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from app.cli.demo import names
from app.core.clock import VIETNAM
from app.rules.skills import BITS
from app.rules.vocabulary import Account, Activity, ConsentAnswer, Fibre, Outcome, Phone, Sex, Topic

Level = tuple[float, float]
"""A share at the beginning and at the end of the demo's time."""

_SMARTPHONE: tuple[tuple[int, Level], ...] = (
    (60, (0.50, 0.76)),
    (40, (0.82, 0.95)),
    (18, (0.92, 0.99)),
    (12, (0.35, 0.60)),
    (6, (0.05, 0.15)),
    (0, (0.0, 0.0)),
)
_ACCOUNT: tuple[tuple[int, Level], ...] = (
    (60, (0.30, 0.54)),
    (40, (0.58, 0.80)),
    (18, (0.70, 0.89)),
    (15, (0.12, 0.30)),
)
_SUBSCRIBED: Level = (0.60, 0.79)
_COVERED: Level = (0.74, 0.872)
_OTHER_DEVICE: Level = (0.12, 0.30)
_DIFFICULTY: dict[Activity, float] = {
    Activity.FIND_INFORMATION: 0.25,
    Activity.CHECK_TRUTH: 0.60,
    Activity.MESSAGE_CALL: 0.10,
    Activity.PUBLIC_SERVICES: 0.55,
    Activity.PHOTO_VIDEO: 0.20,
    Activity.DOCUMENT_FORM: 0.70,
    Activity.PASSWORDS_PRIVACY: 0.55,
    Activity.RECOGNISE_SCAMS: 0.45,
    Activity.INSTALL_APPS: 0.40,
    Activity.SHOP_ONLINE: 0.50,
    Activity.PAY_ONLINE: 0.45,
    Activity.LEARN_ONLINE: 0.65,
}
_OUTCOMES = (
    (Outcome.INTERVIEWED, 0.845),
    (Outcome.ABSENT, 0.115),
    (Outcome.REFUSED, 0.034),
    (Outcome.MOVED, 0.006),
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """The demo's time: from its first day to its last, which is yesterday."""

    first: date
    last: date

    def progress(self, on: date) -> float:
        """Return how far `on` lies between the first day (0) and the last (1)."""
        return min(1.0, max(0.0, (on - self.first).days / max(1, (self.last - self.first).days)))

    def level(self, level: Level, on: date) -> float:
        """Return where a level stands on a day; most is learnt in the first half."""
        progress = self.progress(on)
        return level[0] + (level[1] - level[0]) * (1.6 * progress - 0.6 * progress * progress)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a visit saw of one member; an observation without its visit."""

    member_id: str
    sex: Sex
    birth_year: int | None
    birth_year_to: int | None
    phone: Phone
    account: Account
    skills: int | None


@dataclass(slots=True)
class Call:
    """One visit of the home."""

    visited_on: date
    recorded_at: datetime
    received_at: datetime
    outcome: Outcome
    fibre: Fibre | None = None
    other_smart_device: bool | None = None
    note: str | None = None
    next_visit_on: date | None = None
    seen: list[Seen] = field(default_factory=list)
    topics: dict[Topic, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Person:
    """A member with the places between 0 and 1 that decide when they come to have things."""

    id: str
    label: str
    sex: Sex
    birth_year: int
    told_year: int | None
    told_year_to: int | None
    phone_at: float
    account_at: float
    ability: float
    reticence: float

    def seen(self, on: date, stretch: Stretch, *, is_assessed: bool) -> Seen:
        """Return what a visit on that day sees of the person."""
        age = on.year - self.birth_year
        return Seen(
            member_id=self.id,
            sex=self.sex,
            birth_year=self.told_year,
            birth_year_to=self.told_year_to,
            phone=self._phone(age, on, stretch),
            account=self._account(age, on, stretch),
            skills=self._skills(age, on, stretch) if is_assessed and age >= 10 else None,
        )

    def _phone(self, age: int, on: date, stretch: Stretch) -> Phone:
        if self.reticence > 0.985:
            return Phone.UNKNOWN
        if self.phone_at < stretch.level(_by_age(_SMARTPHONE, age), on):
            return Phone.SMARTPHONE
        return Phone.BASIC if age >= 18 and self.phone_at < 0.98 else Phone.NONE

    def _account(self, age: int, on: date, stretch: Stretch) -> Account:
        if age < 15:
            return Account.NO
        if self.reticence > 0.97:
            return Account.UNKNOWN
        if self.reticence > 0.95:
            return Account.DECLINED
        return Account.YES if self.account_at < stretch.level(_by_age(_ACCOUNT, age), on) else Account.NO

    def _skills(self, age: int, on: date, stretch: Stretch) -> int:
        reach = self.ability + 0.25 * stretch.progress(on) - max(0, age - 45) * 0.012
        return sum(BITS[activity] for activity, difficulty in _DIFFICULTY.items() if difficulty < reach)


def _by_age(levels: tuple[tuple[int, Level], ...], age: int) -> Level:
    return next((level for youngest, level in levels if age >= youngest), (0.0, 0.0))


@dataclass(frozen=True, slots=True)
class Home:
    """A made-up home with all its visits, in order."""

    head_name: str
    address: str
    phone: str
    consent: ConsentAnswer
    people: list[Person]
    calls: list[Call]


def make(random: Random, stretch: Stretch, number: int) -> Home:
    """Make up the home with this number, so that addresses do not repeat."""
    people = list(_people(random, stretch.last.year))
    head_name = names.full_name(random, people[0].sex)
    consent = random.choices((ConsentAnswer.YES, ConsentAnswer.LATER, ConsentAnswer.NO), (0.82, 0.11, 0.07))[
        0
    ]
    return Home(
        head_name=head_name,
        address=f"Số {number} đường Mẫu",
        phone=f"0000 {number // 1000:03} {number % 1000:03}",
        consent=consent,
        people=people,
        calls=_calls(random, stretch, people),
    )


def _people(random: Random, year: int) -> Iterator[Person]:
    head_age = min(84, max(24, round(random.gauss(46, 13))))
    head_sex = any_sex(random)
    other_sex = Sex.MALE if head_sex is Sex.FEMALE else Sex.FEMALE
    ages = [(head_sex, head_age)]
    if random.random() < 0.82:
        ages.append((other_sex, max(20, head_age + random.randint(-6, 6))))
    children = random.choices((0, 1, 2, 3), (0.2, 0.35, 0.36, 0.09))[0]
    ages += [(any_sex(random), max(0, head_age - random.randint(23, 36))) for _ in range(children)]
    if head_age < 50 and random.random() < 0.3:
        ages.append((any_sex(random), head_age + random.randint(22, 34)))
    for place, (sex, age) in enumerate(ages, start=1):
        yield _person(random, place, sex, year - age, year)


def any_sex(random: Random) -> Sex:
    """Choose between the two that the demo knows."""
    return random.choice((Sex.FEMALE, Sex.MALE))


def _person(random: Random, place: int, sex: Sex, birth_year: int, year: int) -> Person:
    told: tuple[int | None, int | None] = (birth_year, None)
    doubt = random.random()
    if doubt < 0.02:
        told = (None, None)
    elif doubt < 0.09:
        decade = birth_year // 10 * 10
        told = (decade, decade + 9) if decade + 9 <= year - 3 else (birth_year, None)
    return Person(
        id=f"m{place}",
        label=names.label(random, sex, year - birth_year),
        sex=sex,
        birth_year=birth_year,
        told_year=told[0],
        told_year_to=told[1],
        phone_at=random.random(),
        account_at=random.random(),
        ability=random.gauss(0.38, 0.28),
        reticence=random.random(),
    )


def _calls(random: Random, stretch: Stretch, people: list[Person]) -> list[Call]:
    fibre_at, device_at, is_unsure = random.random(), random.random(), random.random() < 0.03
    days = (stretch.last - stretch.first).days
    on = stretch.first + timedelta(days=int(days * random.random() ** 1.5))
    calls: list[Call] = []
    while on <= stretch.last:
        outcome = random.choices([each for each, _ in _OUTCOMES], [share for _, share in _OUTCOMES])[0]
        call = _call(random, on, outcome)
        if outcome is Outcome.INTERVIEWED:
            present = [person for person in people if person.birth_year <= on.year]
            is_assessed = random.random() < 0.75
            call.seen = [person.seen(on, stretch, is_assessed=is_assessed) for person in present]
            call.fibre = Fibre.UNKNOWN if is_unsure else _fibre(fibre_at, on, stretch)
            call.other_smart_device = None if is_unsure else device_at < stretch.level(_OTHER_DEVICE, on)
            call.topics = _topics(random, len(present))
        calls.append(call)
        if outcome is Outcome.MOVED:
            break
        again = random.randint(3, 21) if outcome is Outcome.ABSENT else random.randint(70, 330)
        on += timedelta(days=again)
    if calls[-1].outcome not in (Outcome.MOVED, Outcome.REFUSED) and random.random() < 0.6:
        calls[-1].next_visit_on = max(calls[-1].visited_on, stretch.last) + timedelta(
            days=random.randint(-12, 60)
        )
        calls[-1].next_visit_on = max(calls[-1].next_visit_on, calls[-1].visited_on + timedelta(days=1))
    return calls


def _call(random: Random, on: date, outcome: Outcome) -> Call:
    clock = time(random.randint(7, 19), random.randint(0, 59), random.randint(0, 59))
    recorded_at = datetime.combine(on, clock, VIETNAM).astimezone(UTC)
    # Most phones send within minutes, some only when they are back under a signal.
    delay = (
        timedelta(seconds=random.randint(2, 300))
        if random.random() < 0.8
        else timedelta(hours=random.randint(1, 4))
    )
    note = names.ABSENT if outcome is Outcome.ABSENT else None
    if outcome is Outcome.INTERVIEWED and random.random() < 0.12:
        note = random.choice(names.NOTES)
    return Call(on, recorded_at, recorded_at + delay, outcome, note=note)


def _fibre(place: float, on: date, stretch: Stretch) -> Fibre:
    if place < stretch.level(_SUBSCRIBED, on):
        return Fibre.SUBSCRIBED
    return Fibre.AVAILABLE if place < stretch.level(_COVERED, on) else Fibre.NONE


def _topics(random: Random, people: int) -> dict[Topic, int]:
    chosen = random.sample(list(Topic), random.choices((0, 1, 2, 3), (0.1, 0.4, 0.35, 0.15))[0])
    return {topic: random.randint(1, max(1, people)) for topic in chosen}
