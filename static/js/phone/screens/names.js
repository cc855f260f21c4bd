// How homes, people and days are called on the screens.

import { ageIn } from "../rules/observations.js";
import { dateOf, daysBetween, today, written } from "../rules/dates.js";
import { t } from "../ui/i18n.js";
import { word } from "../ui/words.js";

/** Call a home: by its head, by its code where no name is kept, otherwise by when it was registered. */
export function homeName({ head_name: head, code, id }) {
  return head ?? (code ? t("Home {code}", { code }) : t("Home of {time}", { time: bornAt(id) }));
}

// When an id was made: UUIDs of version 7 begin with the milliseconds since 1970. It never changes, and two
// phones that know nothing of each other do not choose the same.
function bornAt(id) {
  const instant = new Date(parseInt(id.replace("-", "").slice(0, 12), 16));
  const time = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Ho_Chi_Minh", hour: "2-digit", minute: "2-digit" });
  return `${shortly(dateOf(instant))} ${time.format(instant)}`;
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

// A date without the year where that is this one.
function shortly(date) {
  const [year, month, day] = date.split("-");
  return year === today().slice(0, 4) ? `${day}/${month}` : written(date);
}

/** Say for when the next visit is planned, and by how much that day has passed. */
export function plannedWords(date) {
  const late = daysBetween(date, today());
  if (late > 1) return t("Planned {date}, {days} days late", { date: shortly(date), days: late });
  return t("Planned {day}", { day: Math.abs(late) <= 1 ? dayWords(date) : shortly(date) });
}

/** Say that a home has no visit that stands: it never had one, or each was withdrawn or returned. */
export const noVisitWords = (home) => (home.visits.length ? t("No visit stands") : t("Not visited yet"));

export const OUTCOME_ICONS = {
  interviewed: "message-circle", absent: "door-closed", refused: "hand", moved: "truck",
};
