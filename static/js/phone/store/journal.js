// The journal: an append-only database of all that a person did on this phone. Its schema is frozen at
// version 1; nothing in it is ever changed, and only drafts that a later draft replaced are dropped.
//
// Records: {n, author_id, device_seq, kind, key_id, body, sealed}
//   operation     body = {op_id, type, recorded_at, replaces, data}; carries the device's next number
//   attempt       body = {op_ids, at}: written before a request, so that "was it ever sent?" survives
//   receipt       body = {op_id, outcome, code, message, fields, receipt, epoch, at}
//   cancellation  body = {op_id, at}: undone before any attempt; op.void goes out in its place
//   draft         body = {form, value, at}: a form half filled in; value null once it is done with
//   device        body = {device_id}: this phone's name for itself
// key_id names the key that `body` is locked with (null: not locked); `sealed` is the body locked for
// the server (null: not sealed). Both are filled once a PIN protects the phone.

import { openDB } from "../../../vendor/idb@8.0.4/idb.js";

const STRICT = { durability: "strict" };

let db = null;

/** Open the database, making it if it is not there; other tabs never need to close it. */
export async function open() {
  db = await openDB("journal", 1, {
    upgrade(database) {
      const records = database.createObjectStore("records", { keyPath: "n", autoIncrement: true });
      records.createIndex("kind", "kind");
      records.createIndex("author_id", "author_id");
      records.createIndex("device_seq", "device_seq");
    },
  });
}

/**
 * Append records in one transaction and give them back numbered. When this resolves they are on the disk.
 * Those with `numbered` get the device's next sequence number; two tabs can never get the same one.
 */
export async function append(entries) {
  const transaction = db.transaction("records", "readwrite", STRICT);
  const store = transaction.objectStore("records");
  const last = await store.index("device_seq").openKeyCursor(null, "prev");
  let seq = last?.key ?? 0;
  const written = [];
  for (const { author_id = null, kind, body, numbered = false, atLeast = 0 } of entries) {
    if (numbered) seq = Math.max(seq, atLeast) + 1;
    const record = {
      author_id, device_seq: numbered ? seq : null, kind, key_id: null, body, sealed: null,
    };
    record.n = await store.add(record);
    written.push(record);
  }
  await transaction.done;
  return written;
}

/** Give all records after the n-th, in order. */
export function since(n) {
  return db.getAll("records", IDBKeyRange.lowerBound(n, true));
}

/** Drop drafts that a later record replaced; everything else stays. */
export async function dropDrafts(numbers) {
  if (!numbers.length) return;
  const transaction = db.transaction("records", "readwrite", STRICT);
  await Promise.all(numbers.map((n) => transaction.store.delete(n)));
  await transaction.done;
}
