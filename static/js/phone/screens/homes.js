// My homes: which are next, and every one of them findable in a few letters.

import { dueOn, teamsOf } from "../store/homes.js";
import { daysBetween, today } from "../rules/dates.js";
import { standsIn } from "../rules/naming.js";
import { html, useMemo, useState } from "../ui/html.js";
import { number, t } from "../ui/i18n.js";
import { Head, Icon, Thumb } from "../ui/parts.js";
import { word } from "../ui/words.js";
import { dayWords, homeName, noVisitWords, OUTCOME_ICONS } from "./names.js";
import { SyncChip } from "./outbox.js";

const STALE = 90;
const SOON = 7;

const LAST = { search: "", only: "due" }; // kept while the app is open, so that Back finds the same list

/** Rank how pressing a home is: a smaller text comes first; null when nothing is due. */
function urgency(home, on) {
  const due = dueOn(home);
  if (home.last_visit?.outcome === "moved") return null;
  if (due && daysBetween(on, due) <= SOON) return `0 ${due}`;
  if (!home.last_visit) return "1";
  if (due) return null;
  return daysBetween(home.last_visit.visited_on, on) > STALE ? `2 ${home.last_visit.visited_on}` : null;
}

export function Homes({ person, homes }) {
  const [search, setSearch] = useState(LAST.search);
  const [only, setOnly] = useState(LAST.only);
  Object.assign(LAST, { search, only });
  const on = today();
  const due = useMemo(
    () => homes.map((home) => [urgency(home, on), home]).filter(([rank]) => rank !== null)
      .sort(([a], [b]) => a.localeCompare(b)).map(([, home]) => home),
    [homes, on],
  );
  const searching = search.trim() !== "";
  const pool = searching || only === "all" ? homes : due;
  const found = searching ? pool.filter((home) => standsIn(search, home.searched)) : pool;
  const teams = teamsOf(person);
  const count = t("Homes: {count}", { count: number(found.length) });

  return html`<${Head} title=${t("My homes")} lead=${teams.map(({ name }) => name).join(", ")}>
      <${SyncChip} person=${person} />
    </>
    <main class="page has-thumb">
      <search class="finder">
        <label class="for-readers" for="find">${t("Find a home by name, code or address")}</label>
        <${Icon} name="search" />
        <input class="input" id="find" type="search" autocomplete="off" enterkeyhint="search"
          placeholder=${t("Name, code, address")} value=${search}
          onInput=${(event) => setSearch(event.target.value)} />
      </search>
      ${!searching && html`<fieldset class="tabs">
        <legend class="for-readers">${t("Which homes")}</legend>
        ${[["due", t("To visit"), due.length], ["all", t("All homes"), homes.length]].map(
          ([code, label, count]) => html`<label class="tab" key=${code}>
            <input type="radio" name="only" value=${code} checked=${only === code} onChange=${() => setOnly(code)} />
            <span>${label}</span> <b class="number">${number(count)}</b>
          </label>`,
        )}
      </fieldset>`}
      <p class=${searching ? "found quiet" : "for-readers"} role="status">${count}</p>
      ${found.length ? byHamlet(found).map(([hamlet, group]) => html`<section key=${hamlet} class="hamlet">
        <h2 class="hamlet-name">${hamlet} <span class="quiet number">${number(group.length)}</span></h2>
        <ul class="rows">${group.map((home) => html`<${Row} key=${home.id} home=${home} on=${on} />`)}</ul>
      </section>`) : html`<${Empty} searching=${searching} some=${homes.length > 0} />`}
    </main>
    <${Thumb}><a class="button primary" href="#/register"><${Icon} name="plus" />${t("Register a home")}</a></>`;
}

function byHamlet(homes) {
  const groups = new Map();
  for (const home of homes) {
    const name = home.hamlet?.name ?? t("Other homes");
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(home);
  }
  return [...groups];
}

function Row({ home, on }) {
  const { last_visit: last } = home;
  const due = dueOn(home);
  return html`<li><a class="row" href=${`#/home/${home.id}`}>
    <span class="row-name">${homeName(home)}</span>
    ${home.address && html`<span class="row-place">${home.address}</span>`}
    <span class="row-last">
      ${last ? html`<${Icon} name=${OUTCOME_ICONS[last.outcome]} />
        <span>${word("outcome", last.outcome)}<span class="quiet"> · ${dayWords(last.visited_on)}</span></span>`
        : html`<${Icon} name="door-open" /><span>${noVisitWords(home)}</span>`}
    </span>
    ${home.code && home.head_name && html`<span class="row-code number">${home.code}</span>`}
    ${due && html`<span class=${`due ${due <= on ? "now" : ""}`}>
      <${Icon} name="calendar" /><span><span class="for-readers">${t("Next visit:")} </span>${dayWords(due)}</span></span>`}
  </a></li>`;
}

function Empty({ searching, some }) {
  if (searching) {
    return html`<p class="empty">${t("No home found. Try fewer letters; marks are not needed.")}</p>`;
  }
  return html`<p class="empty">${some
    ? t("No visit is due. Choose All homes to see every one of them.")
    : t("The team's homes will stand here. Register the first one, or sync to fetch those registered before.")}</p>`;
}
