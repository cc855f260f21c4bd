// Which homes to visit next, and why.

import { plusDays } from "./dates.js";

const STALE = 90;
const SOON = 7;
const CALL_AGAIN = 3; // days after nobody was at home and no day was agreed

export const REASONS = ["returned", "promised", "absent", "never", "stale"];

let days = { on: null };

// The days that decide, worked out once and not for each of thousands of homes.
function around(on) {
  if (days.on !== on) days = { on, stale: plusDays(on, -STALE), again: plusDays(on, -CALL_AGAIN), soon: plusDays(on, SOON) };
  return days;
}

export const isMissed = ({ last_visit: last }) => last?.outcome === "absent" && !last.next_visit_on;
export const isStale = ({ last_visit: last }, on) => Boolean(last) && last.visited_on < around(on).stale;

/**
 * Say why a home should be visited on a day, one of REASONS; null where nothing is due. `returned` is the visit
 * that the commune returned, if it did.
 */
export function reasonFor(home, returned, on) {
  const { last_visit: last } = home;
  if (returned) return "returned";
  if (!last) return "never";
  if (last.outcome === "moved") return null;
  if (isMissed(home)) return last.visited_on <= around(on).again ? "absent" : null;
  if (last.next_visit_on) return last.next_visit_on <= around(on).soon ? "promised" : null;
  return isStale(home, on) ? "stale" : null;
}

/** Count a month's work at these homes: `{homes, visited, met}`; who moved away is left out. */
export function progressIn(homes, month) {
  const here = homes.filter(({ last_visit: last }) => last?.outcome !== "moved");
  const within = (visit) => visit?.visited_on.startsWith(month);
  return {
    homes: here.length,
    visited: here.filter((home) => within(home.last_visit)).length,
    met: here.filter((home) => within(home.last_interview)).length,
  };
}
