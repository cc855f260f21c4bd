"""Devices, feeds and epochs."""

import uuid

from app.core.ids import new_id
from app.models.households import Household
from app.models.sync import Device, Epoch, FeedEntry
from app.models.teams import Team
from app.models.users import User
from tests.factories.rows import MORNING, number, save


def device(user: User, *, id: str | None = None) -> Device:  # noqa: A002 (the column's name)
    """A phone that `user` signed in on."""
    return save(
        Device(
            id=id or str(uuid.uuid4()),
            user_id=user.id,
            name="Máy thử",
            secret="a device's secret",
            created_at=MORNING,
            seen_at=MORNING,
        )
    )


def feed_entry(
    team: Team, household: Household, *, seq: int | None = None, is_evicted: bool = False
) -> FeedEntry:
    """The latest change of `household` in the feed of `team`, whose head moves along."""
    team.feed_head = seq = seq or team.feed_head + 1
    return save(FeedEntry(team_id=team.id, household_id=household.id, seq=seq, is_evicted=is_evicted))


def epoch() -> Epoch:
    """Another life of the database."""
    return save(Epoch(number=1000 + number(), id=new_id(), began_at=MORNING))
