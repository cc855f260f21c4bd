// Today: which homes to visit next, why, and how far the team has come this month.

import { isToured, keepToured } from "../store/device.js";
import { returnedOf, teamsOf } from "../store/homes.js";
import { today } from "../rules/dates.js";
import { progressIn, REASONS, reasonFor } from "../rules/due.js";
import { html, useMemo, useState } from "../ui/html.js";
import { number, t } from "../ui/i18n.js";
import { Head, Icon } from "../ui/parts.js";
import { word } from "../ui/words.js";
import { Fetching, Nav, SyncChip } from "./nav.js";
import { Rows } from "./rows.js";

const LAST = { why: null }; // kept while the app is open, so that Back finds the same list

export function Today({ person, homes }) {
  const [chosen, setWhy] = useState(LAST.why);
  const on = today();
  const due = useMemo(
    () => homes.map((home) => [reasonFor(home, returnedOf(home), on), home]).filter(([why]) => why !== null)
      .sort(([a], [b]) => (b === "returned") - (a === "returned")), // otherwise in walking order
    [homes, on],
  );
  const counts = REASONS.map((code) => [code, due.filter(([why]) => why === code).length]).filter(([, count]) => count > 0);
  const why = counts.some(([code]) => code === chosen) ? chosen : null;
  LAST.why = why;
  const listed = useMemo(() => due.filter(([code]) => why === null || code === why).map(([, home]) => home), [due, why]);
  const count = t("Homes: {count}", { count: number(listed.length) });
  return html`<${Head} title=${t("Today")} lead=${teamsOf(person).map(({ name }) => name).join(", ")}>
      <${SyncChip} person=${person} homes=${homes} />
    </>
    <main class="page">
      <${Fetching} />
      <${Welcoming} />
      ${homes.length > 0 && html`<${Month} homes=${homes} on=${on} />`}
      ${counts.length > 1 && html`<fieldset class="filters">
        <legend class="for-readers">${t("Why to visit")}</legend>
        ${[[null, due.length], ...counts].map(([code, some]) => html`<label class="filter" key=${code}>
          <input type="radio" name="why" value=${String(code)} checked=${why === code} onChange=${() => setWhy(code)} />
          <span>${code ? word("why", code) : t("All to visit")}</span> <b class="number">${number(some)}</b>
        </label>`)}
      </fieldset>`}
      <p class="for-readers" role="status">${count}</p>
      ${listed.length ? html`<${Rows} homes=${listed} on=${on} />` : html`<${Empty} some=${homes.length > 0} />`}
    </main>
    <${Nav} here="" />`;
}

// Offered until it was taken or waved away.
function Welcoming() {
  const [toured, setToured] = useState(isToured());
  if (toured) return null;
  const wave = () => {
    keepToured();
    setToured(true);
  };
  return html`<section class="card welcoming">
    <p><strong>${t("New here? The app in four pictures.")}</strong></p>
    <p class="entry-deeds"><a class="button" href="#/tour"><${Icon} name="book-open" />${t("Show me")}</a>
      <button class="button plain" type="button" onClick=${wave}>${t("Not now")}</button></p>
  </section>`;
}

function Month({ homes, on }) {
  const [year, month] = on.split("-");
  const { homes: all, visited, met } = progressIn(homes, on.slice(0, 7));
  const when = t("in month {month}/{year}", { month: Number(month), year });
  const both = t("Visited, met or not: {visited}", { visited: number(visited) });
  const text = t("Met {met} of {all} homes", { met: number(met), all: number(all) });
  return html`<section class="month card">
    <p class="month-line"><strong>${text}</strong>
      <span class="quiet small">${when}</span></p>
    <progress class="truth-bar" max=${all || 1} value=${met} aria-label=${text}></progress>
    <p class="quiet small">${both}</p>
  </section>`;
}

function Empty({ some }) {
  return html`<p class="empty"><${Icon} name="check" />${some
    ? t("No visit is due. All homes stand under Homes.")
    : t("The team's homes will stand here. Register the first one, or press Send now to fetch those registered before.")}</p>`;
}
