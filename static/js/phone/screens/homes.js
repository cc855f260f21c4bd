// All homes of the team, every one of them findable in a few letters.

import { consented, isRefused, returnedOf } from "../store/homes.js";
import { STATE, stateOf } from "../store/book.js";
import { today } from "../rules/dates.js";
import { isMissed, isStale } from "../rules/due.js";
import { nearness, wanted } from "../rules/searching.js";
import { html, useMemo, useState } from "../ui/html.js";
import { number, t } from "../ui/i18n.js";
import { Head, Icon } from "../ui/parts.js";
import { Fetching, Nav, SyncChip } from "./nav.js";
import { Rows } from "./rows.js";

const LAST = { search: "", only: "all", hamlet: "" }; // kept while the app is open, so that Back finds the same list

const isUnsent = ({ visits, registration }) => [registration, ...visits.map(({ op }) => op)].some(
  (op) => op && (isRefused(op) || [STATE.UNSENT, STATE.SENDING, STATE.WAITING].includes(stateOf(op))),
);

const FILTERS = {
  all: { label: () => t("All"), holds: () => true },
  never: { label: () => t("Never reached"), holds: ({ last_visit: last }) => !last },
  absent: { label: () => t("Absent last time"), holds: isMissed },
  stale: { label: () => t("Over 90 days ago"), holds: isStale },
  refused: { label: () => t("Refused"), holds: ({ last_visit: last }) => last?.outcome === "refused" },
  moved: { label: () => t("Moved away"), holds: ({ last_visit: last }) => last?.outcome === "moved" },
  anonymous: { label: () => t("Without names"), holds: (home) => !consented(home) },
  returned: { label: () => t("Returned by the commune"), holds: (home) => Boolean(returnedOf(home)) },
  unsent: { label: () => t("Not sent"), holds: isUnsent },
};

let before = { homes: null, words: [], found: [] }; // as more letters come, only what was found before is looked at

// Every word goes on with one that was wanted before, in each way in which it may be meant.
const goesOn = (words) => before.words.every((was, at) => words[at]?.every((way) => was.some((part) => way.includes(part))));

function nearest(homes, search) {
  const words = wanted(search);
  const within = before.homes === homes && goesOn(words) ? before.found : homes;
  const found = [];
  const byNearness = [[], [], [], []];
  for (const home of within) {
    const near = nearness(words, home.searched(), home.calls);
    if (near === null) continue;
    found.push(home);
    byNearness[near + 1].push(home);
  }
  before = { homes, words, found };
  return byNearness.flat();
}

export function Homes({ person, homes }) {
  const [{ search, only, hamlet }, setAsked] = useState(LAST);
  const ask = (part) => setAsked(Object.assign(LAST, part) && { ...LAST });
  const on = today();
  const hamlets = useMemo(() => [...new Map(homes.map((home) => [home.unit_id, home.hamlet?.name ?? t("Other homes")]))], [homes]);
  const held = useMemo(() => Object.entries(FILTERS).map(([code, { label, holds }]) => {
    const those = homes.filter((home) => holds(home, on));
    return { code, label, those };
  }), [homes, on]);
  const filtered = held.find(({ code }) => code === only).those;
  const found = useMemo(() => {
    const here = hamlet ? filtered.filter(({ unit_id }) => unit_id === hamlet) : filtered;
    return search.trim() ? nearest(here, search) : here;
  }, [filtered, hamlet, search]);
  const count = t("Homes: {count}", { count: number(found.length) });
  const asking = search.trim() !== "" || only !== "all" || hamlet !== "";

  return html`<${Head} title=${t("My homes")}><${SyncChip} person=${person} homes=${homes} /></>
    <main class="page">
      <${Fetching} />
      <search class="finder">
        <label class="for-readers" for="find">${t("Find a home by name, house number, phone or code")}</label>
        <${Icon} name="search" />
        <input class="input" id="find" type="search" autocomplete="off" autocapitalize="none" spellcheck="false"
          enterkeyhint="search" placeholder=${t("Name, house number, phone")} value=${search}
          onInput=${(event) => ask({ search: event.target.value })} />
      </search>
      <fieldset class="filters">
        <legend class="for-readers">${t("Which homes")}</legend>
        ${held.filter(({ code, those }) => code === "all" || code === only || those.length > 0).map(({ code, label, those }) =>
          html`<label class="filter" key=${code}>
            <input type="radio" name="only" value=${code} aria-label=${label()} checked=${only === code} onChange=${() => ask({ only: code })} />
            <span>${label()}</span> <b class="number">${number(those.length)}</b>
          </label>`)}
      </fieldset>
      ${hamlets.length > 1 && html`<div class="field">
        <label class="for-readers" for="hamlet">${t("Hamlet")}</label>
        <select class="input" id="hamlet" value=${hamlet} onChange=${(event) => ask({ hamlet: event.target.value })}>
          <option value="">${t("All hamlets")}</option>
          ${hamlets.map(([id, name]) => html`<option key=${id} value=${id}>${name}</option>`)}
        </select>
      </div>`}
      <p class=${asking ? "found quiet" : "for-readers"} role="status">
        ${count}</p>
      ${found.length ? html`<${Rows} homes=${found} on=${on} />` : html`<${Empty} some=${homes.length > 0} />`}
    </main>
    <${Nav} here="homes" />`;
}

function Empty({ some }) {
  return html`<p class="empty">${some
    ? t("No home found. Try fewer letters; marks are not needed.")
    : t("The team's homes will stand here. Register the first one, or press Send now to fetch those registered before.")}</p>`;
}
