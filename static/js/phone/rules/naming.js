// How names are searched and put in order: twin of app/rules/naming.py, both held to tests/cases/naming.json.

const TONES = { "\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5" };
const LETTERS = { ă: "az", â: "azz", đ: "dz", ê: "ez", ô: "oz", ơ: "ozz", ư: "uz" };
const SORT_KEY_AT_MOST = 160;

/** Tidy a text for keeping: NFC, single spaces, none outside. */
export function normalise(text) {
  return text.normalize("NFC").replace(/\s+/g, " ").trim();
}

/** Fold a text for searching: lower case, no accents, đ as d, single spaces. "Hoà" and "Hòa" fold alike. */
export function fold(text) {
  const bare = text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
  return bare.replaceAll("đ", "d").replace(/\s+/g, " ").trim();
}

/** Say whether every word of `query` stands somewhere in a text that is folded already. */
export function standsIn(query, folded) {
  return fold(query).split(" ").every((word) => folded.includes(word));
}

/** Say whether every word of `query` occurs somewhere in `texts`; an empty query matches everything. */
export function matches(query, ...texts) {
  return standsIn(query, texts.filter(Boolean).map(fold).join(" "));
}

/**
 * Give a key that sorts people by given name (the last word), then by the words before it.
 * Letters go by the Vietnamese alphabet; only where all letters agree do the tones decide, one digit a word.
 */
export function sortKey(name) {
  const words = normalise(name).toLowerCase().split(" ");
  return key([words.at(-1), ...words.slice(0, -1)]);
}

/** Give a key that sorts places by their words as they stand. */
export function placeKey(name) {
  return key(normalise(name).toLowerCase().split(" "));
}

function key(words) {
  return `${words.map(letters).join(" ")} ${words.map(tone).join("")}`.slice(0, SORT_KEY_AT_MOST);
}

function letters(word) {
  const toneless = [...word.normalize("NFD")].filter((mark) => !(mark in TONES)).join("");
  return [...toneless.normalize("NFC")].map((letter) => LETTERS[letter] ?? fold(letter)).join("");
}

function tone(word) {
  const mark = [...word.normalize("NFD")].find((each) => each in TONES);
  return mark ? TONES[mark] : "0";
}
