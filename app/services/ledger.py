"""What one set of changes has read and has yet to write, so that a push of a hundred costs a few statements.

Reads are answered from what `fetch` loaded at once. New rows are gathered and written table by table, parents
first. Services take a ledger where they may be called for many things in a row; whoever makes it writes it.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, select, text

from app.core.database import Model, db
from app.core.statements import Insertion, Prepared
from app.models.households import Household, Member
from app.models.teams import Team
from app.models.visits import Visit
from app.queries import scope
from app.queries.scope import Areas
from app.rules.permissions import Actor
from app.rules.vocabulary import ConsentAnswer


class KnownHome(NamedTuple):
    """What judging needs of a home."""

    id: str
    unit_id: str
    team_id: str
    consent_answer: ConsentAnswer


class KnownVisit(NamedTuple):
    """What judging needs of a visit."""

    id: str
    household_id: str
    author_id: str
    family_id: str
    corrects_id: str | None


def _among(column: ColumnElement[Any]) -> ColumnElement[bool]:
    return column.in_(bindparam("ids", expanding=True))


_HOMES = Prepared(
    select(*(Household.__table__.c[name] for name in KnownHome._fields)).where(
        _among(Household.__table__.c.id)
    )
)
_VISITS = Prepared(
    select(*(Visit.__table__.c[name] for name in KnownVisit._fields)).where(_among(Visit.__table__.c.id))
)
_MEMBERS = Member.__table__.c
_LABELS = Prepared(
    select(_MEMBERS.household_id, _MEMBERS.id, _MEMBERS.label).where(_among(_MEMBERS.household_id))
)


@cache
def _places() -> dict[str, int]:
    """Return each table's place in the order of writing, parents first."""
    return {table.name: place for place, table in enumerate(db.metadata.sorted_tables)}


@cache
def _insertion(name: str, columns: frozenset[str]) -> Insertion:
    table = db.metadata.tables[name]
    return Insertion(table, [each.name for each in table.c if each.name in columns])


_LOCK = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(each.id, 0)) "
    "FROM unnest(CAST(:ids AS text[])) WITH ORDINALITY AS each (id, place) ORDER BY place"
)


def lock(ids: Collection[str]) -> None:
    """Keep others from judging the same homes and visits until this transaction ends, known yet or not.

    Without it, a visit judged beside its home's registration would wait for ever: neither sees the other's row.
    SQLite lets one writer in at a time anyway. Taken in order, so that two pushes do not wait for each other.
    """
    if ids and db.engine.dialect.name == "postgresql":
        db.session.execute(_LOCK, {"ids": sorted(ids)})


class Ledger:
    """Rows gathered for writing, and homes, visits, labels and areas known so far.

    `locked` are ids that the caller has locked (see `lock`) already.
    """

    def __init__(self, locked: Collection[str] = ()) -> None:
        self._locked = set(locked)
        self._rows: dict[tuple[str, frozenset[str]], list[Mapping[str, Any]]] = defaultdict(list)
        self._homes: dict[str, KnownHome | None] = {}
        self._visits: dict[str, KnownVisit | None] = {}
        self._labels: dict[str, dict[str, str | None]] = {}
        self._areas: dict[str | None, Areas] = {}

    def fetch(self, home_ids: Collection[str], visit_ids: Collection[str]) -> None:
        """Load what is known of homes with their members' labels, and of visits, in three queries."""
        lock({*home_ids, *visit_ids} - self._locked)
        self._locked.update(home_ids, visit_ids)
        self._homes |= dict.fromkeys(home_ids)
        self._visits |= dict.fromkeys(visit_ids)
        self._labels |= {home_id: {} for home_id in home_ids}
        if home_ids:
            ids = list(home_ids)
            self._homes |= {row[0]: KnownHome(*row) for row in _HOMES.rows(ids=ids)}
            for home_id, member_id, label in _LABELS.rows(ids=ids):
                self._labels[home_id][member_id] = label
        if visit_ids:
            self._visits |= {row[0]: KnownVisit(*row) for row in _VISITS.rows(ids=list(visit_ids))}

    def home(self, home_id: str) -> KnownHome | None:
        """Return what is known of a home, those that were added included."""
        if home_id not in self._homes:
            self.fetch([home_id], [])
        return self._homes[home_id]

    def visit(self, visit_id: str) -> KnownVisit | None:
        """Return what is known of a visit, those that were added included."""
        if visit_id not in self._visits:
            self.fetch([], [visit_id])
        return self._visits[visit_id]

    def is_team(self, actor: Actor, team_id: str) -> bool:
        """Say whether a team exists, the actor's or another."""
        return team_id in self.areas(actor) or db.session.get(Team, team_id) is not None

    def labels(self, home_id: str) -> dict[str, str | None]:
        """Return the labels of a home's members; change the answer along with the rows."""
        if home_id not in self._labels:
            query = select(Member.id, Member.label).where(Member.household_id == home_id)
            self._labels[home_id] = {row.id: row.label for row in db.session.execute(query)}
        return self._labels[home_id]

    def areas(self, actor: Actor) -> Areas:
        """Return the areas of today of the actor's teams."""
        if actor.id not in self._areas:
            self._areas[actor.id] = scope.hamlets_by_team(actor)
        return self._areas[actor.id]

    def add(self, model: type[Model], **values: Any) -> None:
        """Gather a new row."""
        self.add_all(model, [values])

    def add_home(self, **values: Any) -> KnownHome:
        """Gather a new home, and know it from now on."""
        self.add(Household, **values)
        known = KnownHome(*(values[name] for name in KnownHome._fields))
        self._homes[known.id] = known
        return known

    def add_visit(self, **values: Any) -> KnownVisit:
        """Gather a new visit, and know it from now on."""
        self.add(Visit, **values)
        known = KnownVisit(*(values[name] for name in KnownVisit._fields))
        self._visits[known.id] = known
        return known

    def add_all(self, model: type[Model], rows: Collection[Mapping[str, Any]]) -> None:
        """Gather new rows of a model, each with all the columns that have no default."""
        for row in rows:
            self._rows[model.__tablename__, frozenset(row)].append(row)

    def write(self) -> None:
        """Write what was gathered, parents first."""
        db.session.flush()
        gathered, self._rows = self._rows, defaultdict(list)
        for name, columns in sorted(gathered, key=lambda each: _places()[each[0]]):
            _insertion(name, columns).run(gathered[name, columns])
