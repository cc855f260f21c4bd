// What this phone knows of itself and of who holds it: small things that must be at hand at once.

const KEYS = {
  device: "tung-nha.device", // written at sign-in too, see js/sign-in.js
  me: "tung-nha.me",
  seq: "tung-nha.last-seq",
  lang: "tung-nha.lang",
  look: "tung-nha.look",
  toured: "tung-nha.toured",
  keys: "tung-nha.keys",
  canary: "tung-nha.canary",
  tries: "tung-nha.tries",
  forgot: "tung-nha.forgot",
};

/** Make a UUID of version 7 (RFC 9562), so that ids sort by the time they were made. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const now = Date.now();
  for (let i = 0; i < 6; i += 1) bytes[i] = Math.floor(now / 2 ** (40 - 8 * i)) & 0xff;
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export const deviceId = () => localStorage.getItem(KEYS.device);
export const keepDeviceId = (id) => localStorage.setItem(KEYS.device, id);

function kept(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

let entered = /(?:^|; )person=([^;]+)/.exec(document.cookie)?.[1]; // whom the server's sign-in page let in last

/**
 * Give who signed in last on this phone, `{id, name, role, teams}`, or null; null too where somebody else has come in
 * since and the app has not yet heard who, so that nothing of the one before comes in sight.
 */
export function me() {
  const user = kept(KEYS.me);
  return entered && user?.id !== entered ? null : user;
}

/** Keep who is signed in, as the server says. */
export function keepMe(user) {
  localStorage.setItem(KEYS.me, JSON.stringify(user));
  entered = user.id;
  document.cookie = `person=${user.id}; path=/phone/; max-age=31536000; samesite=lax`;
}
export const forgetMe = () => localStorage.removeItem(KEYS.me);

/** The highest number this phone has given to an operation, kept apart from the journal to notice a loss. */
export const lastSeq = () => Number(localStorage.getItem(KEYS.seq) ?? 0);
export const keepLastSeq = (seq) => localStorage.setItem(KEYS.seq, String(Math.max(seq, lastSeq())));

/** The mark that the journal carries too, so that its absence there tells that the browser cleared it. */
export const canary = () => localStorage.getItem(KEYS.canary);
export const keepCanary = (id) => localStorage.setItem(KEYS.canary, id);

/** Wrong PINs in a row of a person, `{count, at}`, and who has signed out because they forgot theirs. */
export const triesOf = (author) => kept(KEYS.tries)?.[author] ?? { count: 0, at: 0 };
export const keepTries = (author, tries) =>
  localStorage.setItem(KEYS.tries, JSON.stringify({ ...kept(KEYS.tries), [author]: tries }));
export const forgot = () => localStorage.getItem(KEYS.forgot);
export const keepForgot = (author) => localStorage.setItem(KEYS.forgot, author);

export const chosenLanguage = () => localStorage.getItem(KEYS.lang);
const PLAIN = { size: "normal", theme: "system", contrast: "normal" };

/** Give how the person wants the app to look: `{size, theme, contrast}`. */
export const look = () => ({ ...PLAIN, ...kept(KEYS.look) });

/** Keep how the app should look, and show it so. */
export function chooseLook(chosen) {
  localStorage.setItem(KEYS.look, JSON.stringify(chosen));
  showLook();
}

/** Put the chosen look on the page, where the styles read it. */
export function showLook() {
  const { dataset } = document.documentElement;
  for (const [part, value] of Object.entries(look())) {
    if (value === PLAIN[part]) delete dataset[part];
    else dataset[part] = value;
  }
}

/** Say whether this phone's tour has been seen or waved away. */
export const isToured = () => localStorage.getItem(KEYS.toured) !== null;
export const keepToured = () => localStorage.setItem(KEYS.toured, "1");

/** Say whether the app runs installed rather than in a tab. */
export const isInstalled = () => matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;

/** Say whether this is an iPhone or iPad in a browser's tab, whose storage is not that of the installed app. */
export function mustInstall() {
  const isApple = /iPhone|iPad|iPod/.test(navigator.userAgent) || (/Mac/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);
  return isApple && !isInstalled();
}

export const chooseLanguage = (lang) => localStorage.setItem(KEYS.lang, lang);

/**
 * What a person's records are sealed with on this device: `{id, secret, sealing_key}`, or null before they
 * have signed in here. It outlives signing out: the records do too.
 */
export function keysOf(author) {
  const keys = kept(KEYS.keys)?.[author];
  return keys?.id === deviceId() ? keys : null;
}
export const keepKeys = (author, keys) =>
  localStorage.setItem(KEYS.keys, JSON.stringify({ ...kept(KEYS.keys), [author]: keys }));

const NEEDED = 5 * 1024 * 1024; // a large team's homes, twice, for a new cache is built beside the old one

/** Say whether there is room to fetch homes; a browser that does not tell is taken at its best. */
export async function hasRoom() {
  const { quota, usage } = await estimate();
  return quota === undefined || quota - usage > NEEDED;
}

/** Give `{quota, usage}` in bytes, as far as the browser tells. */
export async function estimate() {
  return (await navigator.storage?.estimate?.().catch(() => null)) ?? {};
}

/** Ask the browser to keep the records when space runs short: true, false, or null where it cannot be asked. */
export async function persist() {
  const { storage } = navigator;
  if (!storage?.persist) return null;
  return (await storage.persisted()) || storage.persist();
}
