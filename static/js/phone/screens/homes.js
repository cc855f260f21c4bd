// My homes: which are next, and every one of them findable in a few letters.

import { dueOn, returnedOf, teamsOf } from "../store/homes.js";
import { daysBetween, plusDays, today } from "../rules/dates.js";
import { fold, standsIn } from "../rules/naming.js";
import { html, useMemo, useState } from "../ui/html.js";
import { number, t } from "../ui/i18n.js";
import { Head, Icon, Thumb } from "../ui/parts.js";
import { word } from "../ui/words.js";
import { dayWords, homeName, noVisitWords, OUTCOME_ICONS, plannedWords } from "./names.js";
import { SyncChip } from "./outbox.js";

const STALE = 90;
const SOON = 7;
const CALL_AGAIN = 3; // days after nobody was at home and no day was agreed

const LAST = { search: "", only: "due" }; // kept while the app is open, so that Back finds the same list

const isMissed = ({ last_visit: last }) => last?.outcome === "absent" && !last.next_visit_on;
const isStale = ({ last_visit: last }, on) => Boolean(last) && daysBetween(last.visited_on, on) > STALE;

/** Rank how pressing a home is: a smaller text comes first; null when nothing is due. */
function urgency(home, on) {
  if (returnedOf(home)) return `0 ${returnedOf(home).visited_on}`;
  if (home.last_visit?.outcome === "moved") return null;
  const missed = isMissed(home);
  const due = missed ? plusDays(home.last_visit.visited_on, CALL_AGAIN) : dueOn(home);
  if (due && daysBetween(on, due) <= (missed ? 0 : SOON)) return `1 ${due}`;
  if (!home.last_visit) return "2";
  return !due && isStale(home, on) ? `3 ${home.last_visit.visited_on}` : null;
}

// How near a home that was found is to what is searched: its code or given name as a whole, the beginning of a
// word, the inside of one.
function distance(home, wanted) {
  const name = ` ${fold(home.head_name ?? "")}`;
  if (name.endsWith(` ${wanted}`) || fold(home.code ?? "") === wanted) return 0;
  return ` ${home.searched}`.includes(` ${wanted}`) ? 1 : 2;
}

function nearest(homes, search) {
  const wanted = fold(search);
  return homes.filter((home) => standsIn(search, home.searched))
    .map((home) => [distance(home, wanted), home]).sort(([a], [b]) => a - b).map(([, home]) => home);
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
  const found = searching ? nearest(homes, search) : only === "all" ? homes : due;
  const teams = teamsOf(person);
  const count = t("Homes: {count}", { count: number(found.length) });

  return html`<${Head} title=${t("My homes")} lead=${teams.map(({ name }) => name).join(", ")}>
      <${SyncChip} person=${person} returned=${homes.filter(returnedOf)} />
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
  const tag = tagOf(home, on);
  return html`<li><a class="row" href=${`#/home/${home.id}`}>
    <span class="row-name">${homeName(home)}</span>
    ${home.address && html`<span class="row-place">${home.address}</span>`}
    <span class="row-last">
      ${last ? html`<${Icon} name=${OUTCOME_ICONS[last.outcome]} />
        <span>${isMissed(home) ? t("Absent, not met yet") : word("outcome", last.outcome)}<span class="quiet"> · ${dayWords(last.visited_on)}</span></span>`
        : html`<${Icon} name="door-open" /><span>${noVisitWords(home)}</span>`}
    </span>
    ${home.code && home.head_name && html`<span class="row-code number">${home.code}</span>`}
    ${tag && html`<span class=${`due ${tag.tone}`}><${Icon} name=${tag.icon} />${tag.text}</span>`}
  </a></li>`;
}

// Why a home should be visited.
function tagOf(home, on) {
  if (returnedOf(home)) return { tone: "bad", icon: "undo-2", text: t("Returned by the commune") };
  if (home.last_visit?.outcome === "moved") return null;
  const due = dueOn(home);
  if (due) return { tone: due <= on ? "now" : "", icon: "calendar", text: plannedWords(due) };
  return isStale(home, on) ? { tone: "", icon: "history", text: t("Not visited for over 90 days") } : null;
}

function Empty({ searching, some }) {
  if (searching) {
    return html`<p class="empty">${t("No home found. Try fewer letters; marks are not needed.")}</p>`;
  }
  return html`<p class="empty">${some
    ? t("No visit is due. Choose All homes to see every one of them.")
    : t("The team's homes will stand here. Register the first one, or press Send now to fetch those registered before.")}</p>`;
}
