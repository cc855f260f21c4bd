// Homes that look like one that is about to be registered.

import { fold } from "./naming.js";

const digits = (text) => (text ?? "").replace(/\D/g, "").replace(/^84/, "0");
const bare = (text) => fold(text ?? "").replace(/[^\da-z/]+/g, " ").trim();
const MOST = 3;

/** Say in what a home known already is like the values typed: some of code, phone, head_name, address; likest first. */
export function likeness(values, home) {
  const alike = [];
  const both = (field, read) => read(values[field]) !== "" && read(values[field]) === read(home[field]);
  if (both("code", bare)) alike.push("code");
  if (digits(values.phone).length >= 9 && both("phone", digits)) alike.push("phone");
  const near = !values.unit_id || values.unit_id === home.unit_id;
  if (near && both("head_name", bare)) alike.push("head_name");
  if (near && both("address", bare)) alike.push("address");
  return alike;
}

/** Give the homes most like the values typed, `[[home, alike]]`; a shared address alone is a neighbour, not a likeness. */
export function likest(values, homes) {
  return homes.map((home) => [home, likeness(values, home)])
    .filter(([home, alike]) => home.id !== values.id && alike.length > 0)
    .sort(([, a], [, b]) => b.length - a.length).slice(0, MOST);
}
