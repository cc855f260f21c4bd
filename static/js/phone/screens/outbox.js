// The outbox: where every record of this phone stands, and what the server says that it holds.

import * as book from "../store/book.js";
import { STATE, stateOf } from "../store/book.js";
import * as cache from "../store/cache.js";
import { chooseLanguage, forgetMe } from "../store/device.js";
import { dateOf, written } from "../rules/dates.js";
import { standing, sync } from "../sync/loop.js";
import { signOut } from "../sync/wire.js";
import { html, useEffect, useState } from "../ui/html.js";
import { language, number, t } from "../ui/i18n.js";
import { Choice, Head, Icon, Notice, State, Thumb } from "../ui/parts.js";
import { problem, word } from "../ui/words.js";
import { homeName } from "./names.js";

const MOST = 200;
const LANGUAGES = [["vi", "Tiếng Việt"], ["en", "English"]];

const PROBLEMS = {
  unreachable: () => t("Could not send: will try again by itself"),
  signed_out: () => t("Signed out: records stay on this phone until you sign in again"),
  wrong_device: () => t("Signed in from another device: sign in again on this phone to send"),
  forbidden: () => t("This account may not send records: ask the commune's official"),
  full: () => t("This phone is nearly full: free some room, then the homes can be fetched. Sending goes on."),
  server: () => t("The server could not take this now: will try again by itself"),
};

// Count a person's records by state.
function tally(person) {
  const operations = book.operationsOf(person.id);
  const states = operations.map(stateOf);
  const count = (...wanted) => states.filter((state) => wanted.includes(state)).length;
  return {
    all: operations.length,
    answered: operations.filter(({ receipt }) => receipt).length,
    unsent: count(STATE.UNSENT, STATE.SENDING),
    fix: count(STATE.FIX),
  };
}

/** A small link at the head of the list: how many records have still to go, or to be fixed. */
export function SyncChip({ person }) {
  const { unsent, fix } = tally(person);
  const [tone, icon, text] = fix
    ? ["bad", "triangle-alert", t("To fix: {count}", { count: fix })]
    : unsent
      ? ["attention", "cloud-upload", t("Not sent: {count}", { count: unsent })]
      : ["good", standing.problem === "unreachable" ? "wifi-off" : "cloud-check", t("All sent")];
  return html`<a class=${`chip-link ${tone}`} href="#/outbox"><${Icon} name=${icon} />${text}</a>`;
}

export function Outbox({ person, homes }) {
  const { all, answered, unsent } = tally(person);
  const others = book.unsentByOthers(person.id).length;
  const newest = book.operationsOf(person.id).reverse();
  const extra = standing.counts ? standing.counts.server - all : 0;
  const lost = book.losses();
  const truth = t("Server has {received}/{all}", { received: number(answered), all: number(all) });
  const compared = standing.counts
    ? t("Compared with the server at {time}", { time: clock(standing.counts.at) })
    : t("Not compared with the server since the app was opened");
  const elsewhere = t("Records of other people on this phone: {count}. They wait until those people sign in here.", {
    count: others,
  });
  const missing = t("The browser lost records {numbers} of this phone. Tell the commune's official.", {
    numbers: lost.ranges.map(([from, to]) => (from === to ? from : `${from}–${to}`)).join(", "),
  });
  const only = t("Records of this phone that only the server still has: {count}.", { count: extra });
  return html`<${Head} title=${t("Sent and not sent")} back="#/" />
    <main class="page has-thumb">
      <section class="truth card" aria-live="polite">
        <p class="truth-line">${truth}</p>
        <progress class="truth-bar" max=${Math.max(all, 1)} value=${all ? answered : 1}
          aria-label=${t("Records that the server has")}></progress>
        <p class="quiet small">${compared}</p>
      </section>
      <${Obstacles} />
      ${others > 0 && html`<${Notice} icon="users">${elsewhere}</>`}
      ${lost.count > 0 && html`<${Notice} tone="bad" icon="triangle-alert">${missing}</>`}
      ${extra > 0 && html`<${Notice} icon="info">${only}</>`}
      ${newest.length ? html`<ol class="records">
        ${newest.slice(0, MOST).map((op) => html`<${Entry} key=${op.op_id} op=${op} homes=${homes} />`)}
      </ol>` : html`<p class="empty">
        ${t("Every home registered and every visit recorded will stand here, with whether the server has it.")}
      </p>`}
      <${ThisPhone} person=${person} unsent=${unsent} />
    </main>
    <${Thumb}><button class="button primary" type="button" disabled=${standing.running} onClick=${() => sync()}>
      <${Icon} name="refresh-cw" />${standing.running ? t("Sending") : t("Send now")}</button></>`;
}

