// The cache: the team's households and teams as the server last told. Disposable; rebuilt beside the old
// one (a new generation) and swapped in only when it is whole. Where its owner has a PIN, homes lie in encrypted blocks,
// one for each page pulled, read in their order; they are put together anew when there are too many.

import { deleteDB, openDB } from "../../../vendor/idb@8.0.4/idb.js";
import { bytesOf, keyIdOf, lock, read } from "./lock.js";
import { addressKey, searchKeys } from "../rules/searching.js";

const EMPTY = { generation: 0, cursor: null, epoch: null, user_id: null, pulled_at: null };

const PART = 500;
const BLOCK = 250; // homes
const SCATTERED = 20; // blocks more than needed

let opened = null;
let current = EMPTY;
let building = null;
let broken = false;
let versions = 0;
let blocks = 0; // the highest number given to one
const items = new Map();

const keyOf = ({ kind, id }) => (kind === "team" ? `team ${id}` : `household ${id}`);
const range = (generation) => IDBKeyRange.bound([generation, ""], [generation, "\uffff"]);

function database() {
  opened ??= openDB("cache", 1, {
    blocking: (_current, _wanted, event) => shut(event.target),
    terminated: () => shut(),
    upgrade(made) {
      made.createObjectStore("items", { keyPath: ["generation", "key"] });
      made.createObjectStore("meta");
    },
  });
  opened.catch(() => shut());
  return opened;
}

// Someone deletes the database, or the browser took it away: what is in memory serves until the next pull, which
// starts from the beginning in a new one.
function shut(connection = null) {
  versions += 1;
  connection?.close();
  opened = null;
  building = null;
  broken = true;
  current = { ...current, cursor: null, epoch: null };
}

// A pull that had begun in a database that is gone must not go on in a new one.
async function writing() {
  if (broken) throw new DOMException("the cache is gone", "InvalidStateError");
  return (await database()).transaction(["items", "meta"], "readwrite");
}

/** Open the database and read the current generation into memory; one that cannot be read is made anew. */
export async function open() {
  try {
    await load();
  } catch {
    shut();
    await deleteDB("cache").catch(() => {});
  }
}

async function load() {
  const db = await database();
  current = (await db.get("meta", "current")) ?? EMPTY;
  versions += 1;
  items.clear();
  let [from, locked, plain] = [[current.generation, ""], 0, 0];
  for (;;) { // in parts, so that a large team's homes do not hold up the page
    const part = await db.getAll("items", IDBKeyRange.bound(from, [current.generation, "\uffff"], true), PART);
    for (const { key, item, key_id, bytes } of part) {
      if (bytes) {
        for (const each of await told(key_id, bytes)) hold(each);
        blocks = Math.max(blocks, Number(key.slice("block ".length)));
        locked += 1;
      } else {
        items.set(key, item);
        plain += 1;
      }
    }
    if (part.length < PART) break;
    from = [current.generation, part.at(-1).key];
  }
  const hasPin = keyIdOf(current.user_id) !== null;
  if (hasPin ? plain > 0 || locked > items.size / BLOCK + SCATTERED : locked > 0) await repack(hasPin);
}

async function told(keyId, bytes) {
  const text = await read(keyId, bytes);
  if (!text) throw new DOMException("locked with a key that is gone", "InvalidStateError");
  return JSON.parse(new TextDecoder().decode(text));
}

function hold(item) {
  if (item.kind === "evict") items.delete(keyOf(item));
  else items.set(keyOf(item), item);
}

async function blockOf(generation, some) {
  const user = (building ?? current).user_id;
  const bytes = await lock(user, bytesOf(JSON.stringify(some)));
  blocks += 1;
  return { generation, key: `block ${String(blocks).padStart(8, "0")}`, key_id: keyIdOf(user), bytes };
}

/** Write all homes anew, in blocks under their owner's key or as they are; all of it or nothing. */
export async function repack(inBlocks) {
  const all = [...items.values()];
  const { generation } = current;
  const written = [];
  if (!inBlocks) for (const item of all) written.push({ generation, key: keyOf(item), item });
  else for (let at = 0; at < all.length; at += BLOCK) written.push(await blockOf(generation, all.slice(at, at + BLOCK)));
  const transaction = await writing();
  const store = transaction.objectStore("items");
  store.delete(range(generation));
  for (const each of written) store.put(each);
  await transaction.done;
}

