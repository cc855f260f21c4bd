// Where one can go from the main screens, at the thumb; and how sending stands, in a few words.

import * as book from "../store/book.js";
import { STATE, stateOf } from "../store/book.js";
import { returnedOf } from "../store/homes.js";
import { standing } from "../sync/loop.js";
import { html, useMemo } from "../ui/html.js";
import { number, t } from "../ui/i18n.js";
import { Icon } from "../ui/parts.js";

/** Count a person's records by state. */
export function tally(person) {
  const operations = book.operationsOf(person.id);
  const states = operations.map(stateOf);
  const count = (...wanted) => states.filter((state) => wanted.includes(state)).length;
  return {
    all: operations.length,
    received: operations.filter((op) => op.receipt && stateOf(op) !== STATE.FIX).length,
    unsent: count(STATE.UNSENT, STATE.SENDING),
    fix: count(STATE.FIX),
  };
}

/**
 * A small link at the head of the list: how many records have still to go, or to be fixed, the visits of homes that
 * the commune returned among them.
 */
export function SyncChip({ person, homes }) {
  const { unsent, fix } = tally(person);
  const returned = useMemo(() => homes.filter(returnedOf), [homes]);
  const toFix = fix + returned.length;
  const [tone, icon, text] = toFix
    ? ["bad", "triangle-alert", t("To fix: {count}", { count: toFix })]
    : unsent
      ? ["attention", "cloud-upload", t("Not sent: {count}", { count: unsent })]
      : ["good", standing.problem === "unreachable" ? "wifi-off" : "cloud-check", t("All sent")];
  const place = returned.length && !fix ? `#/home/${returned[0].id}` : "#/outbox";
  return html`<a class=${`chip-link ${tone}`} href=${place}><${Icon} name=${icon} />${text}</a>`;
}

/** The main screens, side by side; `here` is the one that is shown. */
export function Nav({ here }) {
  const places = [
    ["", "calendar", t("Today")], ["homes", "house", t("Homes")], ["register", "plus", t("Add a home")],
    ["outbox", "cloud-upload", t("Outbox")], ["device", "smartphone", t("This phone")],
  ];
  return html`<nav class="nav" aria-label=${t("Main screens")}>
    ${places.map(([place, icon, name]) => html`<a key=${place} class="nav-link" href=${`#/${place}`}
      aria-current=${place === here ? "page" : undefined}><${Icon} name=${icon} /><span>${name}</span></a>`)}
  </nav>`;
}

/** How far fetching the homes has come, while it goes on. */
export function Fetching() {
  const { progress } = standing;
  if (progress?.what !== "pull" || !progress.all) return null;
  const { done, all } = progress;
  const text = t("Fetching homes: {done} of {all}", { done: number(done), all: number(all) });
  return html`<div class="fetching" role="status"><p class="quiet small">${text}</p>
    <progress class="truth-bar" max=${all} value=${done} aria-label=${text}></progress></div>`;
}
