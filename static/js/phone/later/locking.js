// Setting, changing, removing and forgetting a PIN. Whatever kills the phone half-way, what is kept can be read: the
// journal changes in one transaction, and the cache is never locked with a key that does not lie in the journal.

import * as book from "../store/book.js";
import * as cache from "../store/cache.js";
import { newId } from "../store/device.js";
import * as journal from "../store/journal.js";
import { asKey, bytesOf, encrypt, hold, keyIdOf, noteKey, read, ROUNDS, stretched } from "../store/lock.js";

/** Say what is wrong with a new PIN: `length`, `easy`, or null. */
export function weakness(typed) {
  const pin = typed.trim();
  if (pin.length < 4 || /^\d{9,}$/.test(pin)) return "length";
  return /^(.)\1*$/.test(pin) || "01234567890".includes(pin) || "9876543210".includes(pin) ? "easy" : null;
}

async function wrapped(raw, id, pin) {
  const how = { salt: crypto.getRandomValues(new Uint8Array(16)), rounds: ROUNDS };
  return { key_id: id, ...how, digits: /^\d+$/.test(pin.trim()), wrapped: await encrypt(await stretched(pin, how), raw) };
}

const alone = (run) => navigator.locks.request("sync", run); // no pull and no forgetting of names meanwhile

/** Set a first PIN; false where this person's records cannot be sealed yet, for then a forgotten PIN would lose them. */
export async function setPin(author, pin) {
  await book.sealRest(author);
  if (book.unsent(author).some(({ is_sealed }) => !is_sealed)) return false;
  const [raw, id] = [crypto.getRandomValues(new Uint8Array(32)), newId()];
  const body = await wrapped(raw, id, pin);
  const key = await asKey(raw);
  await alone(async () => {
    await journal.relock(author, body, { relocked: async (record) => {
      if (record.key_id) return record;
      const { told, rest } = book.divided(record);
      return { ...record, key_id: id, body: { ...rest, locked: await encrypt(key, bytesOf(JSON.stringify(told))) } };
    } });
    await hold(author, id, raw);
    noteKey({ author_id: author, body });
    await cache.repack(true);
  });
  return true;
}

/** Put the same key under another PIN. */
export async function changePin(author, raw, pin) {
  const id = keyIdOf(author);
  const body = await wrapped(raw, id, pin);
  await alone(() => journal.relock(author, body, { over: id }));
  noteKey({ author_id: author, body });
}

/** Unlock all for good. */
export async function removePin(author) {
  const id = keyIdOf(author);
  await alone(async () => {
    await cache.repack(false);
    await journal.relock(author, { key_id: null }, { over: id, relocked: async (record) => {
      const { locked, ...rest } = record.body;
      const told = locked && await read(record.key_id, locked);
      return told ? { ...record, key_id: null, body: { ...rest, ...JSON.parse(new TextDecoder().decode(told)) } } : record;
    } });
    noteKey({ author_id: author, body: { key_id: null } });
  });
}

/** Go on without the key of a forgotten PIN: what lies under it is sent as it was sealed. */
export const giveUp = (author) => journal.relock(author, { key_id: null }, {});

