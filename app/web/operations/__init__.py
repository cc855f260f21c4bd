"""What waits for an official's decision: fields changed on two sides, and records that were not taken in."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import format_decimal, gettext, ngettext
from werkzeug.wrappers import Response as Redirect

from app.core import errors, i18n
from app.http import guards, transaction
from app.models.households import Household
from app.models.operations import FieldConflict, Operation
from app.queries import households, teams, users
from app.queries import operations as looks
from app.rules.operations import PERSONAL
from app.rules.permissions import Actor
from app.schemas.operations import read
from app.services import operations
from app.services.households import AlreadySettled, settle
from app.web.operations.sent import Entry, Fact, Reader

blueprint = Blueprint("operations", __name__)

AT_MOST = 100
"""Records and conflicts on one page; the others move up as these are decided."""


# --- decisions ------------------------------------------------------------------------------------------------


@blueprint.get("/quarantine")
@guards.requires("operations.list")
def index() -> str:
    """Show what waits for the official, the oldest first."""
    return _page()


@blueprint.post("/quarantine/records/<uuid:op_id>/take-in")
@guards.requires("operations.take_in")
def take_in(op_id: UUID) -> Redirect:
    """Take one record in, the official answering for its scope."""
    operations.take_in(guards.actor(), str(op_id), read)
    return _done(gettext("Taken in. The sender's phone hears of it at the next sync."))


@blueprint.post("/quarantine/senders/<uuid:author_id>/take-in")
@guards.requires("operations.take_in")
def take_in_all(author_id: UUID) -> Redirect:
    """Take in all of one sender's that can be, and say how many of how many."""
    taken, count = operations.take_in_all(guards.actor(), str(author_id), read)
    told = {"taken": format_decimal(taken), "all": format_decimal(count)}
    if taken == count:
        return _done(gettext("All %(all)s records are taken in.", **told))
    text = gettext("%(taken)s of %(all)s records are taken in. The others say below why not.", **told)
    return _done(text, "attention")


@blueprint.post("/quarantine/records/<uuid:op_id>/set-aside")
@guards.requires("operations.set_aside")
def set_aside(op_id: UUID) -> Redirect:
    """Set one record aside with the reason that its sender will read."""
    operations.set_aside(guards.actor(), str(op_id), request.form.get("reason", ""))
    return _done(gettext("Set aside. The sender reads the reason on the phone at the next sync."))


@blueprint.post("/quarantine/conflicts/<int(max=2147483647):conflict_id>/settle")
@guards.requires("operations.settle")
def settle_conflict(conflict_id: int) -> Redirect:
    """Keep the server's value of a field, or take the phone's."""
    settle(guards.actor(), conflict_id, take_offered=_choice() == "offered")
    return _done(gettext("Settled. The team's phones get this value at the next sync."))


@blueprint.errorhandler(operations.StillRefused)
@blueprint.errorhandler(operations.ReasonMissing)
@blueprint.errorhandler(AlreadySettled)
def explain(error: errors.AppError) -> Response:
    """Show the page again with what was typed and what is wrong with it."""
    if error.keeps_changes:
        transaction.keep_changes()
    op_id = str((request.view_args or {}).get("op_id", ""))
    return Response(_page(op_id, error), error.status)


def _choice() -> str:
    chosen = request.form.get("take", "")
    if chosen not in {"kept", "offered"}:
        raise errors.Invalid
    return chosen


def _done(text: str, kind: str = "good") -> Redirect:
    flash(text, kind)
    return redirect(url_for("web.operations.index"), 303)


# --- what the page shows --------------------------------------------------------------------------------------


@dataclass(slots=True)
class Sender:
    """Whoever sent records that wait, with how many wait in all, and those on this page."""

    id: str
    name: str
    team_names: str
    count: int
    entries: list[Entry] = field(default_factory=list)

    @property
    def may_take_in_all(self) -> bool:
        """Say whether there are several, and trying makes sense for one of them at least."""
        return self.count > 1 and any(entry.may_take_in for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Clash:
    """A field with the server's value of today and the phone's; wiped where consent was taken back."""

    conflict: FieldConflict
    home: Household
    hamlet_name: str
    kept: Fact
    offered: Fact
    is_wiped: bool
    sender: str
    row: Operation


def _page(op_id: str = "", error: errors.AppError | None = None) -> str:
    actor = guards.actor()
    conflicts, waiting = looks.open_conflicts(actor), looks.quarantine(actor)
    reader = Reader(actor, waiting[:AT_MOST])
    entries = [reader.entry(row) for row in waiting[:AT_MOST]]
    problem = i18n.translate(error.message) if error else ""
    for entry in entries:
        if entry.row.op_id == op_id and isinstance(error, operations.ReasonMissing):
            entry.mistake, entry.typed = problem, request.form.get("reason", "")
    return render_template(
        "pages/operations/index.html",
        scope_name=reader.unit_name(actor.unit_id) if actor.unit_id else "",
        heading=_heading(len(conflicts), len(waiting)),
        problem=problem,
        tried=op_id if isinstance(error, operations.StillRefused) else "",
        clashes=_clashes(actor, reader, conflicts[:AT_MOST]),
        senders=_senders(entries, Counter(row.author_id for row in waiting)),
        is_cut=max(len(conflicts), len(waiting)) > AT_MOST,
        at_most=AT_MOST,
    )


def _heading(clashes: int, waiting: int) -> str:
    changes = ngettext("%(told)s change", "%(told)s changes", clashes, told=format_decimal(clashes))
    records = ngettext("%(told)s record", "%(told)s records", waiting, told=format_decimal(waiting))
    if clashes and waiting:
        return str(gettext("%(changes)s and %(records)s to decide on", changes=changes, records=records))
    if clashes or waiting:
        return str(gettext("%(what)s to decide on", what=changes if clashes else records))
    return str(gettext("Nothing to decide on"))


def _clashes(actor: Actor, reader: Reader, conflicts: Sequence[FieldConflict]) -> list[Clash]:
    homes = households.by_ids(actor, {each.household_id for each in conflicts})
    rows = {row.op_id: row for row in looks.by_ids({each.op_id for each in conflicts})}
    people = users.names({row.author_id for row in rows.values()})
    return [
        Clash(
            each,
            homes[each.household_id],
            reader.unit_name(homes[each.household_id].unit_id),
            kept=reader.fact(each.field, _present(homes[each.household_id], each.field)),
            offered=reader.fact(each.field, json.loads(each.offered) if each.offered is not None else None),
            is_wiped=each.field in PERSONAL and not homes[each.household_id].has_consented,
            sender=people.get(rows[each.op_id].author_id, ""),
            row=rows[each.op_id],
        )
        for each in conflicts
    ]


def _present(home: Household, name: str) -> object:
    return home.consent_answer if name == "consent" else getattr(home, name)


def _senders(entries: Sequence[Entry], counts: Counter[str]) -> list[Sender]:
    """Group by sender; whoever's oldest record has waited longest comes first."""
    people, of_teams = users.names(counts), teams.names_by_member(counts)
    senders: dict[str, Sender] = {}
    for entry in entries:
        key = entry.row.author_id
        if key not in senders:
            senders[key] = Sender(key, people.get(key, ""), ", ".join(of_teams.get(key, ())), counts[key])
        senders[key].entries.append(entry)
    return list(senders.values())
