"""A small commune with its hamlets, teams and people, and what volunteers do there all day."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from app.core.clock import VIETNAM, rfc3339
from app.rules.vocabulary import Account, Activity, Role, TeamKind
from app.rules.vocabulary import Phone as HasPhone
from tests import factories
from tests.faults.journal import Kept, Operation
from tests.faults.phone import Person, Phone

_NAMES = ("Bưởi", "Cam", "Chanh", "Dừa", "Mít", "Ổi", "Quýt", "Xoài")


@dataclass(frozen=True, slots=True)
class Town:
    """Ids of the rows that scenarios speak of."""

    province_code: str
    commune_code: str
    commune_id: str
    hamlet_codes: tuple[str, ...]
    volunteers: tuple[Person, ...]
    official_id: str


def found(hamlets: int = 3, volunteers: int = 12) -> Town:
    """Write a commune in which each hamlet has a team, and the commune one more; members are spread evenly."""
    province = factories.province()
    commune = factories.commune(parent=province)
    places = [factories.hamlet(parent=commune, name=f"Khu phố {number + 1}") for number in range(hamlets)]
    teams = [factories.team(place) for place in places] + [factories.team(commune, kind=TeamKind.COMMUNE)]
    people = []
    for number in range(volunteers):
        team = teams[number % len(teams)]
        user = factories.user(team=team, username=f"faults-{number}")
        area = (team.unit_id,) if team.kind is TeamKind.HAMLET else tuple(place.id for place in places)
        people.append(Person(user.id, user.username, factories.PASSWORD, team.id, area))
    official = factories.user(Role.OFFICIAL, username="faults-official", unit=commune)
    factories.user(Role.ADMIN, username="faults-admin")
    return Town(
        province.code,
        commune.code,
        commune.id,
        tuple(place.code for place in places),
        tuple(people),
        official.id,
    )


class Day:
    """What one volunteer does with one phone: homes, visits, corrections, changes of mind."""

    def __init__(self, phone: Phone, seed: int) -> None:
        self.phone = phone
        self.chance = Random(f"{seed} day of {phone.name}")

    def work(self, operations: int) -> None:
        """Save so many operations."""
        deeds = (self.register, self.visit, self.correct, self.withdraw, self.amend, self.change_mind)
        for _ in range(operations):
            self.chance.choices(deeds, (25, 55, 6, 4, 8, 2))[0]()

    def register(self) -> Operation:
        """Register a home."""
        phone, now = self.phone, rfc3339(self.phone.clock())
        answer = self.chance.choice(("yes", "yes", "yes", "no"))
        name = f"Chủ hộ {self.chance.choice(_NAMES)}"
        data = {
            "id": phone.new_id(),
            "team_id": phone.person.team_id,
            "unit_id": self.chance.choice(phone.person.hamlet_ids),
            "code": f"H{self.chance.randrange(10**6)}",
            "head_name": name if answer == "yes" else None,
            "consent": {"answer": answer, "text_version": "1", "at": now},
        }
        return phone.save("household.register", data)

    def visit(self, home_id: str | None = None) -> Operation:
        """Record a visit to a home, by default any that the phone knows of."""
        phone = self.phone
        home_id = home_id or self._home()
        if home_id is None:
            return self.register()
        return phone.save("visit.record", self._seen(home_id))

    def correct(self) -> Operation:
        """Correct one of the holder's own visits."""
        visit = self._visit()
        if visit is None:
            return self.visit()
        again = self._seen(visit["household_id"]) | {"corrects": visit["id"]}
        return self.phone.save("visit.record", again)

    def withdraw(self) -> Operation:
        """Withdraw one of the holder's own visits."""
        visit = self._visit()
        if visit is None:
            return self.visit()
        return self.phone.save("visit.withdraw", {"id": visit["id"], "reason": "nhầm nhà"})

    def amend(self, home_id: str | None = None) -> Operation:
        """Change a home's code or address, based on what the phone knows of it."""
        home_id = home_id or self._home()
        if home_id is None:
            return self.register()
        field = self.chance.choice(("code", "address", "phone"))
        known = self.phone.cache.homes.get(home_id)
        base = known["revisions"].get(field, 0) if known else 1
        data = {"id": home_id, "changes": {field: f"{self.chance.randrange(10**9)}"}, "base": {field: base}}
        return self.phone.save("household.amend", data)

    def change_mind(self) -> None:
        """Undo the latest visit, if it is not too late and nothing was built on it."""
        mine = self._mine("visit.record")
        if not mine:
            return
        visit_id = mine[-1].made["data"]["id"]
        is_built_on = any(
            visit_id in (each.made["data"].get("corrects"), each.made["data"].get("id"))
            and each is not mine[-1]
            for each in self.phone.journal.of(self.phone.person.id)
        )
        if not is_built_on:
            self.phone.undo(mine[-1])

    def _mine(self, kind: str) -> list[Kept]:
        kept = self.phone.journal.of(self.phone.person.id)
        return [each for each in kept if each.made["type"] == kind and not each.cancelled_at]

    def _home(self) -> str | None:
        person = self.phone.person
        own = [
            each.made["data"]["id"]
            for each in self._mine("household.register")
            if each.made["data"]["team_id"] == person.team_id
        ]
        known = own + list(self.phone.cache.homes)
        return self.chance.choice(known) if known else None

    def _visit(self) -> dict[str, Any] | None:
        mine = self._mine("visit.record")
        return self.chance.choice(mine).made["data"] if mine else None

    def _seen(self, home_id: str) -> dict[str, Any]:
        now = self.phone.clock().astimezone(VIETNAM)
        data: dict[str, Any] = {
            "id": self.phone.new_id(),
            "household_id": home_id,
            "team_id": self.phone.person.team_id,
            "visited_on": (now - timedelta(days=self.chance.randrange(3))).date().isoformat(),
            "outcome": "absent",
        }
        if self.chance.random() < 0.2:
            return data
        members = [
            {
                "id": f"{number}",
                "sex": self.chance.choice(("female", "male")),
                "birth_year": self.chance.randrange(1940, 2015),
                "phone": self.chance.choice(list(HasPhone)).value,
                "account": self.chance.choice(list(Account)).value,
                "skills": [each.value for each in self.chance.sample(list(Activity), 2)],
            }
            for number in range(self.chance.randint(1, 4))
        ]
        return data | {
            "outcome": "interviewed",
            "fibre": "subscribed",
            "other_smart_device": False,
            "members": members,
            "topics": [{"topic": "public_services", "people": 1}],
        }
