// Register a home: where it is, then consent read aloud, then, only with a yes, names.

import { newId } from "../store/device.js";
import { teamsOf } from "../store/homes.js";
import { likest } from "../rules/likeness.js";
import { normalise } from "../rules/naming.js";
import { written } from "../rules/dates.js";
import { CONSENTS } from "../rules/vocabulary.js";
import { html, useMemo } from "../ui/html.js";
import { language, t } from "../ui/i18n.js";
import { Choice, Field, Head, Icon, Notice, Thumb } from "../ui/parts.js";
import { problem, word } from "../ui/words.js";
import { go, Refusal, save, useDraft, useErrors } from "../screens/forms.js";

/** The form, empty, or filled with an operation that needs fixing (`mending`). */
export function Register({ person, homes, mending = null }) {
  const form = mending ? `mend ${mending.op_id}` : "register";
  const places = teamsOf(person).flatMap((team) => (team.hamlets ?? []).map((hamlet) => ({ hamlet, team })));
  const [values, change, close] = useDraft(person, form, () => startingFrom(mending, places));
  const [errors, show, edit] = useErrors(change);
  const place = places.find(({ hamlet }) => hamlet.id === values.unit_id);
  const text = consentText(place?.team ?? teamsOf(person)[0]);
  const answer = values.consent?.answer;

  const { code, head_name, phone, address, unit_id } = values;
  const alike = useMemo(
    () => likest(answer === "yes" ? values : { id: values.id, code, unit_id }, homes),
    [code, head_name, phone, address, unit_id, answer, homes],
  );
  const use = (home) => {
    close();
    change({ code: null, head_name: null, phone: null, address: null, consent: undefined, id: newId() });
    go(`#/visit/${home.id}`);
  };
  const answered = (given) => edit({ consent: answeredNow(given, text) });
  const submit = async (visitNext) => {
    const found = [
      ...(place ? [] : [{ field: "unit_id", code: "household.no_hamlet" }]),
      ...(answer ? [] : [{ field: "consent", code: "household.no_consent_answer" }]),
    ];
    show(found);
    if (found.length) return;
    close();
    const saved = await save(
      person,
      { type: "household.register", data: asRegistered(values, place), form, replaces: mending?.op_id ?? null },
      { undone: () => go("#/") },
    );
    if (saved) go(visitNext ? `#/visit/${values.id}` : `#/home/${values.id}`);
  };
  const errorAt = (field) => errors.filter((each) => each.field === field).map(({ code }) => problem(code))[0] ?? null;

  return html`<${Head} title=${mending ? t("Mend a registration") : t("Register a home")} back="#/" />
    <main class="page has-thumb form">
      <${Refusal} op=${mending} />
      ${places.length === 0
        ? html`<${Notice} tone="attention" icon="wifi-off">
            ${t("No hamlet of the team is known on this phone yet: press Send now once, then register.")}</>`
        : places.length === 1 && place ? html`<p class="place"><${Icon} name="map-pin" />${place.hamlet.name}</p>`
        : html`<${Choice} legend=${t("Hamlet")} name="hamlet" value=${values.unit_id} look="columns-1"
            error=${errorAt("unit_id")} options=${places.map(({ hamlet }) => [hamlet.id, hamlet.name])} onChoose=${(unit_id) => edit({ unit_id })} />`}
      <${Consent} text=${text} answer=${answer} error=${errorAt("consent")} onAnswer=${answered} />
      ${answer === "yes" && html`<${Personal} values=${values} change=${edit} />`}
      ${(answer === "no" || answer === "later") && html`<${Notice} icon="shield-check">
        ${t("No name, address or phone number will be kept. Visits are counted without names.")}</>`}
      ${answer && html`<${Field} id="code" label=${t("Home code")} hint=${t("As in the team's list; may be left empty")}
        value=${values.code} maxlength="32" onType=${(typed) => edit({ code: typed })} />`}
      ${alike.length > 0 && html`<${Alike} values=${values} alike=${alike} onUse=${use} />`}
    </main>
    <${Thumb}>
      <button class="button" type="button" onClick=${() => submit(false)}>${t("Save only")}</button>
      <button class="button primary" type="button" onClick=${() => submit(true)}>
        <${Icon} name="check" />${t("Save and record a visit")}</button>
    </>`;
}

