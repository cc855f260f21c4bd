"""The homes of a commune: the list, one home with its history, and returning a doubtful visit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as Redirect

from app.core import errors, i18n
from app.core.clock import today
from app.http import guards
from app.models.visits import Observation, Visit
from app.queries import coverage, households, scope, teams, units, users, visits
from app.queries.coverage import Standing
from app.queries.visits import Seen
from app.rules import skills
from app.rules.permissions import Actor
from app.rules.vocabulary import Outcome, VisitStatus
from app.services import reviews
from app.web.units import natural

blueprint = Blueprint("households", __name__)

PER_PAGE = 50


@blueprint.get("/households")
@guards.requires("households.list")
def index() -> str:
    """Show the homes that fit the search, by given name, fifty at a time from the one after `after`."""
    actor = guards.actor()
    hamlets = _hamlets(actor)
    asked = {name: request.args.get(name, "").strip() for name in ("q", "hamlet", "state")}
    if asked["hamlet"] and asked["hamlet"] not in hamlets:
        raise errors.NotFound
    homes = households.in_scope(actor, asked["hamlet"] or None, asked["q"])
    standings = coverage.standings([asked["hamlet"]] if asked["hamlet"] else hamlets, today())
    if asked["state"]:
        homes = [
            each.household
            for each in households.listed(homes)
            if asked["state"] in states(standings.get(each.household.id), each.last_visit)
        ]
    places = {home.id: place for place, home in enumerate(homes)}
    first = places.get(request.args.get("after", ""), -1) + 1
    page = homes[first : first + PER_PAGE]
    given: dict[str, Any] = {name: value for name, value in asked.items() if value}
    is_more = first + PER_PAGE < len(homes)
    return render_template(
        "pages/households/index.html",
        scope_name=_scope_name(actor),
        asked=asked,
        is_filtered=bool(given),
        found=len(homes),
        hamlets=hamlets,
        hamlet_options=[("", gettext("all")), *sorted(hamlets.items(), key=lambda each: natural(each[1]))],
        state_options=[("", gettext("all")), *state_words().items()],
        state_words=state_words(),
        rows=[
            (each, states(standings.get(each.household.id), each.last_visit))
            for each in households.listed(page)
        ],
        kept=_kept(),
        first=first + 1,
        last=first + len(page),
        start_address=url_for("web.households.index", **given) if first else None,
        next_address=url_for("web.households.index", **given, after=page[-1].id) if is_more else None,
    )


def states(standing: Standing | None, last: Visit | None) -> list[str]:
    """Say how a home stands, in keys of `state_words`: as coverage counts it, and whether a visit was returned.

    `last` is the visit that people see as the last; a returned one counts nowhere, so the home is also what it
    would be without it.
    """
    is_returned = last is not None and last.status is VisitStatus.RETURNED
    found = _counted_as(standing, last)
    if is_returned:
        return [*(each for each in found if each in _COUNTED), "returned"]
    return found


_COUNTED = frozenset({"moved", "unvisited", "due"})
"""States that do not need the last visit's outcome."""


def _counted_as(standing: Standing | None, last: Visit | None) -> list[str]:
    if standing is None:
        return []
    if standing.has_moved:
        return ["moved"]
    if standing.last_visit_on is None:
        return ["unvisited"]
    if standing.is_stale:
        return ["due"]
    outcome = last.outcome if last else None
    return [outcome.value] if outcome in {Outcome.ABSENT, Outcome.REFUSED} else ["current"]


def state_words() -> dict[str, str]:
    """Return what a page calls the states of homes."""
    return {
        "unvisited": gettext("Not visited yet"),
        "returned": gettext("Visit returned"),
        "due": gettext("Due for another visit"),
        "absent": gettext("Nobody at home"),
        "refused": gettext("Refused"),
        "moved": gettext("Moved away"),
        "current": gettext("Not due yet"),
    }


@blueprint.get("/households/<uuid:household_id>")
@guards.requires("households.show")
def show(household_id: UUID) -> str:
    """Show one home: its members as last seen, its consent, and every visit with what it changed."""
    return _page(str(household_id))


@blueprint.post("/visits/<uuid:visit_id>/return")
@guards.requires("reviews.give_back")
def give_back(visit_id: UUID) -> Redirect:
    """Return a doubtful visit to its team and show the home again."""
    visit = reviews.give_back(guards.actor(), str(visit_id), request.form.get("reason", ""))
    flash(gettext("Returned. The team sees the reason on the phone at the next sync."), "good")
    return redirect(url_for("web.households.show", household_id=visit.household_id, **_kept()), 303)


@blueprint.errorhandler(reviews.ReasonMissing)
@blueprint.errorhandler(reviews.NotStanding)
def explain(error: errors.AppError) -> Response:
    """Show the home again with what was typed and what is wrong with it."""
    visit = visits.in_scope_or_404(guards.actor(), str((request.view_args or {}).get("visit_id")))
    is_of_form = isinstance(error, reviews.ReasonMissing)
    return Response(
        _page(visit.household_id, visit.id if is_of_form else "", i18n.translate(error.message)), error.status
    )


