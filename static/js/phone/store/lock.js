// The lock. With a PIN, what people said is kept under a key of its own, which the PIN alone gives back. The key lies in
// the journal, wrapped; how a PIN is set, changed, removed and forgotten is in later/locking.js.

const AES = "AES-GCM";
const NONCE = 12;

/** How often PBKDF2-SHA-256 goes round for a new PIN: about a second on a cheap phone; kept with each key. */
export const ROUNDS = 600_000;

const wraps = new Map(); // author: their key as it lies in the journal, `{key_id, salt, rounds, digits, wrapped}`
let held = null; // the key given back: `{author, id, key}`

export const bytesOf = (text) => new TextEncoder().encode(text);

/** Note whose key lies in the journal, as its records tell in order; `key_id` null: this person has no PIN any more. */
export function noteKey({ author_id: author, body }) {
  if (body.key_id === null) wraps.delete(author);
  else wraps.set(author, body);
}

/** Begin anew with what the journal says. */
export function noteKeys(records) {
  wraps.clear();
  records.forEach(noteKey);
}

export const wrapOf = (author) => wraps.get(author) ?? null;

/** Say whether somebody has a PIN and it was not given yet. */
export const isShut = (author) => wraps.has(author) && wraps.get(author).key_id !== held?.id;

/** Name the key that a person's records are locked with; null where there is none. */
export const keyIdOf = (author) => wraps.get(author)?.key_id ?? null;

/** Encrypt bytes; the nonce stands before them. */
export async function encrypt(key, bytes) {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE));
  const whole = new Uint8Array(NONCE + bytes.length + 16);
  whole.set(iv);
  whole.set(new Uint8Array(await crypto.subtle.encrypt({ name: AES, iv }, key, bytes)), NONCE);
  return whole;
}

/** Decrypt what `encrypt` made; fails with another key. */
export const decrypt = async (key, whole) =>
  new Uint8Array(await crypto.subtle.decrypt({ name: AES, iv: whole.subarray(0, NONCE) }, key, whole.subarray(NONCE)));

export const asKey = (raw) => crypto.subtle.importKey("raw", raw, AES, false, ["encrypt", "decrypt"]);

/** Make the key that a PIN stands for. */
export async function stretched(pin, { salt, rounds }) {
  const base = await crypto.subtle.importKey("raw", bytesOf(pin.trim().normalize()), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds };
  return crypto.subtle.deriveKey(how, base, { name: AES, length: 256 }, false, ["encrypt", "decrypt"]);
}

/** Give the key itself for the right PIN; null for a wrong one. */
export async function unwrapped(author, pin) {
  const wrap = wraps.get(author);
  return decrypt(await stretched(pin, wrap), wrap.wrapped).catch(() => null);
}

/** Hold a person's key from now on. */
export async function hold(author, id, raw) {
  held = { author, id, key: await asKey(raw) };
}

/** Lock bytes with a person's key; null where they have none. */
export async function lock(author, bytes) {
  if (!wraps.has(author)) return null;
  if (isShut(author)) throw new DOMException("locked", "InvalidStateError");
  return encrypt(held.key, bytes);
}

/** Read bytes that lie under a key; null where that key is not held. */
export const read = async (keyId, bytes) => (held && keyId === held.id ? decrypt(held.key, bytes) : null);
