// Unsent work as files: sealed for the server alone, so that anyone may carry them.

import { sealedOf, sealRest } from "../store/book.js";
import { deviceId } from "../store/device.js";
import { dateOf } from "../rules/dates.js";
import { Refused, rescue } from "../sync/wire.js";

const FORMAT = 1;
const MOST = 1000; // records that the server takes in one file
const LARGEST = 1_900_000; // characters of them; it takes 2 MiB

/** The file is not one of ours, or was damaged on its way. */
export class NotOurs extends Error {}

/**
 * Put operations of one author into files, `{files, left}`: `left` counts those that cannot be sealed, for their
 * author has never been signed in here since sealing is known.
 */
export async function filesOf(author, ops) {
  await sealRest(author);
  const sealed = await sealedOf(ops);
  const files = inParts(sealed).map((part, index, all) => asFile(author, part, all.length > 1 ? `-${index + 1}` : ""));
  return { files, left: ops.length - sealed.length };
}

function inParts(sealed) {
  const parts = [];
  let size = LARGEST;
  for (const each of sealed) {
    if (size + each.length > LARGEST || parts.at(-1).length === MOST) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1).push(each);
    size += each.length + 3;
  }
  return parts;
}

// Text, because that is what every phone's share sheet takes.
function asFile(author, sealed, suffix) {
  const now = new Date();
  const body = { format: FORMAT, device_id: deviceId(), author_id: author, made_at: now.toISOString(), sealed };
  const name = `tung-nha-${dateOf(now)}-${deviceId().slice(-4)}${suffix}.txt`;
  return new File([JSON.stringify(body)], name, { type: "text/plain" });
}

/** Hand a file in; gives the server's counts, `{count, taken_in, known, quarantined}`. */
export async function handIn(file) {
  const text = await file.text();
  let body = null;
  try {
    body = JSON.parse(text);
  } catch {
    throw new NotOurs();
  }
  if (body?.format !== FORMAT || !Array.isArray(body.sealed)) throw new NotOurs();
  try {
    return await rescue(text);
  } catch (error) {
    throw error instanceof Refused && error.status === 422 ? new NotOurs() : error;
  }
}
