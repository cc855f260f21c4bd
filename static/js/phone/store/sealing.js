// Sealing a record for the server alone: twin of app/core/sealing.py, where the format is described.

const INFO = "tung-nha sealed 1";
const CURVE = { name: "ECDH", namedCurve: "P-256" };
const bytesOf = (text) => new TextEncoder().encode(text);

function written(bytes) {
  const text = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

const readOf = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

// A fresh pair of keys for one record: the key to lock it with, and the point by which the server finds that key.
async function keyFor(theirs) {
  const { subtle } = globalThis.crypto;
  const own = await subtle.generateKey(CURVE, false, ["deriveBits"]);
  const server = await subtle.importKey("raw", readOf(theirs), CURVE, false, []);
  const shared = await subtle.deriveBits({ name: "ECDH", public: server }, own.privateKey, 256);
  const root = await subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const derivation = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: bytesOf(INFO) };
  const key = await subtle.deriveKey(derivation, root, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  return { key, point: await subtle.exportKey("raw", own.publicKey) };
}

let ahead = null; // {theirs, made}: keys for the next record, each for one record only

/** Make the keys for the next record before it is saved, while its form is filled in. */
export function prepare({ sealing_key: theirs }) {
  if (!globalThis.crypto.subtle || ahead?.theirs === theirs) return;
  ahead = { theirs, made: keyFor(theirs) };
  ahead.made.catch(() => {}); // then they are made when they are needed
}

/**
 * Seal a text for the server's `sealing_key`, proven by this device's `secret`; null where the browser
 * cannot (over plain HTTP).
 */
export async function seal(text, { sealing_key: theirs, secret }) {
  const { subtle } = globalThis.crypto;
  if (!subtle) return null;
  const made = ahead?.theirs === theirs ? ahead.made.catch(() => keyFor(theirs)) : keyFor(theirs);
  ahead = null;
  const { key, point } = await made;
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const locked = await subtle.encrypt({ name: "AES-GCM", iv }, key, bytesOf(text));
  const content = [point, iv, locked].map(written).join(".");
  const proof = await subtle.importKey("raw", bytesOf(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return `${content}.${written(await subtle.sign("HMAC", proof, bytesOf(content)))}`;
}