@dataclass(frozen=True, slots=True)
class Change:
    """Something a visit saw that the visit before had not: of the home, or of the member named."""

    what: str
    old: Any
    new: Any
    member: str | None = None


@dataclass(slots=True)
class Entry:
    """A visit in the history of a home. `changes` is None where there is no earlier visit to compare with."""

    seen: Seen
    author: str
    team: str
    is_replaced: bool
    changes: list[Change] | None = None
    problems: list[str] = field(default_factory=list)
    reason: str = ""


def _page(household_id: str, visit_id: str = "", problem: str = "") -> str:
    """Show a home; a problem stands beside the form of the visit it belongs to, or else above everything."""
    actor = guards.actor()
    home = households.in_scope_or_404(actor, household_id)
    history = visits.history(home.id)
    entries = _entries(history)
    for entry in entries:
        if entry.seen.visit.id == visit_id:
            entry.problems, entry.reason = [problem], request.form.get("reason", "")
    last = _interviewed(history)
    return render_template(
        "pages/households/show.html",
        home=home,
        hamlet_name=_hamlets(actor).get(home.unit_id, ""),
        team_name=teams.names([home.team_id]).get(home.team_id, ""),
        last=last,
        born=born,
        members=[(_called(last, each), each, _activities(each)) for each in last.members] if last else [],
        entries=entries,
        problem="" if visit_id else problem,
        kept=_kept(),
    )


def _entries(history: Sequence[Seen]) -> list[Entry]:
    people = users.names({each.visit.author_id for each in history})
    names = teams.names({each.visit.team_id for each in history})
    replaced = {each.visit.corrects_id for each in history if each.visit.is_standing}
    entries = []
    for place, seen in enumerate(history):
        visit = seen.visit
        entry = Entry(
            seen, people.get(visit.author_id, ""), names.get(visit.team_id, ""), visit.id in replaced
        )
        before = _before(history, place)
        if visit.outcome is Outcome.INTERVIEWED and before is not None:
            entry.changes = list(changes(before, seen))
        entries.append(entry)
    return entries


def _before(history: Sequence[Seen], place: int) -> Seen | None:
    """Return what a visit is compared with: the one it corrects, else the counting interview before it."""
    corrected = history[place].visit.corrects_id
    if corrected is not None:
        return next((each for each in history if each.visit.id == corrected), None)
    return _interviewed(history[place + 1 :])


def _interviewed(history: Sequence[Seen]) -> Seen | None:
    """Return the latest counting interview of a history."""
    met = (each for each in history if each.visit.is_counting and each.visit.outcome is Outcome.INTERVIEWED)
    return next(met, None)


def changes(before: Seen, after: Seen) -> Iterator[Change]:
    """Yield what `after` saw otherwise than `before`: first of the home, then member by member."""
    if before.visit.outcome is not after.visit.outcome:
        yield Change("outcome", before.visit.outcome, after.visit.outcome)
    for what in ("fibre", "other_smart_device"):
        old, new = getattr(before.visit, what), getattr(after.visit, what)
        if old != new:
            yield Change(what, old, new)
    known = {each.member_id: each for each in before.members}
    for member in after.members:
        name = _called(after, member)
        earlier = known.pop(member.member_id, None)
        if earlier is None:
            yield Change("joined", None, name)
            continue
        for what in ("phone", "account", "sex"):
            old, new = getattr(earlier, what), getattr(member, what)
            if old is not new:
                yield Change(what, old, new, name)
        if born(earlier) != born(member):
            yield Change("born", born(earlier), born(member), name)
        if earlier.skills != member.skills:
            yield Change("skills", _activities(earlier), _activities(member), name)
    for gone in known.values():
        yield Change("left", None, _called(before, gone))


def born(member: Observation) -> str | None:
    """Return a birth year, or a band as "1980–1984"; None where neither is known."""
    if member.birth_year is None:
        return None
    until = member.birth_year_to
    return f"{member.birth_year}–{until}" if until and until != member.birth_year else str(member.birth_year)


def _activities(member: Observation) -> list[str] | None:
    return None if member.skills is None else [each.value for each in skills.decode(member.skills)]


def _called(seen: Seen, member: Observation) -> str:
    """Return the member's label, or a number where there is no consent to a label."""
    label = seen.labels.get(member.member_id)
    return label or str(gettext("Member %(number)s", number=member.position + 1))


def _kept() -> dict[str, Any]:
    """Return what was asked of the list, so that one home leads back to the very place in it."""
    return {name: request.args[name] for name in ("q", "hamlet", "state", "after") if request.args.get(name)}


def _hamlets(actor: Actor) -> dict[str, str]:
    """Return the names of the hamlets whose homes the actor may see, by id."""
    register = units.register()
    return {each: register.units[each].name(today()) for each in scope.home_hamlets(actor)}


def _scope_name(actor: Actor) -> str:
    return units.register().units[actor.unit_id].name(today()) if actor.unit_id else ""
