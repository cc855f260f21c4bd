// Finding homes as one types, in whatever way a phone's keyboard gives the words, and putting them in walking order.

import { fold } from "./naming.js";

const VOWEL = /[aeiouwy]/;
const HOUSE = /^(?:(?:so|nha|sn) )*(\d[\w/.-]*),? (.+)$/;

/** Read a folded word as raw Telex keys ("nguyeenx", "nguyenex"); itself where it is none. */
export function telex(word) {
  const first = word.search(VOWEL);
  if (first < 0) return word;
  return (word.slice(0, first) + word.slice(first).replace(/[sfrxjz]/g, ""))
    .replace(/^d(.*)d/, "d$1")
    .replace(/([aou])w/g, "$1")
    .replaceAll("w", "u")
    .replace(/([aeo])\1/g, "$1")
    .replace(/([aeo])([^aeiouy]+)\1$/, "$1$2");
}

/** Give the words of a query, each with the ways in which it may be meant. */
export const wanted = (query) => fold(query).split(" ").filter(Boolean).map((word) => [...new Set([word, telex(word)])]);

/**
 * Say how near a text that is folded, with a space at both ends, stands to the words wanted: 0 all whole words, 1 beginnings, 2 inside; null not.
 * A single word that is one of what `calls` gives (a given name, a code) is nearest of all.
 */
export function nearness(words, folded, calls = () => []) {
  let worst = 0;
  for (const ways of words) {
    let near = 3;
    for (const way of ways) near = Math.min(near, nearest(way, folded));
    if (near === 3) return null;
    worst = Math.max(worst, near);
  }
  return words.length === 1 && words[0].some((way) => calls().includes(way)) ? -1 : worst;
}

// Looks at the letters around each place: this runs over every home at every key typed.
function nearest(word, folded) {
  let best = 3;
  for (let at = folded.indexOf(word); at >= 0 && best > 0; at = folded.indexOf(word, at + 1)) {
    const near = folded[at - 1] !== " " ? 2 : Number(folded[at + word.length] !== " ");
    if (near < best) best = near;
  }
  return best;
}

/**
 * Give what a home is found by, folded: `finds`, all of it with a space at both ends, a phone number as its digits alone;
 * `called`, what it is called by.
 */
export function searchKeys({ head_name: head, code, address, phone }, members = []) {
  const parts = [head, code, address, phone?.replace(/\D/g, ""), ...members.map(({ label }) => label)];
  return {
    finds: ` ${fold(parts.filter(Boolean).join(" ").replaceAll(",", " "))} `,
    called: [fold(head ?? "").split(" ").at(-1), fold(code ?? "")],
  };
}

/** Give a key that puts texts with numbers in them in the order in which people read them: 9 before 10. */
export const inNumbers = (text) => text.replace(/\d+/g, (digits) => digits.padStart(6, "0"));

/** Give a key that puts addresses in walking order: by street, then by the house's number. */
export function addressKey(address) {
  const folded = fold(address);
  const [, house, street] = HOUSE.exec(folded) ?? [null, "", folded];
  return inNumbers(`${street} ${house}`);
}
