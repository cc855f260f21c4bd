// What a visit must say before it can be kept, and how a new one starts from the last. The checks are a twin
// of app/rules/observations.py, both held to tests/cases/observations.json.

import { daysBetween } from "./dates.js";

const MEMBERS_AT_MOST = 100;
const PEOPLE_AT_MOST = 1000;
export const NOTE_AT_MOST = 2000;
export const LABEL_AT_MOST = 60;
const MEMBER_ID_AT_MOST = 36;
const BAND_AT_MOST = 10;
const EARLIEST_BIRTH_YEAR = 1890;
const ONLY_WHEN_INTERVIEWED = ["fibre", "other_smart_device", "members"];

/** Count characters as the server does: by code point. */
const length = (text) => [...(text ?? "")].length;

/** Give the birth year someone counts by: the year itself, or the floor of the middle of its band. */
export function middle(birthYear, birthYearTo = null) {
  if (birthYear === null) return null;
  return birthYearTo === null ? birthYear : Math.floor((birthYear + birthYearTo) / 2);
}

/**
 * Give what is wrong with a visit (visit.record's data): field to codes, empty where it is sound.
 * `receivedOn` is the Vietnamese date on which it is judged. Fields of members and topics are named by their
 * place: `members.2.birth_year`.
 */
export function problems(visit, receivedOn) {
  const found = {};
  const add = (field, code) => {
    (found[field] ??= []).push(code);
  };
  if (daysBetween(receivedOn, visit.visited_on) > 1) add("visited_on", "visit.in_future");
  if (visit.outcome !== "interviewed") {
    for (const field of ONLY_WHEN_INTERVIEWED) {
      const value = visit[field] ?? null;
      if (value !== null && !(Array.isArray(value) && value.length === 0)) add(field, "visit.only_when_interviewed");
    }
  }
  checkMembers(add, visit.members ?? [], Number(visit.visited_on.slice(0, 4)));
  checkTopics(add, visit.topics ?? []);
  if (length(visit.note) > NOTE_AT_MOST) add("note", "visit.note_too_long");
  return found;
}

function checkMembers(add, members, visited) {
  if (members.length > MEMBERS_AT_MOST) add("members", "visit.too_many_members");
  const seen = new Set();
  members.forEach((member, place) => {
    const at = `members.${place}`;
    if (length(member.id) < 1 || length(member.id) > MEMBER_ID_AT_MOST) add(`${at}.id`, "member.id_length");
    if (seen.has(member.id)) add(`${at}.id`, "member.repeated");
    seen.add(member.id);
    if (length(member.label) > LABEL_AT_MOST) add(`${at}.label`, "member.label_too_long");
    checkBirth(add, at, member.birth_year ?? null, member.birth_year_to ?? null, visited);
  });
}

function checkBirth(add, at, year, to, visited) {
  if (year !== null && year > visited) add(`${at}.birth_year`, "member.born_later");
  if (year !== null && year < EARLIEST_BIRTH_YEAR) add(`${at}.birth_year`, "member.born_too_early");
  if (to === null) return;
  if (year === null || to < year) add(`${at}.birth_year_to`, "member.band_backwards");
  else if (to - year > BAND_AT_MOST) add(`${at}.birth_year_to`, "member.band_too_wide");
  if (to > visited) add(`${at}.birth_year_to`, "member.born_later");
}

function checkTopics(add, topics) {
  const seen = new Set();
  topics.forEach(({ topic, people }, place) => {
    if (seen.has(topic)) add(`topics.${place}.topic`, "topic.repeated");
    seen.add(topic);
    if (people < 0 || people > PEOPLE_AT_MOST) add(`topics.${place}.people`, "topic.people_out_of_range");
  });
}

/** Make an empty member of the household, everything still unknown. */
export function blankMember(id) {
  return {
    id, label: null, sex: "unknown", birth_year: null, birth_year_to: null,
    phone: "unknown", account: "unknown", skills: null,
  };
}

/** Give the observations that a new visit starts with: those of the last interview, or nothing known. */
export function observationsFrom(last) {
  return {
    fibre: last?.fibre ?? "unknown",
    other_smart_device: last?.other_smart_device ?? null,
    members: (last?.members ?? []).map((member) => ({ ...blankMember(member.id), ...member })),
  };
}

/** Estimate an age in a year: a band counts by the floor of its middle; null when the year is unknown. */
export function ageIn(year, member) {
  const born = middle(member.birth_year, member.birth_year_to);
  return born === null ? null : year - born;
}

/**
 * Shape a visit for the wire: observations only with an interview, labels only with consent,
 * topics only with people.
 */
export function asRecorded(visit, { consented }) {
  const { fibre, other_smart_device, members, topics, ...rest } = visit;
  const shaped = { ...rest, topics: topics.filter(({ people }) => people > 0) };
  if (visit.outcome !== "interviewed") return shaped;
  return {
    ...shaped,
    fibre,
    other_smart_device,
    members: members.map((member) => (consented ? member : { ...member, label: null })),
  };
}