function Obstacles() {
  const { problem: obstacle, detail } = standing;
  if (!obstacle) return null;
  const needsSignIn = ["signed_out", "wrong_device"].includes(obstacle);
  return html`<${Notice} tone="attention" icon=${obstacle === "unreachable" ? "wifi-off" : "circle-alert"}>
    <p>${PROBLEMS[obstacle]()}</p>
    ${detail && html`<p class="small">${detail}</p>`}
    ${needsSignIn && html`<p><a class="button" href="/sign-in?next=/phone/">${t("Sign in")}</a></p>`}
  </>`;
}

const clock = (instant) => new Intl.DateTimeFormat(language(), {
  timeZone: "Asia/Ho_Chi_Minh", hour: "2-digit", minute: "2-digit",
}).format(new Date(instant));

function what(op, homes) {
  const nameOf = (id) => {
    const home = homes.find((each) => each.id === id);
    return home ? homeName(home) : t("Home {code}", { code: id.slice(-4) });
  };
  if (op.type === "household.register") {
    return [t("Home registered"), op.data.head_name ?? nameOf(op.data.id)];
  }
  if (op.type === "visit.withdraw") return [t("Visit withdrawn"), op.data.reason];
  const kind = op.data.corrects ? t("Visit corrected") : t("Visit");
  return [`${kind}: ${word("outcome", op.data.outcome)}`, nameOf(op.data.household_id)];
}

function Entry({ op, homes }) {
  const state = stateOf(op);
  const [title, subject] = what(op, homes);
  const { receipt } = op;
  const note = state === STATE.FIX
    ? problem(receipt.code, receipt.message)
    : receipt?.outcome === "conflict" || receipt?.code === "consent.stripped" ? receipt.message : null;
  const mendable = state === STATE.FIX && op.type !== "visit.withdraw";
  return html`<li class="record">
    <div class="record-main">
      <span class="record-what">${title}</span>
      <span class="quiet small">${subject} · ${written(dateOf(new Date(op.recorded_at)))} ${clock(op.recorded_at)}</span>
    </div>
    ${note && html`<p class="record-note">${note}</p>`}
    <p class="record-deeds">
      <${State} state=${state} label=${word("state", state)} />
      ${mendable && html`<a class="button" href=${`#/mend/${op.op_id}`}><${Icon} name="pencil" />${t("Mend")}</a>`}
      ${book.canUndo(op) && html`<button class="button plain" type="button" onClick=${() => book.undo(op)}>
        <${Icon} name="undo-2" />${t("Undo")}</button>`}
    </p>
  </li>`;
}

function ThisPhone({ person, unsent }) {
  const [kept, setKept] = useState(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    navigator.storage?.persisted?.().then(setKept);
  }, []);
  const switchTo = (code) => {
    chooseLanguage(code);
    location.reload();
  };
  const leave = async () => {
    try {
      await signOut();
      await cache.empty();
      forgetMe();
      location.assign("/sign-in?next=/phone/");
    } catch {
      setFailed(true);
    }
  };
  const staying = t("Records not sent yet: {count}. They stay on this phone after signing out.", { count: unsent });
  return html`<section class="this-phone">
    <h2>${t("This phone")}</h2>
    <p class="this-line"><${Icon} name="user" />${person.name}</p>
    <p class="this-line"><${Icon} name="shield-check" />${kept
      ? t("The browser has promised to keep the records.")
      : t("The browser may clear records when space runs short: send often.")}</p>
    <${Choice} legend=${t("Language")} name="language" value=${language()} options=${LANGUAGES} onChoose=${switchTo} />
    ${unsent > 0 && html`<p class="quiet small">${staying}</p>`}
    <button class="button" type="button" onClick=${leave}><${Icon} name="log-out" />${t("Sign out")}</button>
    ${failed && html`<p class="error" role="alert">
      <${Icon} name="circle-alert" />${t("No connection: signing out needs the network")}</p>`}
  </section>`;
}
