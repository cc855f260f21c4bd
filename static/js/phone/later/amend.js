// What a home is called, where it is and whether it consents, when that has changed.

import { consented, teamsOf } from "../store/homes.js";
import { normalise } from "../rules/naming.js";
import { dateOf, today, written } from "../rules/dates.js";
import { answeredNow, Consent, consentText, Personal } from "./register.js";
import { go, Refusal, save, useDraft, useErrors } from "../screens/forms.js";
import { homeName } from "../screens/names.js";
import { html, useState } from "../ui/html.js";
import { t } from "../ui/i18n.js";
import { Choice, Field, Head, Icon, Notice, say, Thumb } from "../ui/parts.js";
import { word } from "../ui/words.js";

const PERSONAL = ["head_name", "address", "phone"];

/** The form, filled with the home as it is known, or with an amendment that needs fixing (`mending`). */
export function Amend({ person, home, mending = null }) {
  const form = mending ? `mend ${mending.op_id}` : `amend ${home.id}`;
  const [values, change, close] = useDraft(person, form, () => startingFrom(home, mending));
  const [asking, setAsking] = useState(values.consent.at !== home.consent?.at || !consented(home));
  const [errors, show, edit] = useErrors(change);
  const teams = teamsOf(person);
  const hamlets = [...new Map(teams.flatMap((team) => (team.hamlets ?? []).map((hamlet) => [hamlet.id, hamlet]))).values()];
  const text = consentText(teams.find(({ id }) => id === home.team_id) ?? teams[0]);
  const { answer } = values.consent;
  const moved = values.unit_id !== home.unit_id;

  const submit = async () => {
    const changes = changesOf(values, home);
    if (!Object.keys(changes).length) {
      close();
      say(t("Nothing was changed"));
      go(`#/home/${home.id}`);
      return;
    }
    const early = changes.unit_id && values.moved_on > today();
    show(early ? [{ field: "moved_on" }] : []);
    if (early) return;
    close();
    const base = Object.fromEntries(Object.keys(changes).map((field) => [field, home.revisions?.[field] ?? 0]));
    const data = { id: home.id, changes, base, ...(changes.unit_id && { moved_on: values.moved_on }) };
    const replaces = mending?.op_id ?? null;
    if (await save(person, { type: "household.amend", data, form, replaces })) go(`#/home/${home.id}`);
  };

  return html`<${Head} title=${t("Change the home's details")} lead=${homeName(home)} back=${`#/home/${home.id}`} />
    <main class="page has-thumb form">
      <${Refusal} op=${mending} />
      ${answer === "yes" && html`<${Personal} values=${values} change=${edit} />`}
      <${Field} id="code" label=${t("Home code")} hint=${t("As in the team's list; may be left empty")}
        value=${values.code} maxlength="32" onType=${(code) => edit({ code })} />
      ${hamlets.length > 1 && html`<div class="group">
        <${Choice} legend=${t("Hamlet")} name="hamlet" value=${values.unit_id} look="columns-1"
          options=${hamlets.map(({ id, name }) => [id, name])} onChoose=${(unit_id) => edit({ unit_id }, ["moved_on"])} />
        ${moved && html`<${Field} id="moved-on" type="date" label=${t("Lives there since")} value=${values.moved_on} max=${today()}
          error=${errors.length ? t("This day lies in the future: choose the right one") : null}
          onType=${(moved_on) => moved_on && edit({ moved_on })} />`}
      </div>`}
      ${asking ? html`<${Consent} text=${text} answer=${answer}
          onAnswer=${(given) => edit({ consent: answeredNow(given, text) })} />
          ${consented(home) && answer !== "yes" && html`<${Notice} tone="attention" icon="shield-check">
            ${t("Name, address, phone number and what each person is called are removed, here and on the server. The counts stay.")}</>`}
          ${answer !== "yes" && !consented(home) && html`<${Notice} icon="shield-check">
            ${t("No name, address or phone number will be kept. Visits are counted without names.")}</>`}`
        : html`<section class="block">
          <h2>${t("Consent")}</h2>
          <p class="this-line"><${Icon} name="shield-check" />
            <span>${word("consent", answer)} · ${since(home)}</span></p>
          <button class="button wide" type="button" onClick=${() => setAsking(true)}>
            ${t("The household answers differently now")}</button>
        </section>`}
    </main>
    <${Thumb}><button class="button primary" type="button" onClick=${submit}>
      <${Icon} name="check" />${t("Save the changes")}</button></>`;
}

function since({ consent: { at } }) {
  return t("answered on {date}", { date: written(dateOf(new Date(at))) });
}

function startingFrom(home, mending) {
  const { head_name, address, phone, code, unit_id } = home;
  const known = { head_name, address, phone, code, unit_id, consent: home.consent ?? {}, moved_on: today() };
  if (!mending) return known;
  return { ...known, ...mending.data.changes, moved_on: mending.data.moved_on ?? today() };
}

// Give only what differs from the home as it is known; an empty field means that there is nothing any more.
function changesOf(values, home) {
  const typed = values.consent.answer === "yes" ? [...PERSONAL, "code"] : ["code"];
  const changes = {};
  for (const field of typed) {
    const value = normalise(values[field] ?? "") || null;
    if (value !== (home[field] ?? null)) changes[field] = value;
  }
  if (values.unit_id !== home.unit_id) changes.unit_id = values.unit_id;
  if (values.consent.answer !== home.consent?.answer) changes.consent = values.consent;
  return changes;
}
