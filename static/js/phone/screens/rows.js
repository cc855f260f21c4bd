// Homes as lines to be tapped, by hamlet, a screenful or two at a time.

import { returnedOf, dueOn } from "../store/homes.js";
import { daysBetween } from "../rules/dates.js";
import { isMissed, isStale } from "../rules/due.js";
import { html, useEffect, useMemo, useRef, useState } from "../ui/html.js";
import { number, t } from "../ui/i18n.js";
import { Icon } from "../ui/parts.js";
import { word } from "../ui/words.js";
import { dayWords, homeName, noVisitWords, OUTCOME_ICONS, plannedWords } from "./names.js";

const AT_ONCE = 12;

/** List homes under their hamlets; more of them are drawn as the end comes near. */
export function Rows({ homes, on }) {
  const [shown, setShown] = useState(AT_ONCE);
  const end = useRef(null);
  useEffect(() => setShown(AT_ONCE), [homes]);
  useEffect(() => {
    if (!end.current) return undefined;
    const watcher = new IntersectionObserver(
      (seen) => seen.some(({ isIntersecting }) => isIntersecting) && setShown((count) => count + AT_ONCE),
      { rootMargin: "300px" },
    );
    watcher.observe(end.current);
    return () => watcher.disconnect();
  }, [shown, homes]);
  const counts = useMemo(() => {
    const found = new Map();
    for (const home of homes) found.set(hamletName(home), (found.get(hamletName(home)) ?? 0) + 1);
    return found;
  }, [homes]);
  return html`${byHamlet(homes.slice(0, shown)).map(([hamlet, group]) => html`<section key=${hamlet} class="hamlet">
      <h2 class="hamlet-name">${hamlet} <span class="quiet number">${number(counts.get(hamlet))}</span></h2>
      <ul class="rows">${group.map((home) => html`<${Row} key=${home.id} home=${home} on=${on} />`)}</ul>
    </section>`)}
    ${shown < homes.length && html`<button class="button wide" type="button" ref=${end}
      onClick=${() => setShown(shown + AT_ONCE)}>${t("Show more homes")}</button>`}`;
}

const hamletName = (home) => home.hamlet?.name ?? t("Other homes");

function byHamlet(homes) {
  const groups = new Map();
  for (const home of homes) {
    if (!groups.has(hamletName(home))) groups.set(hamletName(home), []);
    groups.get(hamletName(home)).push(home);
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

// Why a home should be visited, where its last visit does not say so already.
function tagOf(home, on) {
  if (returnedOf(home)) return { tone: "bad", icon: "undo-2", text: t("Returned by the commune") };
  if (home.last_visit?.outcome === "moved") return null;
  const due = dueOn(home);
  if (due) return { tone: due <= on ? "now" : "", icon: "calendar", text: plannedWords(due) };
  if (!isStale(home, on)) return null;
  return { tone: "", icon: "history", text: t("Not visited for {days} days", { days: daysBetween(home.last_visit.visited_on, on) }) };
}
