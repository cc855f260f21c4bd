// Record a visit: how it went first; after an interview only what has changed since the last one.

import { newId } from "../store/device.js";
import { consented } from "../store/homes.js";
import { daysBetween, plusDays, today, written } from "../rules/dates.js";
import { asRecorded, blankMember, NOTE_AT_MOST, observationsFrom, problems } from "../rules/observations.js";
import { FIBRES, OUTCOMES, TOPICS } from "../rules/vocabulary.js";
import { html, useState } from "../ui/html.js";
import { t } from "../ui/i18n.js";
import { Choice, Chips, Field, Head, Icon, Thumb } from "../ui/parts.js";
import { problem, word } from "../ui/words.js";
import { go, Refusal, save, useDraft, useErrors } from "../screens/forms.js";
import { Member } from "./member.js";
import { dayWords, homeName, OUTCOME_ICONS } from "../screens/names.js";

/**
 * The form: a new visit, with its `outcome` where that is known already, a correction of an earlier one
 * (`correcting`, a visit), or an operation that needs fixing (`mending`).
 */
export function Visit({ person, home, outcome = undefined, correcting = null, mending = null }) {
  const form = mending ? `mend ${mending.op_id}` : `visit ${home.id}${correcting ? ` ${correcting.id}` : ""}`;
  const [values, change, close] = useDraft(person, form, () => startingFrom(home, outcome, correcting, mending));
  const [errors, show, edit] = useErrors(change);
  const [picking, setPicking] = useState(false); // another day for the next visit
  const before = correcting || mending ? null : home.last_interview;
  const met = values.outcome === "interviewed";
  const away = values.outcome === "moved";

  const keep = async (visit) => {
    const note = visit.note?.normalize("NFC").trim() || null;
    const next_visit_on = visit.outcome === "moved" ? null : visit.next_visit_on;
    const data = asRecorded({ ...visit, note, next_visit_on }, { consented: consented(home) });
    const found = listed(problems(data, today()));
    if (picking && !away && !next_visit_on) found.push({ field: "next_visit_on", code: "visit.no_next_day" });
    show(found);
    if (found.length) return;
    close();
    const replaces = mending?.op_id ?? null;
    if (await save(person, { type: "visit.record", data, form, replaces })) go(`#/home/${home.id}`);
  };
  const errorAt = (field) => errors.filter((each) => each.field === field).map(({ code }) => problem(code))[0] ?? null;
  const same = before && t("Keeps what was seen on {date} (people: {people}). Can be undone.", {
    date: written(before.visited_on), people: before.members.length,
  });
  const title = correcting ? t("Correct a visit") : mending ? t("Mend a visit") : t("Record a visit");

  return html`<${Head} title=${title} lead=${homeName(home)} back=${`#/home/${home.id}`} />
    <main class="page has-thumb form">
      <${Refusal} op=${mending} />
      <${Choice} legend=${t("How did the visit go?")} name="outcome" look="tiles" value=${values.outcome}
        options=${OUTCOMES.map((code) => [code, word("outcome", code), OUTCOME_ICONS[code]])}
        onChoose=${(chosen) => edit({ outcome: chosen })} />
      ${met && before && html`<p class="prefilled"><${Icon} name="history" />
        ${t("Filled in from {date}. Change only what is different.", { date: written(before.visited_on) })}</p>`}
      ${met && html`<${Members} values=${values} change=${edit} errors=${errors} named=${consented(home)} />
        <section class="block">
          <h2>${t("In this home")}</h2>
          <${Choice} legend=${t("Fibre internet")} name="fibre" value=${values.fibre}
            options=${FIBRES.map((code) => [code, word("fibre", code)])} onChoose=${(fibre) => edit({ fibre })} />
          <${Choice} legend=${t("Another smart device (tablet, computer, smart TV)")} name="device" look="columns-3"
            value=${values.other_smart_device} options=${[true, false, null].map((code) => [code, word("device", code)])}
            onChoose=${(other_smart_device) => edit({ other_smart_device })} />
        </section>
        <${Topics} topics=${values.topics} onChange=${(topics) => edit({ topics })} />`}
      ${values.outcome && html`<section class="block">
        ${!away && html`<${NextVisit} on=${values.next_visit_on} from=${values.visited_on} picking=${picking}
          error=${errorAt("next_visit_on")} onPick=${setPicking} onChange=${(next_visit_on) => edit({ next_visit_on })} />`}
        <div class="field">
          <label for="note">${t("Note")}</label>
          <textarea class="input" id="note" rows="2" maxlength=${NOTE_AT_MOST} value=${values.note ?? ""}
            aria-describedby="note-hint" onInput=${(event) => edit({ note: event.target.value })}></textarea>
          <p class="hint" id="note-hint">${t("For the next visit; may be left empty")}</p>
        </div>
        <${VisitedOn} on=${values.visited_on} error=${errorAt("visited_on")}
          onChange=${(visited_on) => edit({ visited_on })} />
      </section>`}
    </main>
    ${values.outcome ? html`<${Thumb}>
        <button class="button primary" type="button" onClick=${() => keep(values)}>
          <${Icon} name="check" />${t("Save the visit")}</button></>`
      : before && html`<${Thumb} note=${same}>
        <button class="button next" type="button" onClick=${() => keep({ ...values, outcome: "interviewed" })}>
          <${Icon} name="check" />${t("Interviewed, same as last time")}</button></>`}`;
}

const listed = (found) => Object.entries(found).flatMap(([field, codes]) => codes.map((code) => ({ field, code })));

function startingFrom(home, outcome, correcting, mending) {
  const blank = {
    id: newId(), household_id: home.id, team_id: home.team_id, visited_on: today(), outcome,
    topics: [], note: null, next_visit_on: null, corrects: null,
  };
  const earlier = correcting ?? mending?.data;
  if (!earlier) return { ...blank, ...observationsFrom(home.last_interview) };
  const { visited_on, topics, note, next_visit_on, corrects, team_id, id } = earlier;
  const interview = earlier.outcome === "interviewed" ? earlier : home.last_interview;
  return {
    ...blank,
    ...observationsFrom(interview),
    visited_on, outcome: earlier.outcome, topics: topics ?? [], note, next_visit_on,
    team_id: team_id ?? home.team_id,
    id: mending && mending.receipt?.code !== "op.reused" ? id : blank.id,
    corrects: correcting ? correcting.id : corrects ?? null,
  };
}

function Members({ values, change, errors, named }) {
  const [open, setOpen] = useState(null);
  const year = Number(values.visited_on.slice(0, 4));
  const add = () => {
    const member = blankMember(newId());
    change({ members: [...values.members, member] });
    setOpen(member.id);
  };
  const put = (changed, index, part) => {
    setOpen(changed.id); // it may be open only for its errors, which go with the change
    const members = values.members.map((member) => (member.id === changed.id ? { ...member, ...part } : member));
    change({ members }, Object.keys(part).map((field) => `members.${index}.${field}`));
  };
  return html`<section class="block">
    <h2>${t("People of this home")} <span class="quiet number">${values.members.length}</span></h2>
    ${values.members.length === 0 && html`<p class="quiet">${t("Nobody is listed yet. Add each person who lives here.")}</p>`}
    <div class="roster">
      ${values.members.map((member, index) => html`<${Member} key=${member.id} member=${member} index=${index} year=${year}
        named=${named} open=${open === member.id} onOpen=${(wanted) => setOpen(wanted ? member.id : null)}
        errors=${errors.filter(({ field }) => field.startsWith(`members.${index}.`))}
        onChange=${(part) => put(member, index, part)} onAnother=${add}
        onRemove=${() => change({ members: values.members.filter(({ id }) => id !== member.id) })} />`)}
    </div>
    <button class="button wide" type="button" onClick=${add}><${Icon} name="user-plus" />${t("Add a person")}</button>
  </section>`;
}

function Topics({ topics, onChange }) {
  const toggle = (topic) => {
    const has = topics.some((each) => each.topic === topic);
    onChange(has ? topics.filter((each) => each.topic !== topic) : [...topics, { topic, people: 1 }]);
  };
  const step = (topic, by) => onChange(topics
    .map((each) => (each.topic === topic ? { ...each, people: Math.min(each.people + by, 99) } : each))
    .filter(({ people }) => people > 0));
  return html`<section class="block">
    <${Chips} legend=${html`<h2>${t("What was taught or done today")}</h2>`} name="topic"
      chosen=${topics.map(({ topic }) => topic)} options=${TOPICS.map((code) => [code, word("topic", code)])} onToggle=${toggle} />
    ${topics.length > 0 && html`<ul class="steppers">
      ${topics.map((each) => html`<${Stepper} key=${each.topic} ...${each} onStep=${(by) => step(each.topic, by)} />`)}
    </ul>`}
  </section>`;
}

function Stepper({ topic, people, onStep }) {
  const name = word("topic", topic);
  const [fewer, more] = [t("One person fewer: {name}", { name }), t("One person more: {name}", { name })];
  const helped = t("People: {people}", { people });
  return html`<li class="stepper">
    <span class="stepper-name">${name}</span>
    <button class="button" type="button" aria-label=${fewer} onClick=${() => onStep(-1)}><${Icon} name="minus" /></button>
    <output class="number">${helped}</output>
    <button class="button" type="button" aria-label=${more} onClick=${() => onStep(1)}><${Icon} name="plus" /></button>
  </li>`;
}

function NextVisit({ on, from, picking, error, onPick, onChange }) {
  const offers = [[null, t("Not planned")], [plusDays(from, 1), t("In a day")], [plusDays(from, 7), t("In a week")],
    [plusDays(from, 30), t("In a month")]];
  const other = picking || !offers.some(([date]) => date === on);
  const choose = (date) => {
    onPick(date === "other");
    if (date !== "other") onChange(date);
  };
  const type = (date) => {
    onPick(true);
    onChange(date || null);
  };
  return html`<div class="group">
    <${Choice} legend=${t("Next visit")} name="next" value=${other ? "other" : on} look="columns-2"
      options=${[...offers, ["other", t("Another day")]]} onChoose=${choose} />
    ${other && html`<${Field} id="next-on" type="date" label=${t("Day of the next visit")} value=${on} min=${from}
      error=${error} onType=${type} />`}
    ${on && html`<p class="quiet small">${t("Planned for {date}", { date: written(on) })}</p>`}
  </div>`;
}

function VisitedOn({ on, error, onChange }) {
  const days = [0, 1].map((ago) => plusDays(today(), -ago));
  const [picking, setPicking] = useState(false);
  const other = picking || daysBetween(on, today()) > 1 || on > today();
  const choose = (date) => {
    setPicking(date === "other");
    if (date !== "other") onChange(date);
  };
  return html`<div class="group">
    <${Choice} legend=${t("Day of the visit")} name="visited" value=${other ? "other" : on} look="columns-3"
      options=${[...days.map((date) => [date, dayWords(date)]), ["other", t("Another day")]]} onChoose=${choose} />
    ${other && html`<${Field} id="visited-on" type="date" label=${t("Day of the visit")} value=${on} max=${today()}
      error=${error} onType=${(date) => date && onChange(date)} />`}
  </div>`;
}
