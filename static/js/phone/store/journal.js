// The journal: an append-only database of all that a person did on this phone. Its schema is frozen at
// version 1; nothing in it is ever changed but for the names of a home that took back its consent (forgetting.js) and
// bodies that a PIN locks or unlocks (later/locking.js), and only what a later draft or key replaced is dropped.
//
// Records: {n, author_id, device_seq, kind, key_id, body, sealed}
//   operation     body = {op_id, type, recorded_at, replaces, data}; carries the device's next number
//   attempt       body = {op_ids, at}: written before a request, so that "was it ever sent?" survives
//   receipt       body = {op_id, outcome, code, message, fields, receipt, epoch, at}
//   cancellation  body = {op_id, at}: undone before any attempt; op.void goes out in its place
//   again         body = {op_ids, epoch, at}: the server no longer has these; their receipts are void
//   draft         body = {form, value, at}: a form half filled in; value null once it is done with
//   device        body = {device_id}: this phone's name for itself
//   canary        body = {id}: a mark kept outside too; where it is missing here, the browser cleared this
//   key           body = {key_id, salt, rounds, digits, wrapped}: the key of its author's PIN (lock.js); key_id null: none
// key_id names the key that `body` is locked with (null: not locked): type and data of an operation, the value of a
// draft then lie encrypted in `body.locked`, and the rest of it stays as it is. `sealed` is what goes out over the wire
// for an operation or a cancellation, locked for the server alone (sealing.js); null only until the key is known.

import { openDB } from "../../../vendor/idb@8.0.4/idb.js";

const STRICT = { durability: "strict" };

/** Kinds whose bodies tell of people. */
export const LOCKABLE = ["operation", "draft"];

let opened = null;

/** Another tab was faster: the number is given already. */
export class NumberTaken extends Error {}

/** Another tab has set or removed a PIN meanwhile. */
export class KeyChanged extends Error {}

/** Open the database, making it if it is not there; other tabs never need to close it. */
export async function open() {
  opened ??= openDB("journal", 1, {
    terminated() {
      opened = null; // the browser took it away; the next use opens it, or what is left of it, again
    },
    upgrade(database) {
      const records = database.createObjectStore("records", { keyPath: "n", autoIncrement: true });
      records.createIndex("kind", "kind");
      records.createIndex("author_id", "author_id");
      records.createIndex("device_seq", "device_seq");
    },
  });
  opened.catch(() => {
    opened = null;
  });
  return opened;
}

/**
 * Append records in one transaction and give them back with their `n`. When this resolves they are on the disk.
 * An entry with a `device_seq` that is not above all earlier ones makes the whole fail with NumberTaken, an operation or
 * draft that is not locked as its author now wants it with KeyChanged.
 */
export async function append(entries) {
  const transaction = (await open()).transaction("records", "readwrite", STRICT);
  transaction.done.catch(() => {}); // a failed request below has thrown already
  const store = transaction.objectStore("records");
  const [last, keys] = await Promise.all([store.index("device_seq").openKeyCursor(null, "prev"), store.index("kind").getAll("key")]);
  const keyOf = (author) => keys.findLast(({ author_id }) => author_id === author)?.body.key_id ?? null;
  const stale = entries.some(({ kind, author_id, key_id = null }) => LOCKABLE.includes(kind) && key_id !== keyOf(author_id));
  if (stale || entries.some(({ device_seq: seq }) => seq && seq <= (last?.key ?? 0))) {
    await transaction.done;
    throw stale ? new KeyChanged() : new NumberTaken();
  }
  const written = [];
  for (const { author_id = null, device_seq = null, kind, key_id = null, body, sealed = null } of entries) {
    const record = { author_id, device_seq, kind, key_id, body, sealed };
    record.n = await store.add(record);
    written.push(record);
  }
  await transaction.done;
  return written;
}

/** Give all records after the n-th, in order. */
export async function since(n) {
  return (await open()).getAll("records", IDBKeyRange.lowerBound(n, true));
}

/** Give the keys of all PINs, in order. */
export async function keys() {
  return (await open()).getAllFromIndex("records", "kind", "key");
}

/** Give what some records carry sealed for the server, in order; null where they are not sealed yet. */
export async function sealedOf(numbers) {
  const { store } = (await open()).transaction("records");
  return Promise.all(numbers.map(async (n) => (await store.get(n))?.sealed ?? null));
}

/** Seal a record that could not be when it was written: `sealed` goes from null to a text, once. */
export async function keepSealed(n, sealed) {
  const transaction = (await open()).transaction("records", "readwrite", STRICT);
  const record = await transaction.store.get(n);
  if (record && record.sealed === null) await transaction.store.put({ ...record, sealed });
  await transaction.done;
}

/** Put other bodies in the place of some, `[{n, key_id, body}]`, once the server has the first; what was sealed goes too. */
export async function rewrite(bodies) {
  if (!bodies.length) return;
  const transaction = (await open()).transaction("records", "readwrite", STRICT);
  await replace(transaction.store, bodies, { sealed: null });
  await transaction.done;
}

const replace = (store, bodies, others = {}) => Promise.all(bodies.map(async ({ n, key_id, body }) => {
  const record = await store.get(n);
  if (record) await store.put({ ...record, key_id, body, ...others });
}));

/**
 * Put down a person's key (`body`, in the place of those named `over`) and lock or unlock all that they have written, all
 * of it or nothing: `relocked(record)` gives `{n, key_id, body}`. What is written meanwhile makes it begin again.
 */
export async function relock(author, body, { over = null, relocked = null }) {
  const db = await open();
  for (;;) {
    const newest = await db.transaction("records").store.openKeyCursor(null, "prev");
    const records = await db.getAllFromIndex("records", "author_id", author);
    const bodies = relocked ? await Promise.all(records.filter(({ kind }) => LOCKABLE.includes(kind)).map(relocked)) : [];
    const transaction = db.transaction("records", "readwrite", STRICT);
    const { store } = transaction;
    const isSame = (await store.openKeyCursor(null, "prev"))?.key === newest?.key;
    if (isSame) {
      await replace(store, bodies);
      for (const { n, kind, body: { key_id } } of records) if (kind === "key" && key_id && key_id === over) store.delete(n);
      store.add({ author_id: author, device_seq: null, kind: "key", key_id: null, body, sealed: null });
    }
    await transaction.done;
    if (isSame) return;
  }
}

/** Drop drafts that a later record replaced; everything else stays. */
export async function dropDrafts(numbers) {
  if (!numbers.length) return;
  const transaction = (await open()).transaction("records", "readwrite", STRICT);
  await Promise.all(numbers.map((n) => transaction.store.delete(n)));
  await transaction.done;
}
