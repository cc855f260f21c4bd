// How homes, people and days are called on the screens.

import { ageIn } from "../rules/observations.js";
import { daysBetween, today, written } from "../rules/dates.js";
import { t } from "../ui/i18n.js";
import { word } from "../ui/words.js";

/** Call a home: by its head, or by its code where no name is kept. */
export function homeName({ head_name: head, code, id }) {
  return head ?? t("Home {code}", { code: code ?? id.slice(-4) });
}

/** Call a member: by the label, otherwise by what is known. */
export function memberName(member, index, year) {
  if (member.label) return member.label;
  const known = [member.sex !== "unknown" && word("sex", member.sex), ageWords(member, year)].filter(Boolean);
  return known.length ? known.join(", ") : t("Person {number}", { number: index + 1 });
}

/** Say an age, with "about" for a band. */
export function ageWords(member, year) {
  const age = ageIn(year, member);
  if (age === null) return "";
  return member.birth_year_to === null ? t("{age} years old", { age }) : t("about {age} years old", { age });
}

/** Say a day and how long ago it was, for days that are near. */
export function dayWords(date) {
  const ago = daysBetween(date, today());
  if (ago === 0) return t("today");
  if (ago === 1) return t("yesterday");
  if (ago === -1) return t("tomorrow");
  return written(date);
}

/** Say that a home has no visit that stands: it never had one, or each was withdrawn or returned. */
export const noVisitWords = (home) => (home.visits.length ? t("No visit stands") : t("Not visited yet"));

export const OUTCOME_ICONS = {
  interviewed: "message-circle", absent: "door-closed", refused: "hand", moved: "truck",
};
