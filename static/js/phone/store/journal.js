// The journal: an append-only database of all that a person did on this phone. Its schema is frozen at
// version 1; nothing in it is ever changed but for the names of a home that took back its consent (forgetting.js),
// and only drafts that a later draft replaced are dropped.
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
// key_id names the key that `body` is locked with (null: not locked). `sealed` is what goes out over the wire
// for an operation or a cancellation, locked for the server alone (sealing.js); null only until the key is known.

import { openDB } from "../../../vendor/idb@8.0.4/idb.js";

const STRICT = { durability: "strict" };

let opened = null;

/** Another tab was faster: the number is given already. */
export class NumberTaken extends Error {}

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
 * An entry with a `device_seq` that is not above all earlier ones makes the whole fail with NumberTaken.
 */
export async function append(entries) {
  const transaction = (await open()).transaction("records", "readwrite", STRICT);
  transaction.done.catch(() => {}); // a failed request below has thrown already
  const store = transaction.objectStore("records");
  const last = await store.index("device_seq").openKeyCursor(null, "prev");
  if (entries.some(({ device_seq: seq }) => seq && seq <= (last?.key ?? 0))) {
    await transaction.done;
    throw new NumberTaken();
  }
  const written = [];
  for (const { author_id = null, device_seq = null, kind, body, sealed = null } of entries) {
    const record = { author_id, device_seq, kind, key_id: null, body, sealed };
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

/** Put other bodies in the place of some, `[[n, body]]`, once the server has the first; what was sealed goes too. */
export async function rewrite(bodies) {
  if (!bodies.length) return;
  const transaction = (await open()).transaction("records", "readwrite", STRICT);
  await Promise.all(bodies.map(async ([n, body]) => {
    const record = await transaction.store.get(n);
    if (record) await transaction.store.put({ ...record, body, sealed: null });
  }));
  await transaction.done;
}

/** Drop drafts that a later record replaced; everything else stays. */
export async function dropDrafts(numbers) {
  if (!numbers.length) return;
  const transaction = (await open()).transaction("records", "readwrite", STRICT);
  await Promise.all(numbers.map((n) => transaction.store.delete(n)));
  await transaction.done;
}
