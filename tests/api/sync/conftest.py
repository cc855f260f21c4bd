"""A commune with two hamlets, a team in each, and their phones."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.models.teams import Team
from app.models.units import Unit
from app.models.users import User
from app.rules.vocabulary import Role
from tests import factories
from tests.conftest import Client
from tests.phones import Phone


class Place:
    """Hamlet `here` with its team, a volunteer and a leader; hamlet `there` with another team."""

    def __init__(self, signed_in: Callable[..., Client]) -> None:
        self.signed_in = signed_in
        factories.epoch()
        self.commune: Unit = factories.commune()
        self.here: Unit = factories.hamlet(parent=self.commune)
        self.there: Unit = factories.hamlet(parent=self.commune)
        self.team: Team = factories.team(self.here)
        self.other_team: Team = factories.team(self.there)
        self.volunteer: User = factories.user(team=self.team)
        self.phone = Phone(signed_in, self.volunteer, self.team)

    def phone_of(self, role: Role = Role.VOLUNTEER, *, team: Team | None = None) -> Phone:
        """Sign a new user in on a new phone; by default a colleague in `here`."""
        team = team or self.team
        return Phone(self.signed_in, factories.user(role, team=team), team)

    def home(self, **data: Any) -> dict[str, Any]:
        """Register a home in `here` and return its registration."""
        home = self.phone.register(self.here, **data)
        self.phone.store(home)
        return home


@pytest.fixture
def place(app: Flask, signed_in: Callable[..., Client]) -> Place:
    return Place(signed_in)
