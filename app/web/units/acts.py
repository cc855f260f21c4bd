"""Acts on units from the desk: those to come and done, one entered in advance after a look at what it changes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as Answer

from app.core import errors, i18n
from app.core.clock import today
from app.http import guards
from app.models.units import UnitAct
from app.queries import units
from app.rules import periods
from app.rules.units import Register, UnitLife
from app.rules.units import acts as paper
from app.rules.units.changes import Changes, changes
from app.rules.vocabulary import ActKind, UnitKind
from app.services.units import acts as deeds
from app.web.units import level_words, natural

blueprint = Blueprint("units_acts", __name__)

LEVELS = (UnitKind.COMMUNE, UnitKind.HAMLET)
"""What is changed from the desk; districts are history."""

PARTS = 4
"""How many new units a form has room for; more parts are entered by another act."""

NO_DAY = errors.message("Write the day from which it holds.")

Groups = list[tuple[str, list[UnitLife]]]


@dataclass(frozen=True, slots=True)
class Draft:
    """An act as the form has it, good or not."""

    kind: ActKind
    level: UnitKind
    values: MultiDict[str, str]

    def text(self, name: str) -> str:
        """Return what stands in a field."""
        return self.values.get(name, "").strip()

    @property
    def on(self) -> date:
        """Return the day. Raises Refused, Invalid."""
        try:
            day = date.fromisoformat(self.text("on"))
        except ValueError:
            raise paper.Refused(fields={"on": [NO_DAY]}) from None
        return periods.check_day(day, "on")

    @property
    def day(self) -> date | None:
        """Return the day, None where it cannot be read."""
        try:
            return self.on
        except errors.Invalid:
            return None

    @property
    def eve(self) -> date:
        """Return the day before, on which the units to choose from exist; today where no day can be read."""
        return self.day - timedelta(days=1) if self.day else today()

    @property
    def chosen(self) -> tuple[str, ...]:
        """Return the ids of the units acted upon."""
        return tuple(each for each in self.values.getlist("units") if each)

    @property
    def parts(self) -> list[tuple[str, str]]:
        """Return code and name of each unit to be founded, as typed, without empty lines."""
        pairs = zip(self.values.getlist("code"), self.values.getlist("name"), strict=False)
        return [(code.strip(), name.strip()) for code, name in pairs if code.strip() or name.strip()]

    def children(self, register: Register) -> list[UnitLife]:
        """Return what lies under the one unit that a split, or an end without heir, asks a place for."""
        is_asked = self.kind is ActKind.SPLIT or (self.kind is ActKind.ABOLISH and not self.text("to"))
        if not is_asked or len(self.chosen) != 1 or self.chosen[0] not in register.units:
            return []
        found = register.children(self.chosen[0], self.eve)
        return sorted(found, key=lambda each: natural(each.name(self.eve)))

    def plan(self, register: Register) -> paper.Plan:
        """Return it as a plan. Raises Refused, Invalid."""
        on, to = self.on, self.text("to") or None
        founds = self.kind in {ActKind.SPLIT, ActKind.FOUND} or (self.kind is ActKind.MERGE and not to)
        parts = (self.parts or [("", "")] if self.kind is not ActKind.SPLIT else self.parts) if founds else []
        above = to if self.kind is ActKind.FOUND else None
        if self.kind is ActKind.SPLIT:
            to = self.chosen[0] if self.text("stays") and self.chosen else None
        return paper.Plan(
            kind=self.kind,
            on=on,
            units=self.chosen,
            new=tuple(paper.NewUnit(code, name, above) for code, name in parts),
            level=self.level,
            name=self.text("name"),
            to=None if self.kind is ActKind.FOUND else to,
            places={
                child.id: self._place(self.text(f"place-{child.id}"), on)
                for child in self.children(register)
                if self.text(f"place-{child.id}")
            },
        )

    def _place(self, asked: str, on: date) -> str:
        return paper.unit_id(asked.removeprefix("new:"), on) if asked.startswith("new:") else asked


@blueprint.get("/units/acts")
@guards.requires("units.enact")
def index() -> str:
    """List the acts to come, then those done or undone."""
    found = [act for act in units.entered() if act.kind is not ActKind.LOAD]
    register = units.register()
    return render_template(
        "pages/units/acts.html",
        coming=[(act, _of(act, register)) for act in reversed(found) if _is_coming(act)],
        past=[(act, _of(act, register)) for act in found if not _is_coming(act)],
        kinds=kind_words(),
    )


@blueprint.get("/units/acts/new/<kind>")
@guards.requires("units.enact")
def new(kind: str) -> str:
    """Show the empty form of an act."""
    return _form(_draft(kind, MultiDict({"on": _next_month().isoformat()})))


@blueprint.post("/units/acts/new/<kind>")
@guards.requires("units.enact")
def enter(kind: str) -> Answer:
    """Show what the act would change; once that was seen, enter it. What cannot be taken is said at its field."""
    draft = _draft(kind, request.form)
    step = request.form.get("step")
    register = units.register()
    if step == "change":
        return Response(_form(draft))
    try:
        drawn, plan = _drawn(draft, register)
        if step == "enter":
            deeds.enact(
                guards.actor(), plan, decision=draft.text("decision"), is_late=bool(draft.text("late"))
            )
            flash(_entered(plan.on), "good")
            return redirect(url_for("web.units_acts.index"), 303)
    except errors.Invalid as refused:
        return Response(_form(draft, refused.fields), refused.status)
    return Response(
        render_template(
            "pages/units/act_preview.html",
            draft=draft,
            on=plan.on,
            kinds=kind_words(),
            changes=changes(drawn.register, plan.on, drawn.before, drawn.after, drawn.facts),
            kept=[pair for pair in draft.values.items(multi=True) if pair[0] not in {"csrf_token", "step"}],
        )
    )


@blueprint.post("/units/acts/<int:act_id>/undo")
@guards.requires("units.undo")
def undo(act_id: int) -> Answer:
    """Undo an act before its day."""
    try:
        deeds.undo(guards.actor(), act_id)
    except errors.Conflict as refused:
        flash(i18n.translate(refused.message), "bad")
    else:
        flash(gettext("Undone. The register is as if the act had never been entered."), "good")
    return redirect(url_for("web.units_acts.index"), 303)


def kind_words() -> dict[ActKind, tuple[str, str]]:
    """Return for each kind what a page calls it, and what it does in a sentence."""
    return {
        ActKind.MERGE: (gettext("Merge"), gettext("Several units become one; their hamlets go along.")),
        ActKind.SPLIT: (
            gettext("Split"),
            gettext("One unit becomes several; you say where each hamlet goes."),
        ),
        ActKind.RENAME: (gettext("Rename"), gettext("A unit bears another name; all else stays.")),
        ActKind.MOVE: (gettext("Move"), gettext("Units pass under another commune or province.")),
        ActKind.ABOLISH: (gettext("Abolish"), gettext("A unit ends; what lay in it passes to others.")),
        ActKind.FOUND: (gettext("Found"), gettext("A new unit begins, at first with nothing in it.")),
    }


def _drawn(draft: Draft, register: Register) -> tuple[paper.Drawn, paper.Plan]:
    """Draw the act, with everything that is wrong told at once."""
    problems: dict[str, list[str]] = {}
    found: tuple[paper.Drawn, paper.Plan] | None = None
    try:
        paper.read_decision(draft.text("decision"))
    except errors.Invalid as refused:
        problems |= refused.fields
    try:
        plan = draft.plan(register)
        if plan.on <= today() and not draft.text("late"):
            problems["on"] = [deeds.DayPassed.message]
        found = paper.draw(register, plan), plan
    except errors.Invalid as refused:
        problems |= refused.fields
    if problems or found is None:
        raise paper.Refused(fields=problems)
    return found


def _draft(kind: str, values: MultiDict[str, str]) -> Draft:
    words = {each.value: each for each in ActKind if each is not ActKind.LOAD}
    if kind not in words:
        raise errors.NotFound
    level = request.values.get("level", UnitKind.COMMUNE, type=UnitKind)
    return Draft(words[kind], level if level in LEVELS else UnitKind.COMMUNE, values)


def _form(draft: Draft, problems: Mapping[str, Sequence[str]] | None = None) -> str:
    register = units.register()
    told = {name: [i18n.translate(text) for text in texts] for name, texts in (problems or {}).items()}
    above = UnitKind.COMMUNE if draft.level is UnitKind.HAMLET else UnitKind.PROVINCE
    is_under = draft.kind in {ActKind.MOVE, ActKind.FOUND}
    children = draft.children(register)
    places = _groups(register, UnitKind.COMMUNE, draft.eve) if children else []
    return render_template(
        "pages/units/act.html",
        draft=draft,
        errors=told,
        kinds=kind_words(),
        levels=[(each, level_words()[each]) for each in LEVELS],
        groups=_groups(register, draft.level, draft.eve),
        targets=_groups(register, above if is_under else draft.level, draft.eve),
        children=children,
        places=places,
        eve=draft.eve,
        parts=[*draft.parts, *[("", "")] * PARTS][:PARTS] if draft.kind is ActKind.SPLIT else [],
        is_past=draft.day is not None and draft.day <= today(),
    )


def _groups(register: Register, level: UnitKind, on: date) -> Groups:
    """Return the units of a level on a day, by name under what they lie under."""
    found: dict[str, list[UnitLife]] = defaultdict(list)
    for unit in register.valid(level, on):
        span = unit.span(on)
        parent = register.units.get(span.parent_id or "") if span else None
        found[parent.name(on) if parent else ""].append(unit)
    in_order = sorted(found.items(), key=lambda pair: natural(pair[0]))
    return [(name, sorted(each, key=lambda unit: natural(unit.name(on)))) for name, each in in_order]


def _of(act: UnitAct, register: Register) -> Changes:
    before, after = (
        {each: paper.read(each, told) for each, told in lives.items()} for lives in (act.before, act.after)
    )
    return changes(register, act.on, before, after, [units.read_fact(each) for each in act.facts])


def _is_coming(act: UnitAct) -> bool:
    return act.undone_at is None and act.on > today()


def _next_month() -> date:
    return (today().replace(day=1) + timedelta(days=32)).replace(day=1)


def _entered(on: date) -> str:
    told: str = gettext("Entered. It can be undone until its day.")
    return told if on > today() else str(gettext("Entered. It holds already and cannot be undone."))
