// Forgetting names: once a home's consent is not a yes, nothing that this phone has sent keeps its names.

import { strip } from "./book.js";
import { households } from "./cache.js";
import { consented } from "./homes.js";

const PERSONAL = ["head_name", "address", "phone"];

const without = (fields, values) =>
  Object.fromEntries(Object.entries(values).filter(([field]) => !fields.includes(field)));

const unlabelled = (members) => members?.map((member) => ({ ...member, label: null }));

// Give an operation's data, or a draft's values, without what is personal; null where there is nothing of it.
function bareOf({ type, data }) {
  if (type === "household.register") return PERSONAL.some((field) => data[field]) ? without(PERSONAL, data) : null;
  if (type === "household.amend") {
    const some = PERSONAL.some((field) => data.changes[field]);
    return some ? { ...data, changes: without(PERSONAL, data.changes) } : null;
  }
  return type === "visit.record" ? bareVisit(data) : null;
}

function bareVisit(data) {
  const some = data.note || data.members?.some(({ label }) => label);
  return some ? { ...data, note: null, ...(data.members && { members: unlabelled(data.members) }) } : null;
}

/** Forget the names of homes which, as the server last told, do not consent. To be called after a pull. */
export function forgetNames() {
  const silent = new Map(households().filter((home) => !consented(home)).map((home) => [home.id, home]));
  return strip(({ type, data, form, value }) => {
    if (type) return silent.has(data.household_id ?? data.id) ? bareOf({ type, data }) : null;
    if (silent.has(value.household_id) && value.members?.some(({ label }) => label)) {
      return { ...value, members: unlabelled(value.members) };
    }
    const amended = form.startsWith("amend ") && silent.get(form.slice("amend ".length));
    const outdated = amended && !(value.consent?.at > (amended.consent?.at ?? "")); // a yes given since is being filled in
    return outdated && PERSONAL.some((field) => value[field]) ? without(PERSONAL, value) : null;
  });
}
