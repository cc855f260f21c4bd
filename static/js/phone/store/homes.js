// The homes of the team as this phone knows them: the cache, with the journal's own work laid over it.

import { operationsOf, STATE, stateOf } from "./book.js";
import { households, owner, pulledAt, teams } from "./cache.js";
import { fold, placeKey } from "../rules/naming.js";

const DEAD = [STATE.CANCELLED, STATE.MENDED, STATE.ASIDE];
const REFUSED = [STATE.FIX, STATE.HELD];

const inText = (a, b) => (a < b ? -1 : Number(a > b));
const numbersAsRead = new Intl.Collator("vi", { numeric: true }); // 9 before 10

const alive = (op) => !DEAD.includes(stateOf(op));

/** Say whether the server keeps an operation aside instead of taking it in. */
export const isRefused = (op) => REFUSED.includes(stateOf(op));

// Work that the last pull cannot have told about yet.
const isFresh = (op) => !op.receipt || op.receipt.at > (pulledAt() ?? "");

const later = (a, b) =>
  inText(a.visited_on, b.visited_on) || inText(a.recorded_at ?? "", b.recorded_at ?? "") || inText(a.id, b.id);

// Registering gives each field its first revision, on the server as here.
const FIRST = { unit_id: 1, code: 1, address: 1, head_name: 1, phone: 1, consent: 1 };

const registered = (op) => ({
  code: null, address: null, head_name: null, phone: null, ...op.data, revisions: FIRST,
  last_visit: null, last_interview: null, registration: op,
});

const NAMELESS = { head_name: null, address: null, phone: null };

// A field that is in conflict keeps the server's value.
function amended(home, { data, receipt }) {
  const after = { ...home, ...data.changes };
  for (const field of receipt?.outcome === "conflict" ? Object.keys(receipt.fields ?? {}) : []) after[field] = home[field];
  return consented(after) ? after : { ...after, ...NAMELESS };
}

/** Give every home that a person sees, `{..., hamlet, visits, searched}`, by hamlet and code. */
export function homesOf(person) {
  const mine = owner() === person.id;
  const homes = new Map();
  for (const household of mine ? households() : []) {
    homes.set(household.id, { ...household, own: [], withdrawn: new Set(), replaced: new Set() });
  }
  const operations = operationsOf(person.id).filter(alive);
  const isUnheard = (op) => isFresh(op) || isRefused(op) || !mine;
  for (const op of operations) {
    const unheard = isUnheard(op);
    if (op.type === "household.register" && !homes.has(op.data.id) && unheard) {
      homes.set(op.data.id, { ...registered(op), own: [], withdrawn: new Set(), replaced: new Set() });
    }
  }
  const homeOfVisit = new Map();
  for (const op of operations) {
    if (op.type === "visit.record") {
      homeOfVisit.set(op.data.id, op.data.household_id);
      const home = homes.get(op.data.household_id);
      if (!home) continue;
      home.own.push({ ...op.data, recorded_at: op.recorded_at, op });
      if (op.data.corrects && !isRefused(op)) home.replaced.add(op.data.corrects);
    }
    if (op.type === "household.amend" && homes.has(op.data.id) && isUnheard(op) && !isRefused(op)) {
      homes.set(op.data.id, amended(homes.get(op.data.id), op));
    }
    if (op.type === "visit.withdraw" && !isRefused(op)) {
      for (const home of homes.values()) {
        const known = homeOfVisit.get(op.data.id) === home.id || home.last_visit?.id === op.data.id;
        if (known) home.withdrawn.add(op.data.id);
      }
    }
  }
  const hamlets = hamletsOf(person);
  return [...homes.values()].map((home) => finished(home, hamlets)).sort(inOrder);
}

function finished(home, hamlets) {
  const { withdrawn, replaced, own, ...rest } = home;
  const told = home.last_visit;
  const merged = own.map((visit) => (visit.id === told?.id ? { ...visit, ...told } : visit));
  if (told && !merged.some(({ id }) => id === told.id)) merged.push(told);
  const visits = merged
    .map((visit) => ({ ...visit, withdrawn: withdrawn.has(visit.id), replaced: replaced.has(visit.id) }))
    .sort((a, b) => later(b, a));
  // A visit that the server has, but passes over in favour of an older one, no longer stands there.
  const passedOver = (visit) =>
    visit.id !== told?.id && !home.registration && !isFresh(visit.op) && (!told || later(visit, told) > 0);
  const standing = visits.filter((visit) => !visit.withdrawn && !visit.replaced && visit.status !== "returned"
    && !passedOver(visit) && !(visit.op && isRefused(visit.op)));
  const interview = standing.find(({ outcome }) => outcome === "interviewed")
    ?? (withdrawn.has(home.last_interview?.id) ? null : home.last_interview);
  return {
    ...rest,
    hamlet: hamlets.get(home.unit_id) ?? null,
    visits,
    last_visit: standing[0] ?? null,
    last_interview: interview ?? null,
    searched: fold([home.head_name, home.code, home.address, home.phone].filter(Boolean).join(" ")),
  };
}

function inOrder(a, b) {
  return numbersAsRead.compare(placeKey(a.hamlet?.name ?? ""), placeKey(b.hamlet?.name ?? ""))
    || numbersAsRead.compare(a.code ?? "", b.code ?? "") || inText(a.id, b.id);
}

function hamletsOf(person) {
  const found = new Map();
  for (const team of teamsOf(person)) for (const hamlet of team.hamlets ?? []) found.set(hamlet.id, hamlet);
  return found;
}

/** Give the person's teams as last pulled, or as the session named them before the first pull. */
export function teamsOf(person) {
  const pulled = owner() === person.id ? teams() : [];
  return pulled.length ? pulled : person.teams.map((team) => ({ hamlets: [], consent_texts: [], ...team }));
}

/** Say when a home should be visited next: a wish, or null. */
export function dueOn(home) {
  return home.last_visit?.next_visit_on ?? null;
}

/** Give the visit that the commune returned and nothing has taken the place of yet, or null. */
export function returnedOf(home) {
  const latest = home.visits.find(({ replaced, withdrawn, op }) => !replaced && !withdrawn && !(op && isRefused(op)));
  return latest?.status === "returned" ? latest : null;
}

/** Say whether a home's consent lets names be kept. */
export const consented = (home) => home.consent?.answer === "yes";
