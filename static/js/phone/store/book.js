// The journal as it reads now: every operation with its state, every draft. The only way to write.

import * as journal from "./journal.js";
import { deviceId, keepDeviceId, keepLastSeq, lastSeq, newId } from "./device.js";

/** States of an operation, in the words of the screens. */
export const STATE = {
  UNSENT: "unsent", SENDING: "sending", RECEIVED: "received", WAITING: "waiting",
  FIX: "fix", CANCELLED: "cancelled", MENDED: "mended",
};

const operations = new Map();
const drafts = new Map();
const listeners = new Set();
const sending = new Set();
const outdated = [];
const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("journal") : null;
let read = 0;
let lost = null;

const draftKey = (author, form) => `${author} ${form}`;

const FOLD = {
  operation({ n, author_id, device_seq, body }) {
    operations.set(body.op_id, {
      ...body, n, author_id, device_seq,
      attempted: false, cancelled: null, receipt: null, mended: false,
    });
    if (body.replaces && operations.has(body.replaces)) operations.get(body.replaces).mended = true;
  },
  attempt({ body }) {
    for (const id of body.op_ids) if (operations.has(id)) operations.get(id).attempted = true;
  },
  receipt({ body }) {
    if (operations.has(body.op_id)) operations.get(body.op_id).receipt = body;
  },
  cancellation({ body }) {
    const op = operations.get(body.op_id);
    if (op && !op.attempted) op.cancelled = body.at; // after an attempt it came too late: another tab was faster
  },
  draft({ n, author_id, body }) {
    const key = draftKey(author_id, body.form);
    if (drafts.has(key)) outdated.push(drafts.get(key).n);
    if (body.value === null) {
      drafts.delete(key);
      outdated.push(n);
    } else drafts.set(key, { n, value: body.value });
  },
  device({ body }) {
    if (!deviceId()) keepDeviceId(body.device_id);
  },
};

function fold(records) {
  for (const record of records) {
    if (record.n <= read) continue;
    FOLD[record.kind]?.(record);
    if (record.device_seq) keepLastSeq(record.device_seq);
    read = record.n;
  }
}

function changed() {
  for (const listener of listeners) listener();
}

async function catchUp() {
  fold(await journal.since(read));
  changed();
}

async function write(entries) {
  const records = await journal.append(entries);
  await catchUp();
  channel?.postMessage(read);
  return records;
}

/** Read the journal, settle this phone's id, and notice whether the browser lost any of it. */
export async function open() {
  await journal.open();
  const before = lastSeq();
  const records = await journal.since(0);
  fold(records);
  const highest = Math.max(0, ...records.map((record) => record.device_seq ?? 0));
  if (highest < before) lost = { from: highest + 1, to: before };
  const named = records.findLast(({ kind }) => kind === "device")?.body.device_id;
  if (!deviceId()) keepDeviceId(newId());
  if (named !== deviceId()) await write([{ kind: "device", body: { device_id: deviceId() } }]);
  await journal.dropDrafts(outdated.splice(0));
  channel?.addEventListener("message", catchUp);
}

/** Call `listener` after every change of the book; gives back how to stop. */
export function watch(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Give the numbers that the browser lost, `{from, to}`, or null. */
export const lostNumbers = () => lost;

/** Give one person's operations, oldest first. */
export function operationsOf(author) {
  return [...operations.values()].filter(({ author_id }) => author_id === author);
}

export const operation = (opId) => operations.get(opId);
export const draft = (author, form) => drafts.get(draftKey(author, form))?.value ?? null;

/** Count the operations that other people have recorded on this phone and not yet sent. */
export function unsentByOthers(author) {
  return [...operations.values()].filter(
    (op) => op.author_id !== author && stateOf(op) === STATE.UNSENT,
  ).length;
}

/** Say how an operation stands. */
export function stateOf(op) {
  if (op.cancelled) return STATE.CANCELLED;
  const outcome = op.receipt?.outcome;
  if (["stored", "duplicate", "conflict"].includes(outcome)) return STATE.RECEIVED;
  if (["invalid", "out_of_scope"].includes(outcome)) return op.mended ? STATE.MENDED : STATE.FIX;
  if (outcome === "deferred") return STATE.WAITING;
  return sending.has(op.op_id) ? STATE.SENDING : STATE.UNSENT;
}

/**
 * Say whether an operation can still be taken back before it leaves the phone. A home on which visits were
 * recorded cannot: those are taken back first.
 */
export function canUndo(op) {
  if (op.attempted || op.cancelled || op.receipt) return false;
  return op.type !== "household.register" || !operationsOf(op.author_id).some(
    (each) => each.data.household_id === op.data.id && !each.cancelled,
  );
}

/**
 * Keep an operation and close the draft it came from, in one transaction.
 * When this resolves it is saved on the phone.
 */
export async function record(author, { type, data, replaces = null, form = null }) {
  const body = { op_id: newId(), type, recorded_at: new Date().toISOString(), replaces, data };
  const entries = [{ author_id: author, kind: "operation", body, numbered: true, atLeast: lastSeq() }];
  if (form) entries.push({ author_id: author, kind: "draft", body: { form, value: null } });
  await write(entries);
  return operations.get(body.op_id);
}

/** Take an operation back before it was ever sent; false if it is too late for that. */
export async function undo(op) {
  if (!canUndo(operations.get(op.op_id))) return false;
  const body = { op_id: op.op_id, at: new Date().toISOString() };
  await write([{ author_id: op.author_id, kind: "cancellation", body }]);
  return operations.get(op.op_id).cancelled !== null;
}

/** Keep a form as it stands; null forgets it. */
export function keepDraft(author, form, value) {
  return write([{ author_id: author, kind: "draft", body: { form, value, at: new Date().toISOString() } }]);
}

/** Give one person's operations that the server has not answered for, in the order they were made. */
export function outgoing(author) {
  return operationsOf(author).filter(({ receipt }) => !receipt);
}

/** Give an operation as it goes over the wire: itself, or op.void in its place once it was undone. */
export function asSent(op) {
  const sent = { op_id: op.op_id, device_seq: op.device_seq };
  if (op.cancelled) return { ...sent, type: "op.void", recorded_at: op.cancelled, data: {} };
  const whole = { ...sent, type: op.type, recorded_at: op.recorded_at, data: op.data };
  return op.replaces ? { ...whole, replaces: op.replaces } : whole;
}

/**
 * Note that operations are about to leave, before they do, so that none of them can be undone any more.
 * Those undone in the meantime keep their cancellation: call `asSent` after this.
 */
export async function leaving(author, ids) {
  await write([{ author_id: author, kind: "attempt", body: { op_ids: ids, at: new Date().toISOString() } }]);
  for (const id of ids) sending.add(id);
  changed();
}

/** Note that a request is over, whatever became of it. */
export function back(ids) {
  for (const id of ids) sending.delete(id);
  changed();
}

/** Keep the server's answers; a duplicate stands as what it `was`, for its first answer was lost on the way. */
export async function receive(author, results, epoch) {
  const at = new Date().toISOString();
  await write(results.map(({ was, ...result }) => ({
    author_id: author, kind: "receipt", body: { ...result, outcome: was ?? result.outcome, epoch, at },
  })));
}
