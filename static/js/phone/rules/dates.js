// Civil dates of Asia/Ho_Chi_Minh as "YYYY-MM-DD"; never a local midnight.

const civil = new Intl.DateTimeFormat("en-CA", {
  timeZone: "Asia/Ho_Chi_Minh", year: "numeric", month: "2-digit", day: "2-digit",
});

/** Give the Vietnamese civil date of an instant. */
export function dateOf(instant) {
  return civil.format(instant);
}

/** Give today's Vietnamese civil date. */
export function today() {
  return dateOf(new Date());
}

/** Add days to a civil date. */
export function plusDays(date, days) {
  return new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10);
}

/** Count the days from one civil date to another. */
export function daysBetween(from, to) {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
}

/** Write a civil date the Vietnamese way, dd/mm/yyyy. */
export function written(date) {
  return date ? date.split("-").reverse().join("/") : "";
}