/** Give a number that grows with every change of what is told. */
export const version = () => versions;

/** Give where the last pull ended: `{cursor, epoch, user_id, pulled_at}`. */
export const position = () => building ?? current;
export const owner = () => current.user_id;
export const pulledAt = () => current.pulled_at;

/**
 * Start a new generation for a person; their old one stays in use until `finish`. Where they have none, each page
 * is of use as soon as it is here.
 */
export async function rebuild(userId) {
  broken = false;
  const next = { ...EMPTY, generation: current.generation + 1, user_id: userId };
  const transaction = (await database()).transaction(["items", "meta"], "readwrite");
  if (current.user_id === userId) {
    transaction.objectStore("items").delete(range(next.generation));
    building = next;
  } else {
    transaction.objectStore("items").clear();
    transaction.objectStore("meta").put(next, "current");
    building = null;
    current = next;
    items.clear();
    versions += 1;
  }
  await transaction.done;
}

/** Take in one page of a pull together with its cursor. */
export async function take(page) {
  const target = { ...position(), cursor: page.cursor, epoch: page.epoch };
  const kept = page.items.map((item) => (item.kind === "household" ? prepared(item) : item));
  const { generation } = target;
  const block = kept.length && keyIdOf(target.user_id) !== null ? await blockOf(generation, kept) : null;
  const transaction = await writing();
  const store = transaction.objectStore("items");
  const live = building === null;
  if (block) store.put(block);
  for (const item of kept) {
    if (!block && item.kind === "evict") store.delete([generation, keyOf(item)]);
    else if (!block) store.put({ generation, key: keyOf(item), item });
    if (live) hold(item);
  }
  if (live) transaction.objectStore("meta").put(target, "current");
  await transaction.done;
  versions += 1;
  if (live) current = target;
  else building = target;
}

// All homes are read at each start; so what a list needs stands open, how a home is found and where it stands in its
// street are worked out once, and the rest is a text that is read when the home is opened.
function prepared(item) {
  const { last_visit: last, last_interview: interview, revisions, ...open } = item;
  const inside = { revisions, last_visit: last, last_interview: interview };
  const met = interviewOf(inside);
  return {
    ...open, last_visit: last && brief(last), last_interview: met && brief(met),
    walk: addressKey(item.address ?? "\uffff"), ...searchKeys(item, met?.members), inside: JSON.stringify(inside),
  };
}

const brief = ({ id, outcome, status, visited_on, next_visit_on, recorded_at }) =>
  ({ id, outcome, status, visited_on, next_visit_on, recorded_at });

// The feed names the last interview apart only where the last visit was none.
const interviewOf = ({ last_visit: last, last_interview: interview }) =>
  interview ?? (last?.outcome === "interviewed" ? last : null);

/** Give a household with all that was told of it. */
export function whole({ inside, ...open }) {
  if (inside === undefined) return open;
  const all = JSON.parse(inside);
  return { ...open, ...all, last_interview: interviewOf(all) };
}

/** Note that everything was pulled; a generation being built takes the place of the old one. */
export async function finish() {
  const pulled = { ...position(), pulled_at: new Date().toISOString() };
  const transaction = await writing();
  transaction.objectStore("meta").put(pulled, "current");
  if (building) transaction.objectStore("items").delete(range(current.generation));
  await transaction.done;
  const swapped = building !== null;
  building = null;
  current = pulled;
  versions += 1;
  if (swapped) await load();
}

/** Forget all homes: whoever signed out may hand the phone on. The journal keeps what is not sent. */
export async function empty() {
  const transaction = (await database()).transaction(["items", "meta"], "readwrite");
  transaction.objectStore("items").clear();
  transaction.objectStore("meta").clear();
  await transaction.done;
  building = null;
  await load();
}

/** Read what another tab has pulled. */
export const refresh = () => load();

const ofKind = (kind) => [...items.values()].filter((item) => item.kind === kind);
export const households = () => ofKind("household");
export const teams = () => ofKind("team");
