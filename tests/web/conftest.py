"""A small commune with one home, and the people who look at it from a desk."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from app.core.clock import today
from app.models.households import Household
from app.models.units import Unit
from app.models.visits import Visit
from app.rules.vocabulary import Account, Fibre, Phone, Role
from tests import factories


@dataclass
class Place:
    province: Unit
    commune: Unit
    hamlet: Unit
    home: Household
    first: Visit
    last: Visit


@pytest.fixture
def place(app) -> Place:
    """A hamlet with one home that was visited twice; between the visits somebody opened an account."""
    province = factories.province(name="Tỉnh Thử")
    commune = factories.commune(parent=province, name="Phường Thử")
    hamlet = factories.hamlet(parent=commune, name="Khu phố Thử 1")
    home = factories.household(
        unit=hamlet, head_name="Nguyễn Thị <b>Thử</b>", address="7 hẻm Thử", registered_on=date(2025, 6, 1)
    )
    factories.member(home, id="m1", label="bà Thử")
    first = factories.visit(household=home, visited_on=today() - timedelta(days=60), fibre=Fibre.AVAILABLE)
    factories.observation(first, member_id="m1", phone=Phone.BASIC, account=Account.NO)
    last = factories.visit(household=home, visited_on=today() - timedelta(days=5), fibre=Fibre.SUBSCRIBED)
    factories.observation(last, member_id="m1", phone=Phone.SMARTPHONE, account=Account.YES)
    return Place(province, commune, hamlet, home, first, last)


@pytest.fixture
def official(place, signed_in):
    return signed_in(factories.user(Role.OFFICIAL, unit=place.commune))


@pytest.fixture
def staff(place, signed_in):
    return signed_in(factories.user(Role.PROVINCE, unit=place.province))


@pytest.fixture
def admin(place, signed_in):
    return signed_in(factories.user(Role.ADMIN))


@pytest.fixture
def volunteer(place, signed_in):
    return signed_in(factories.user(team=factories.team(place.hamlet)))