// What is typed beside what is known: the same home is not registered twice.
function Alike({ values, alike, onUse }) {
  const fields = ["head_name", "address", "phone", "code"];
  return html`<section class="alike" role="status">
    <h2><${Icon} name="circle-alert" />${t("Is it one of these, known already?")}</h2>
    ${alike.map(([home, same]) => html`<div class="card alike-home" key=${home.id}>
      <table>
        <thead><tr><td></td><th scope="col">${t("Typed now")}</th><th scope="col">${t("Known already")}</th></tr></thead>
        <tbody>${fields.filter((field) => values[field] || home[field]).map((field) => html`<tr key=${field}
            class=${same.includes(field) ? "same" : ""}>
          <th scope="row">${word("field", field)}</th><td>${values[field] || "–"}</td>
          <td>${home[field] || "–"}${same.includes(field) && html` <span class="tag attention">${t("same")}</span>`}</td></tr>`)}
        <tr><th scope="row">${t("Last visit")}</th><td>–</td>
          <td>${home.last_visit ? `${word("outcome", home.last_visit.outcome)}, ${written(home.last_visit.visited_on)}` : "–"}</td></tr></tbody>
      </table>
      <button class="button wide" type="button" onClick=${() => onUse(home)}><${Icon} name="check" />${t("It is this one: record a visit there")}</button>
    </div>`)}
    <p class="quiet small">${t("Another home? Go on and save.")}</p>
  </section>`;
}

/** The text to be read aloud, and what the household answered to it. */
export function Consent({ text, answer, error, onAnswer }) {
  return html`<section class="consent">
    <h2>${t("Read aloud to the household")}</h2>
    ${text ? html`<blockquote class="aloud" lang=${text.lang}>${text.text}</blockquote>`
      : html`<p class="quiet">${t("The consent text is not on this phone yet: press Send now once. Until then, choose Later.")}</p>`}
    <${Choice} legend=${t("What did they answer?")} name="consent" look="columns-3" value=${answer} error=${error}
      options=${CONSENTS.filter((code) => text || code !== "yes").map((code) => [code, word("consent", code)])}
      onChoose=${onAnswer} />
  </section>`;
}

/** What is written down of a household only with its consent. */
export function Personal({ values, change }) {
  return html`<section class="personal">
    <${Field} id="head" label=${t("Head of the household")} value=${values.head_name} autocomplete="off" maxlength="120"
      autocapitalize="words" onType=${(head_name) => change({ head_name })} />
    <${Field} id="address" label=${t("Address")} value=${values.address} autocomplete="off" maxlength="200"
      onType=${(address) => change({ address })} />
    <${Field} id="phone" label=${t("Phone number")} value=${values.phone} type="tel" inputmode="tel" autocomplete="off"
      maxlength="20" onType=${(phone) => change({ phone })} />
  </section>`;
}

/** Put down an answer given just now to a text that was read aloud. */
export const answeredNow = (answer, text) =>
  ({ answer, text_version: text?.version ?? "unknown", at: new Date().toISOString() });

function startingFrom(mending, places) {
  if (mending) return { ...mending.data };
  return { id: newId(), unit_id: places.length === 1 ? places[0].hamlet.id : undefined };
}

/** Give the team's consent text in the language of the screens, or in the one that there is. */
export function consentText(team) {
  const texts = team?.consent_texts ?? [];
  return texts.find(({ lang }) => lang === language()) ?? texts[0] ?? null;
}

function asRegistered(values, { team }) {
  const { id, unit_id, consent } = values;
  const typed = consent.answer === "yes" ? ["code", "head_name", "address", "phone"] : ["code"];
  const given = typed.map((field) => [field, normalise(values[field] ?? "")]).filter(([, value]) => value);
  return { id, team_id: team.id, unit_id, ...Object.fromEntries(given), consent };
}
