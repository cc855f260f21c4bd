// The outbox: where every record of this phone stands, and what the server says that it holds.

import * as book from "../store/book.js";
import { STATE, stateOf } from "../store/book.js";
import { isRefused } from "../store/homes.js";
import { dateOf } from "../rules/dates.js";
import { standing, sync } from "../sync/loop.js";
import { html } from "../ui/html.js";
import { locale, number, t } from "../ui/i18n.js";
import { Head, Icon, Notice, State } from "../ui/parts.js";
import { problem, word } from "../ui/words.js";
import { save, undo } from "../screens/forms.js";
import { dayWords, homeName } from "../screens/names.js";
import { Nav, tally } from "../screens/nav.js";

const MOST = 200;

const PROBLEMS = {
  unreachable: () => t("Could not send: will try again by itself"),
  signed_out: () => t("Signed out: records stay on this phone until you sign in again"),
  wrong_device: () => t("Signed in from another device: sign in again on this phone to send"),
  forbidden: () => t("This account may not send records: ask the commune's official"),
  full: () => t("This phone is nearly full: free some room, then the homes can be fetched. Sending goes on."),
  server: () => t("The server could not take this now: will try again by itself"),
};

export function Outbox({ person, homes }) {
  const { all, received, fix } = tally(person);
  const others = book.unsentByOthers(person.id).length;
  const newest = book.operationsOf(person.id).reverse();
  const truth = t("Server has {received}/{all}", { received: number(received), all: number(all) });
  const toFix = t("To fix: {count}", { count: number(fix) });
  const compared = standing.counts
    ? t("Compared with the server at {time}", { time: clock(standing.counts.at) })
    : t("Not compared with the server since the app was opened");
  const elsewhere = t("Records of other people on this phone: {count}. They wait until those people sign in here.", {
    count: others,
  });
  return html`<${Head} title=${t("Sent and not sent")} />
    <main class="page">
      <section class=${`truth card ${fix ? "bad" : ""}`} aria-live="polite">
        <p class="truth-line">${truth}${fix > 0 && html` <span class="truth-fix">· ${toFix}</span>`}</p>
        ${all > 0 && html`<progress class="truth-bar" max=${all} value=${received}
          aria-label=${t("Records that the server has")}></progress>`}
        <p class="quiet small">${standing.progress ? steps(standing.progress) : compared}</p>
        <button class="button primary wide" type="button" disabled=${standing.running} onClick=${() => sync()}>
          <${Icon} name="refresh-cw" />${standing.running ? t("Sending") : t("Send now")}</button>
      </section>
      <${Obstacles} />
      ${others > 0 && html`<${Notice} icon="users">${elsewhere}</>`}
      <${Losses} all=${all} />
      ${newest.length ? byDay(newest.slice(0, MOST)).map(([day, ops]) => html`<section key=${day}>
        <h2 class="day"><span>${dayWords(day)}</span> <span class="quiet small">${dayTally(person, day)}</span></h2>
        <ol class="records">${ops.map((op) => html`<${Entry} key=${op.op_id} op=${op} person=${person} homes=${homes} />`)}</ol>
      </section>`) : html`<p class="empty">
        ${t("Every home registered and every visit recorded will stand here, with whether the server has it.")}
      </p>`}
    </main>
    <${Nav} here="outbox" />`;
}

const dayOf = (op) => dateOf(new Date(op.recorded_at));

function byDay(ops) {
  const days = new Map();
  for (const op of ops) days.set(dayOf(op), [...(days.get(dayOf(op)) ?? []), op]);
  return [...days];
}

// The day's count here and there: "phone 37 = server 37".
function dayTally(person, day) {
  const here = book.operationsOf(person.id).filter((op) => dayOf(op) === day);
  const there = here.filter(({ receipt }) => receipt?.receipt);
  const counts = { here: number(here.length), there: number(there.length) };
  return here.length === there.length
    ? t("phone {here} = server {there}", counts) : t("phone {here} ≠ server {there}", counts);
}

function steps({ what, done, all }) {
  if (all === null) return t("Fetching homes: {done}", { done: number(done) });
  const counts = { done: number(done), all: number(all) };
  return what === "push" ? t("Sending: {done} of {all}", counts) : t("Fetching homes: {done} of {all}", counts);
}

// What the browser lost, and whether the server has it.
function Losses({ all }) {
  const { ranges, count, cleared } = book.losses();
  const extra = Math.max(0, (standing.counts?.server ?? 0) - all);
  const numbers = ranges.map(([from, to]) => (from === to ? from : `${from}–${to}`)).join(", ");
  const there = t("The server still has {there} of these {count}.", { there: number(Math.min(extra, count)), count: number(count) });
  const missing = t("The browser lost records {numbers} of this phone. Tell the commune's official.", { numbers });
  return html`
    ${count > 0 && html`<${Notice} tone="bad" icon="triangle-alert"><p>${missing}</p>
      ${standing.counts && html`<p class="small">${there}</p>`}
    </>`}
    ${count === 0 && cleared && html`<${Notice} tone="attention" icon="triangle-alert">
      ${t("The browser has cleared this phone's storage before. No record is missing; forms half filled in may be.")}</>`}
    ${count === 0 && extra > 0 && html`<${Notice} icon="info">
      ${t("Records of this phone that only the server still has: {count}.", { count: extra })}</>`}`;
}

