// The homes of the team as this phone knows them: the cache, with the journal's own work laid over it.

import { operationsOf, STATE, stateOf, version as bookVersion } from "./book.js";
import { households, owner, pulledAt, teams, version as cacheVersion, whole } from "./cache.js";
import { placeKey } from "../rules/naming.js";
import { addressKey, inNumbers, searchKeys } from "../rules/searching.js";

const AT_A_TIME = 500;
const DEAD = [STATE.CANCELLED, STATE.MENDED, STATE.ASIDE];
const REFUSED = [STATE.FIX, STATE.HELD];

const inText = (a, b) => (a < b ? -1 : Number(a > b));

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

const CHANGING = { walk: null, finds: null, called: null }; // worked out anew, for its name or address may change
const untouchedYet = () => ({ own: [], withdrawn: new Set(), replaced: new Set() });

const NAMELESS = { head_name: null, address: null, phone: null };

// A field that is in conflict keeps the server's value.
function amended(home, { data, receipt }) {
  const after = { ...home, ...data.changes };
  for (const field of receipt?.outcome === "conflict" ? Object.keys(receipt.fields ?? {}) : []) after[field] = home[field];
  return consented(after) ? after : { ...after, ...NAMELESS };
}

let known = { at: null, homes: [] };
const untouched = new WeakMap(); // household as told: the home it makes, where nobody here has added to it

/** Give every home that a person sees, `{..., hamlet, visits, searched, order}`, in walking order. */
export function homesOf(person) {
  const at = `${person.id} ${bookVersion()} ${cacheVersion()}`;
  if (known.at !== at) known = { at, homes: readHomes(person) };
  return known.homes;
}

function readHomes(person) {
  const mine = owner() === person.id;
  const hamlets = hamletsOf(person);
  const { told, homes } = toldTo(person, hamlets);
  const touched = new Map();
  const touch = (id, first = told.get(id)) => {
    if (!touched.has(id) && first) touched.set(id, { ...whole(first), ...CHANGING, ...untouchedYet() });
    return touched.get(id);
  };
  const operations = operationsOf(person.id).filter(alive);
  const isUnheard = (op) => isFresh(op) || isRefused(op) || !mine;
  for (const op of operations) {
    if (op.type === "household.register" && !told.has(op.data.id) && isUnheard(op)) touch(op.data.id, registered(op));
  }
  const homeOfVisit = new Map();
  if (operations.some(({ type }) => type === "visit.withdraw")) {
    for (const { id, last_visit: last } of told.values()) if (last) homeOfVisit.set(last.id, id);
  }
  for (const op of operations) {
    if (op.type === "visit.record") {
      homeOfVisit.set(op.data.id, op.data.household_id);
      const home = touch(op.data.household_id);
      home?.own.push({ ...op.data, recorded_at: op.recorded_at, op });
      if (op.data.corrects && !isRefused(op)) home?.replaced.add(op.data.corrects);
    } else if (isRefused(op)) continue;
    else if (op.type === "household.amend" && isUnheard(op) && touch(op.data.id)) {
      touched.set(op.data.id, amended(touched.get(op.data.id), op));
    } else if (op.type === "visit.withdraw") touch(homeOfVisit.get(op.data.id))?.withdrawn.add(op.data.id);
  }
  const alone = touched.size ? homes.filter(({ id }) => !touched.has(id)) : homes;
  return inOrder([...alone, ...Array.from(touched.values(), (home) => finished(home, hamlets))]);
}

const inOrder = (homes) => homes.sort((a, b) => inText(a.order, b.order));

let asTold = { at: null, told: new Map(), homes: [] };

// What the server told a person, and the homes it makes in walking order: the same until something new is told.
function toldTo(person, hamlets) {
  const at = `${person.id} ${cacheVersion()}`;
  if (asTold.at === at) return asTold;
  const told = new Map((owner() === person.id ? households() : []).map((household) => [household.id, household]));
  asTold = { at, told, homes: inOrder(Array.from(told.values(), (household) => standingAlone(household, hamlets))) };
  return asTold;
}

function standingAlone(household, hamlets) {
  const before = untouched.get(household);
  if (before && before.hamlet === (hamlets.get(household.unit_id) ?? null)) return before;
  const home = finished({ ...household, ...untouchedYet() }, hamlets);
  untouched.set(household, home);
  return home;
}

/** Give a home of the list with all that is known of it. */
export function opened(home) {
  if (home?.inside === undefined) return home;
  return finished({ ...whole(home), ...untouchedYet() }, new Map([[home.unit_id, home.hamlet]]));
}

/** Work the homes out a few hundred at a time, so that the page is never held up for long. */
export async function readAhead(person) {
  const hamlets = hamletsOf(person);
  let count = 0;
  for (const household of owner() === person.id ? households() : []) {
    standingAlone(household, hamlets);
    count += 1;
    if (count % AT_A_TIME === 0) await (globalThis.scheduler?.yield?.() ?? new Promise((go) => setTimeout(go)));
  }
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
  const hamlet = hamlets.get(home.unit_id) ?? null;
  return {
    ...rest,
    hamlet,
    visits,
    last_visit: standing[0] ?? null,
    last_interview: interview ?? null,
    ...found(home, interview),
    order: [hamletKey(hamlet), home.walk ?? addressKey(home.address ?? "\uffff"), inNumbers(home.code ?? "\uffff"), home.id].join("\u0001"),
  };
}

// How a home is found: as the cache tells, or worked out when it is first asked for.
function found(home, interview) {
  let keys = home.finds ? home : null;
  const all = () => (keys ??= searchKeys(home, interview?.members));
  return { searched: () => all().finds, calls: () => all().called };
}

const hamletKeys = new Map();

function hamletKey(hamlet) {
  const name = hamlet?.name ?? "\uffff";
  if (!hamletKeys.has(name)) hamletKeys.set(name, inNumbers(placeKey(name)));
  return hamletKeys.get(name);
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
