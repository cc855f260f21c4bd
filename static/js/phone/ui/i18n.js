// Words in the person's language. English is the message id itself; other languages are a file of
// {message: translation} that the server makes from translations/.

let catalogue = {};
let lang = "vi";

/** Load a language; a file that cannot be had leaves English. */
export async function load(language, root) {
  lang = language;
  document.documentElement.lang = language;
  try {
    const response = await fetch(`${root}/i18n/${language}.json`);
    catalogue = response.ok ? await response.json() : {};
  } catch {
    catalogue = {};
  }
}

export const language = () => lang;

/** Give how days, times and numbers are written: English the British way. */
export const locale = () => (lang === "en" ? "en-GB" : lang);

/** Translate a message and fill its `{names}`. */
export function t(message, values = {}) {
  return (catalogue[message] ?? message).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Write a whole number as the language does: 1.234 in Vietnamese, 1,234 in English. */
export const number = (value) => new Intl.NumberFormat(locale()).format(value);
