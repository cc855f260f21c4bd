"""Looks at homes within the actor's scope. Names are encrypted, so lists are sorted and searched in memory."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from app.core import errors
from app.core.database import db
from app.models.households import Household
from app.models.visits import Visit
from app.queries import scope, visits
from app.rules import naming
from app.rules.permissions import Actor


@dataclass(frozen=True, slots=True)
class Listed:
    """A home in a list, with its last visit as its volunteers see it."""

    household: Household
    last_visit: Visit | None


def in_scope(actor: Actor, hamlet_id: str | None = None, text: str = "") -> list[Household]:
    """Return the homes in scope, of one hamlet if given, that match `text` without accents; by given name.

    Name, address, code and the digits of the phone are searched; homes without a name come last, by code.
    """
    query = select(Household).where(scope.households(actor))
    if hamlet_id is not None:
        query = query.where(Household.unit_id == hamlet_id)
    found = list(db.session.scalars(query))
    if text.strip():
        found = [home for home in found if _matches(home, text)]
    return sorted(found, key=_order)


def _matches(home: Household, text: str) -> bool:
    return naming.matches(text, home.head_name, home.address, home.code, home.phone)


def _order(home: Household) -> tuple[bool, str, str, str]:
    return (home.head_name is None, naming.sort_key(home.head_name or ""), home.code or "", home.id)


def listed(homes: list[Household]) -> list[Listed]:
    """Return homes with their last visits; for one page at a time."""
    lasts = visits.last_of([home.id for home in homes])
    pairs = [(home, lasts[home.id][0]) for home in homes]
    return [Listed(home, last.visit if last else None) for home, last in pairs]


def by_ids(actor: Actor, ids: Collection[str]) -> dict[str, Household]:
    """Return those of the homes that are in the actor's scope, by id."""
    query = select(Household).where(Household.id.in_(ids), scope.households(actor))
    return {home.id: home for home in db.session.scalars(query)}


def in_scope_or_404(actor: Actor, household_id: str) -> Household:
    """Return a home in the actor's scope; NotFound otherwise."""
    query = select(Household).where(Household.id == household_id, scope.households(actor))
    household = db.session.scalars(query).one_or_none()
    if household is None:
        raise errors.NotFound
    return household