function Obstacles() {
  const { problem: obstacle, detail, elsewhere } = standing;
  if (elsewhere) {
    return html`<${Notice} icon="refresh-cw">${t("Another tab of this app is sending just now: one at a time.")}</>`;
  }
  if (!obstacle) return null;
  const needsSignIn = ["signed_out", "wrong_device"].includes(obstacle);
  return html`<${Notice} tone="attention" icon=${obstacle === "unreachable" ? "wifi-off" : "circle-alert"}>
    <p>${PROBLEMS[obstacle]()}</p>
    ${detail && html`<p class="small">${detail}</p>`}
    ${needsSignIn && html`<p><a class="button" href="/sign-in?next=/phone/">${t("Sign in")}</a></p>`}
  </>`;
}

const clock = (instant) => new Intl.DateTimeFormat(locale(), {
  timeZone: "Asia/Ho_Chi_Minh", hour: "2-digit", minute: "2-digit",
}).format(new Date(instant));

function what(op, homes) {
  const nameOf = (id) => {
    const home = homes.find((each) => each.id === id);
    return homeName(home ?? { id });
  };
  if (book.isLost(op)) return [t("Record {number}", { number: op.device_seq }), t("Locked with the forgotten PIN")];
  if (op.type === "household.register") {
    return [t("Home registered"), op.data.head_name ?? nameOf(op.data.id)];
  }
  if (op.type === "visit.withdraw") return [t("Visit withdrawn"), op.data.reason];
  if (op.type === "household.amend") return [t("Home's details changed"), nameOf(op.data.id)];
  const kind = op.data.corrects ? t("Visit corrected") : t("Visit");
  return [`${kind}: ${word("outcome", op.data.outcome)}`, nameOf(op.data.household_id)];
}

// What is to be known about a record beside its state.
function noteOf(state, receipt) {
  if (state === STATE.FIX || state === STATE.HELD) return problem(receipt.code, receipt.message);
  if (state === STATE.ASIDE) {
    const { settlement_reason: reason } = receipt;
    return reason ? t("Set aside by the official: {reason}", { reason }) : t("Set aside by the official");
  }
  if (receipt?.settlement === "taken_in") return t("Taken in by the commune's official");
  if (receipt?.outcome === "conflict") {
    const fields = Object.keys(receipt.fields ?? {}).map((field) => word("field", field)).join(", ");
    return fields ? t("Changed elsewhere meanwhile: {fields}. The official will choose.", { fields })
      : t("Changed elsewhere meanwhile: the official will choose.");
  }
  return receipt?.code === "consent.stripped" ? receipt.message : null;
}

function Entry({ op, person, homes }) {
  const state = stateOf(op);
  const [title, subject] = what(op, homes);
  const note = noteOf(state, op.receipt);
  return html`<li class="record">
    <div class="record-main">
      <span class="record-what">${title}</span>
      <span class="quiet small">${subject} · ${clock(op.recorded_at)}</span>
    </div>
    ${note && html`<p class=${`record-note ${state === STATE.FIX ? "bad" : ""}`}>${note}</p>`}
    <p class="record-deeds">
      <${State} state=${state} label=${word("state", state)} />
      ${book.canUndo(op) && html`<button class="button plain" type="button" onClick=${() => undo(op)}>
        <${Icon} name="undo-2" />${t("Undo")}</button>`}
    </p>
    ${isRefused(op) && html`<${Mending} op=${op} person=${person} homes=${homes} />`}
  </li>`;
}

// What can be done about a record that was not taken in.
function Mending({ op, person, homes }) {
  const state = stateOf(op);
  const homeId = op.type === "visit.record" ? op.data.household_id : op.data.id;
  const retry = () => save(person, { type: op.type, data: op.data, replaces: op.op_id });
  const isHere = op.type === "household.register" || homes.some(({ id }) => id === homeId);
  return html`<p class="record-deeds">
    ${op.type === "visit.withdraw" && state === STATE.FIX
      ? html`<button class="button" type="button" onClick=${retry}><${Icon} name="refresh-cw" />${t("Try again")}</button>`
      : isHere && state === STATE.FIX && html`<a class="button" href=${`#/mend/${op.op_id}`}><${Icon} name="pencil" />${t("Mend")}</a>`}
    <a class="button plain" href=${`#/rescue/${op.op_id}`}><${Icon} name="users" />${t("Hand over")}</a>
  </p>`;
}
