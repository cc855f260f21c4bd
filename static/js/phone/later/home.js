// One home: who lives there, what they have, what happened on earlier visits.

import * as book from "../store/book.js";
import { stateOf } from "../store/book.js";
import { consented, dueOn, isRefused, opened, returnedOf } from "../store/homes.js";
import { changesBetween } from "../rules/changes.js";
import { written } from "../rules/dates.js";
import { html, useState } from "../ui/html.js";
import { t } from "../ui/i18n.js";
import { Choice, Head, Icon, Notice, State, Thumb } from "../ui/parts.js";
import { word } from "../ui/words.js";
import { save, undo } from "../screens/forms.js";
import { dayWords, homeName, memberName, noVisitWords, OUTCOME_ICONS } from "../screens/names.js";

export function Home({ person, homes, id }) {
  const home = opened(homes.find((each) => each.id === id));
  if (!home) return html`<${Gone} />`;
  const last = home.last_visit;
  const returned = returnedOf(home);
  const begun = book.draft(person.id, `visit ${home.id}`) !== null;
  const due = dueOn(home);
  return html`<${Head} title=${homeName(home)} back="#/" lead=${[home.head_name && home.code, home.hamlet?.name].filter(Boolean).join(" · ")} />
    <main class="page has-thumb">
      ${(home.address || home.phone) && html`<p class="reach">
        ${home.address && html`<span class="reach-place"><${Icon} name="map-pin" />${home.address}</span>`}
        ${home.phone && html`<a class="button plain" href=${`tel:${home.phone}`}><${Icon} name="phone" />${home.phone}</a>`}
      </p>`}
      <p class="amend-link"><a class="button plain" href=${`#/amend/${home.id}`}>
        <${Icon} name="pencil" />${t("Change the home's details")}</a></p>
      ${!consented(home) && html`<p class="quiet small">${t("Without consent: no names are kept for this home.")}</p>`}
      ${returned && html`<${Notice} tone="attention" icon="circle-alert">
        <p><strong>${t("Returned by the commune: visit of {date}", { date: written(returned.visited_on) })}</strong></p>
        ${returned.reason && html`<p>${returned.reason}</p>`}
        ${isOwn(returned, person) && html`<p><a class="button" href=${`#/visit/${home.id}/correct/${returned.id}`}>
          <${Icon} name="pencil" />${t("Correct this visit")}</a></p>`}
      </>`}
      <section class="summary card">
        <h2 class="lead">${t("Last visit")}</h2>
        ${last ? html`<p class="summary-last"><${Icon} name=${OUTCOME_ICONS[last.outcome]} />
            <strong>${word("outcome", last.outcome)}</strong><span>${dayWords(last.visited_on)}</span></p>
            ${last.note && html`<p class="said-note">${last.note}</p>`}`
          : html`<p class="summary-last"><${Icon} name="door-open" /><strong>${noVisitWords(home)}</strong></p>`}
        ${due && html`<p class="summary-due">
          <${Icon} name="calendar" />${t("Next visit:")} <strong>${dayWords(due)}</strong></p>`}
      </section>
      ${home.last_interview && html`<${Inside} visit=${home.last_interview} />`}
      <${History} home=${home} person=${person} />
    </main>
    <${Thumb}>${!begun && html`<a class="button" href=${`#/visit/${home.id}/absent`}>
        <${Icon} name="door-closed" />${word("outcome", "absent")}</a>`}
      <a class="button primary" href=${`#/visit/${home.id}`}><${Icon} name="pencil" />
      ${begun ? t("Go on with the visit") : t("Record a visit")}</a></>`;
}

function Gone() {
  return html`<${Head} title=${t("Home not found")} back="#/" />
    <main class="page"><p class="empty">${t("This home is not on this phone. It may belong to another team now.")}</p></main>`;
}

function Inside({ visit }) {
  const year = Number(visit.visited_on.slice(0, 4));
  const seen = t("seen on {date}", { date: written(visit.visited_on) });
  return html`<section>
    <h2>${t("In this home")} <span class="quiet small">${seen}</span></h2>
    <dl class="facts">
      <div><dt>${t("Fibre internet")}</dt><dd>${word("fibre", visit.fibre)}</dd></div>
      <div><dt>${t("Another smart device")}</dt><dd>${word("device", visit.other_smart_device)}</dd></div>
    </dl>
    <ul class="people">
      ${visit.members.map((member, index) => html`<li class="person" key=${member.id}>
        <span class="person-name">${memberName(member, index, year)}</span>
        <span class="person-facts">
          <span><${Icon} name="smartphone" />${word("phone", member.phone)}</span>
          <span><${Icon} name="landmark" />${t("Account:")} ${word("account", member.account)}</span>
          <span><${Icon} name="chart-column" />${skillWords(member)}</span>
        </span>
      </li>`)}
    </ul>
    ${visit.members.length === 0 && html`<p class="quiet">${t("Nobody is listed yet.")}</p>`}
  </section>`;
}

/** Say how many skills were seen. */
export function skillWords({ skills }) {
  return skills === null ? t("Skills not asked") : t("Skills: {count} of 12", { count: skills.length });
}

const isOwn = (visit, person) => Boolean(visit.op) || visit.author_id === person.id;

function History({ home, person }) {
  const [withdrawing, setWithdrawing] = useState(null);
  if (!home.visits.length) return null;
  return html`<section>
    <h2>${t("Visits on this phone")}</h2>
    <ol class="history">
      ${home.visits.map((visit) => {
        const state = visit.op ? stateOf(visit.op) : null;
        const gone = visit.withdrawn || visit.replaced;
        return html`<li class="entry" key=${visit.id}>
          <p class="entry-line"><${Icon} name=${OUTCOME_ICONS[visit.outcome]} />
            <span class=${gone ? "struck" : ""}>
              <strong>${word("outcome", visit.outcome)}</strong> · ${written(visit.visited_on)}</span>
            ${visit.withdrawn && html`<span class="tag">${t("Withdrawn")}</span>`}
            ${visit.replaced && html`<span class="tag">${t("Corrected")}</span>`}
            ${visit.status && visit.status !== "submitted" && html`<span
              class=${`tag ${visit.status === "approved" ? "good" : "attention"}`}>
              ${word("status", visit.status)}</span>`}
            ${state && !gone && html`<${State} state=${state} label=${word("state", state)} />`}
          </p>
          ${!gone && !(visit.op && isRefused(visit.op)) && html`<p class="entry-deeds">
            ${isOwn(visit, person) && html`<a class="button plain" href=${`#/visit/${home.id}/correct/${visit.id}`}>
              <${Icon} name="pencil" />${t("Correct")}</a>`}
            ${visit.op && book.canUndo(visit.op)
              ? html`<button class="button plain" type="button" onClick=${() => undo(visit.op)}>
                  <${Icon} name="undo-2" />${t("Undo")}</button>`
              : (isOwn(visit, person) || person.role === "leader") && html`<button class="button plain" type="button"
                  aria-expanded=${withdrawing === visit.id ? "true" : "false"}
                  onClick=${() => setWithdrawing(withdrawing === visit.id ? null : visit.id)}>
                  <${Icon} name="x" />${t("Withdraw")}</button>`}
          </p>`}
          ${!gone && html`<${Changes} visit=${visit} before=${interviewBefore(home, visit)} />`}
          ${withdrawing === visit.id && html`<${Withdraw} person=${person} visit=${visit} done=${() => setWithdrawing(null)} />`}
        </li>`;
      })}
    </ol>
  </section>`;
}

// The interview that stands before another, as far as this phone knows it.
function interviewBefore({ visits, last_interview: told }, visit) {
  const earlier = visits.slice(visits.indexOf(visit) + 1).find(
    ({ outcome, withdrawn, replaced }) => outcome === "interviewed" && !withdrawn && !replaced,
  );
  return earlier ?? (told && told.id !== visit.id && told.visited_on < visit.visited_on ? told : null);
}

function Changes({ visit, before }) {
  if (visit.outcome !== "interviewed" || !before) return null;
  const year = Number(visit.visited_on.slice(0, 4));
  const changes = changesBetween(before, visit);
  const who = ({ member, index }) => member && memberName(member, index, year);
  const line = (change) => {
    if (change.what === "came") return t("{who} is new here", { who: who(change) });
    if (change.what === "went") return t("{who} no longer lives here", { who: who(change) });
    const [from, to] = [change.from, change.to].map((code) => valueWords(change.what, code));
    return `${who(change) ?? { fibre: t("Fibre internet"), device: t("Another smart device") }[change.what]}: ${from} → ${to}`;
  };
  const date = written(before.visited_on);
  const said = changes.length ? t("Changed since {date}", { date }) : t("Nothing changed since {date}", { date });
  if (!changes.length) return html`<p class="quiet small">${said}</p>`;
  return html`<div class="changes"><p class="quiet small">${said}</p>
    <ul>${changes.map((change, index) => html`<li key=${index}>${line(change)}</li>`)}</ul></div>`;
}

function valueWords(what, code) {
  if (what === "skills") return skillWords({ skills: code });
  return what === "account" ? `${t("Account:")} ${word("account", code)}` : word(what, code);
}

function Withdraw({ person, visit, done }) {
  const reasons = [t("Wrong home"), t("Recorded twice"), t("The visit did not take place"), t("Another reason")];
  const [reason, setReason] = useState(reasons[0]);
  const withdraw = async () => {
    if (await save(person, { type: "visit.withdraw", data: { id: visit.id, reason } })) done();
  };
  return html`<div class="withdraw">
    <${Choice} legend=${t("Why should this visit not count?")} name=${`reason-${visit.id}`} value=${reason} look="columns-1"
      options=${reasons.map((each) => [each, each])} onChoose=${setReason} />
    <button class="button danger" type="button" onClick=${withdraw}>${t("Withdraw this visit")}</button>
  </div>`;
}
