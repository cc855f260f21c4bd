"""What one set of changes has read and has yet to write, so that a push of a hundred costs a few statements.

Reads are answered from what `fetch` loaded at once. New rows are gathered and written table by table, parents
first. Services take a ledger where they may be called for many things in a row; whoever makes it writes it.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from sqlalchemy import Table, select

from app.core.database import Model, db
from app.models.households import Household, Member
from app.models.visits import Visit
from app.queries import scope
from app.queries.scope import TeamArea
from app.rules.permissions import Actor


@cache
def _parents_first() -> list[Table]:
    return list(db.metadata.sorted_tables)


class Ledger:
    """Rows gathered for writing, and homes, visits, labels and areas known so far."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, frozenset[str]], list[Mapping[str, Any]]] = defaultdict(list)
        self._homes: dict[str, Household | None] = {}
        self._visits: dict[str, Visit | None] = {}
        self._labels: dict[str, dict[str, str | None]] = {}
        self._areas: dict[str | None, list[TeamArea]] = {}

    def fetch(self, home_ids: Collection[str], visit_ids: Collection[str]) -> None:
        """Load the homes with their members' labels, and the visits, in three queries."""
        self._homes |= dict.fromkeys(home_ids)
        self._visits |= dict.fromkeys(visit_ids)
        self._labels |= {home_id: {} for home_id in home_ids}
        if home_ids:
            homes = db.session.scalars(select(Household).where(Household.id.in_(home_ids)))
            self._homes |= {home.id: home for home in homes}
            columns = (Member.household_id, Member.id, Member.label)
            for home_id, member_id, label in db.session.execute(
                select(*columns).where(Member.household_id.in_(home_ids))
            ):
                self._labels[home_id][member_id] = label
        if visit_ids:
            visits = db.session.scalars(select(Visit).where(Visit.id.in_(visit_ids)))
            self._visits |= {visit.id: visit for visit in visits}

    def home(self, home_id: str) -> Household | None:
        """Return a home; one that was added is not in the session before `write`."""
        if home_id not in self._homes:
            self._homes[home_id] = db.session.get(Household, home_id)
        return self._homes[home_id]

    def visit(self, visit_id: str) -> Visit | None:
        """Return a visit; one that was added is not in the session before `write`."""
        if visit_id not in self._visits:
            self._visits[visit_id] = db.session.get(Visit, visit_id)
        return self._visits[visit_id]

    def labels(self, home_id: str) -> dict[str, str | None]:
        """Return the labels of a home's members; change the answer along with the rows."""
        if home_id not in self._labels:
            query = select(Member.id, Member.label).where(Member.household_id == home_id)
            self._labels[home_id] = {row.id: row.label for row in db.session.execute(query)}
        return self._labels[home_id]

    def areas(self, actor: Actor) -> list[TeamArea]:
        """Return the actor's teams with their areas of today."""
        if actor.id not in self._areas:
            self._areas[actor.id] = scope.areas(actor)
        return self._areas[actor.id]

    def add(self, row: Model) -> None:
        """Gather a new row, given as an object that is in no session."""
        values = {name: value for name, value in vars(row).items() if name != "_sa_instance_state"}
        self.add_all(type(row), [values])
        if isinstance(row, Household):
            self._homes[row.id] = row
        elif isinstance(row, Visit):
            self._visits[row.id] = row

    def add_if_new(self, row: Model) -> None:
        """Gather a row unless it is in the session already, which then writes its changes by itself."""
        if row not in db.session:
            self.add(row)

    def add_all(self, model: type[Model], rows: Collection[Mapping[str, Any]]) -> None:
        """Gather new rows of a model, all with the same columns."""
        for row in rows:
            self._rows[model.__tablename__, frozenset(row)].append(row)

    def write(self) -> None:
        """Write what was gathered, parents first; from then on all that is known is in the session."""
        db.session.flush()
        gathered, self._rows = self._rows, defaultdict(list)
        for table in _parents_first():
            for (name, _), rows in gathered.items():
                if name == table.name:
                    db.session.execute(table.insert(), rows)
        self._homes = {
            key: home for key, home in self._homes.items() if home is not None and home in db.session
        }
        self._visits = {
            key: row for key, row in self._visits.items() if row is not None and row in db.session
        }
