// The journal as it reads now: every operation with its state, every draft. The only way to write.

import * as journal from "./journal.js";
import { canary, deviceId, keepCanary, keepDeviceId, keepLastSeq, keysOf, lastSeq, newId } from "./device.js";
import { bytesOf, keyIdOf, lock, noteKey, noteKeys, read as unlocked } from "./lock.js";
import { prepare, seal } from "./sealing.js";

/** States of an operation, in the words of the screens. */
export const STATE = {
  UNSENT: "unsent", SENDING: "sending", RECEIVED: "received", WAITING: "waiting",
  FIX: "fix", HELD: "held", CANCELLED: "cancelled", MENDED: "mended", ASIDE: "aside",
};

const KEPT_FOR = 30 * 86_400_000; // so long a server that was restored is offered again what it had

const operations = new Map();
const drafts = new Map();
const listeners = new Set();
const sending = new Set();
const outdated = [];
const epochs = new Map(); // author: the epoch last heard of
const heads = new Map(); // author: the latest receipt of that epoch
const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("journal") : null;
let read = 0;
let versions = 0;
let cleared = false;

channel?.addEventListener("message", () => read && catchUp());

const draftKey = (author, form) => `${author} ${form}`;

const FOLD = {
  operation({ n, author_id, device_seq, body, sealed }) {
    operations.set(body.op_id, {
      type: null, replaces: null, data: {}, ...body, n, author_id, device_seq, sealed_in: n, is_sealed: sealed !== null,
      attempted: false, cancelled: null, receipt: null, mended: false,
    });
    if (body.replaces && operations.has(body.replaces)) operations.get(body.replaces).mended = true;
  },
  attempt({ body }) {
    for (const id of body.op_ids) if (operations.has(id)) operations.get(id).attempted = true;
  },
  receipt({ author_id, body }) {
    if (operations.has(body.op_id)) operations.get(body.op_id).receipt = body;
    entered(author_id, body.epoch);
    const { receipt } = body;
    if (receipt && receipt.seq > (heads.get(author_id)?.seq ?? 0)) heads.set(author_id, { op_id: body.op_id, ...receipt });
  },
  again({ author_id, body }) {
    for (const id of body.op_ids) if (operations.has(id)) operations.get(id).receipt = null;
    entered(author_id, body.epoch);
  },
  cancellation({ n, body, sealed }) {
    const op = operations.get(body.op_id);
    if (!op || op.attempted) return; // after an attempt it came too late: another tab was faster
    Object.assign(op, { cancelled: body.at, sealed_in: n, is_sealed: sealed !== null });
  },
  draft({ n, author_id, body }) {
    const key = draftKey(author_id, body.form);
    if (drafts.has(key)) outdated.push(drafts.get(key).n);
    if (body.value === null) {
      drafts.delete(key);
      outdated.push(n);
    } else drafts.set(key, { n, author_id, form: body.form, value: body.value ?? null });
  },
  key: noteKey,
  device({ body }) {
    if (!deviceId()) keepDeviceId(body.device_id);
  },
};

function entered(author, epoch) {
  if (!epoch || epochs.get(author) === epoch) return;
  epochs.set(author, epoch);
  heads.delete(author);
}

function fold(records) {
  for (const record of records) {
    if (record.n <= read) continue;
    FOLD[record.kind]?.(record);
    if (record.device_seq) keepLastSeq(record.device_seq);
    read = record.n;
  }
}

function changed() {
  versions += 1;
  for (const listener of listeners) listener();
}

async function catchUp() {
  fold(await readable(await journal.since(read)));
  changed();
}

// What of a body tells of people, and is locked where there is a PIN.
const TELLING = { operation: ["type", "data"], draft: ["value"] };

/** Divide a body into what tells of people and what does not. */
export function divided({ kind, body }) {
  const [told, rest] = [{}, {}];
  for (const [part, value] of Object.entries(body)) (TELLING[kind].includes(part) ? told : rest)[part] = value;
  return { told, rest };
}

/** Give a record as it is to be kept, `{n, key_id, body}`: its body locked if its author has a PIN. */
export async function locked({ n, author_id: author, kind, body }) {
  const key_id = TELLING[kind] ? keyIdOf(author) : null;
  if (key_id === null) return { n, key_id, body };
  const { told, rest } = divided({ kind, body });
  return { n, key_id, body: { ...rest, locked: await lock(author, bytesOf(JSON.stringify(told))) } };
}

// Give records with their bodies as they were written; one whose key is not held keeps `locked` in it.
const readable = (records) => Promise.all(records.map(async (record) => {
  const { locked: bytes, ...rest } = record.body;
  const told = bytes ? await unlocked(record.key_id, bytes) : null;
  return told ? { ...record, body: { ...rest, ...JSON.parse(new TextDecoder().decode(told)) } } : record;
}));

async function write(entries) {
  const records = await journal.append(await Promise.all(entries.map(async (entry) => ({ ...entry, ...await locked(entry) }))));
  if (records.some(({ n }) => n <= read)) startAfresh(); // the browser cleared the journal under our feet
  await catchUp();
  channel?.postMessage(read);
  return records;
}

function startAfresh() {
  for (const kept of [operations, drafts, epochs, heads]) kept.clear();
  read = 0;
  cleared = true;
}

/** Learn who has a PIN on this phone. */
export const openKeys = async () => noteKeys(await journal.keys());

/** Read the journal, settle this phone's id, and notice whether the browser lost any of it. */
export async function open() {
  const records = await readable(await journal.since(0));
  startAfresh();
  fold(records);
  const named = records.findLast(({ kind }) => kind === "device")?.body.device_id;
  if (!deviceId()) keepDeviceId(newId());
  if (named !== deviceId()) await write([{ kind: "device", body: { device_id: deviceId() } }]);
  const marks = records.filter(({ kind }) => kind === "canary");
  if (!marks.length) {
    const body = { id: canary() ?? newId(), after_loss: canary() !== null };
    marks.push(...await write([{ kind: "canary", body }]));
  }
  cleared = marks.some(({ body }) => body.after_loss);
  keepCanary(marks[0].body.id);
  await journal.dropDrafts(outdated.splice(0));
  changed();
}

/** Call `listener` after every change of the book; gives back how to stop. */
export function watch(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Say what the browser lost of this phone's records: `{ranges: [[from, to]], count, cleared}`. Numbers are given
 * without a gap and no operation is ever dropped, so each that is missing was lost.
 */
export function losses() {
  const present = new Set(Array.from(operations.values(), ({ device_seq }) => device_seq));
  const ranges = [];
  for (let seq = 1; seq <= lastSeq(); seq += 1) {
    if (present.has(seq)) continue;
    if (ranges.at(-1)?.[1] === seq - 1) ranges.at(-1)[1] = seq;
    else ranges.push([seq, seq]);
  }
  return { ranges, count: lastSeq() - present.size, cleared };
}

/** Give a number that grows with every change of the book. */
export const version = () => versions;

/** Give one person's operations, oldest first. */
export function operationsOf(author) {
  return [...operations.values()].filter(({ author_id }) => author_id === author);
}

export const operation = (opId) => operations.get(opId);
export const draft = (author, form) => drafts.get(draftKey(author, form))?.value ?? null;

/** Give the operations that other people have recorded on this phone and not yet sent. */
export function unsentByOthers(author) {
  return [...operations.values()].filter((op) => op.author_id !== author && !op.receipt);
}

/** Say whether an operation lies under a PIN that was forgotten: only its sealed copy is of use. */
export const isLost = (op) => op.locked !== undefined;

// What became of an operation in quarantine, by how it was settled.
const SETTLED = { taken_in: STATE.RECEIVED, set_aside: STATE.ASIDE, mended: STATE.MENDED };

/** Say how an operation stands. */
export function stateOf(op) {
  if (op.cancelled) return STATE.CANCELLED;
  const outcome = op.receipt?.outcome;
  if (["stored", "duplicate", "conflict"].includes(outcome)) return STATE.RECEIVED;
  if (["invalid", "out_of_scope"].includes(outcome)) {
    const open = outcome === "invalid" ? STATE.FIX : STATE.HELD;
    return op.mended ? STATE.MENDED : SETTLED[op.receipt.settlement] ?? open;
  }
  if (outcome === "deferred") return STATE.WAITING;
  return sending.has(op.op_id) ? STATE.SENDING : STATE.UNSENT;
}

/**
 * Say whether an operation can still be taken back before it leaves the phone. A home on which visits were
 * recorded cannot: those are taken back first.
 */
export function canUndo(op) {
  if (op.attempted || op.cancelled || op.receipt || isLost(op)) return false;
  return op.type !== "household.register" || !operationsOf(op.author_id).some(
    (each) => each.data.household_id === op.data.id && !each.cancelled,
  );
}

// Seal what goes out over the wire; null where it cannot be done yet, for saving never waits for a key.
async function sealFor(author, wire) {
  const keys = keysOf(author);
  return keys && seal(JSON.stringify(wire), keys).catch(() => null);
}

/** Make ready to save a person's next record quickly. */
export function makeReady(author) {
  const keys = keysOf(author);
  if (keys) prepare(keys);
}

/**
 * Keep an operation and close the draft it came from, in one transaction.
 * When this resolves it is saved on the phone.
 */
export async function record(author, { type, data, replaces = null, form = null }) {
  const body = { op_id: newId(), type, recorded_at: new Date().toISOString(), replaces, data };
  const closing = form ? [{ author_id: author, kind: "draft", body: { form, value: null } }] : [];
  for (;;) {
    const device_seq = lastSeq() + 1;
    const sealed = await sealFor(author, asSent({ ...body, device_seq }));
    try {
      await write([{ author_id: author, kind: "operation", body, device_seq, sealed }, ...closing]);
      return operations.get(body.op_id);
    } catch (error) {
      if (!(error instanceof journal.NumberTaken)) throw error;
      await catchUp();
    }
  }
}

/** Take an operation back before it was ever sent; false if it is too late for that. */
export async function undo(op) {
  if (!canUndo(operations.get(op.op_id))) return false;
  const body = { op_id: op.op_id, at: new Date().toISOString() };
  const sealed = await sealFor(op.author_id, asSent({ ...op, cancelled: body.at }));
  await write([{ author_id: op.author_id, kind: "cancellation", body, sealed }]);
  return operations.get(op.op_id).cancelled !== null;
}

/**
 * Put bodies without names in the place of those with: of all operations that the server has answered for, and of all
 * drafts, wherever `without({type, data})` or `without({form, value})` gives something else than null.
 */
export async function strip(without) {
  const held = [...operations.values()].filter((op) => (op.receipt || op.cancelled) && !isLost(op));
  const bare = held.map((op) => [op, without(op)]).filter(([, data]) => data);
  await rewrite(bare.map(([{ n, author_id, op_id, type, recorded_at, replaces }, data]) =>
    ({ n, author_id, kind: "operation", body: { op_id, type, recorded_at, replaces, data, bare: true } })));
  for (const [op, data] of bare) Object.assign(op, { data, bare: true, is_sealed: op.cancelled && op.is_sealed });
  for (const draft of drafts.values()) {
    const value = draft.value && without(draft);
    if (!value) continue;
    draft.value = value;
    const { n, author_id, form } = draft;
    await rewrite([{ n, author_id, kind: "draft", body: { form, value, at: new Date().toISOString() } }]);
  }
  if (bare.length) changed();
}

const rewrite = async (records) => journal.rewrite(await Promise.all(records.map(locked)));

/** Seal what was recorded before the key was known. */
export async function sealRest(author) {
  for (const op of operationsOf(author).filter((each) => !each.is_sealed && !isLost(each))) {
    const sealed = await sealFor(author, asSent(op));
    if (!sealed) return;
    await journal.keepSealed(op.sealed_in, sealed);
    op.is_sealed = true;
  }
}

/** Give operations as they lie sealed in the journal; those that are not sealed yet are left out. */
export async function sealedOf(ops) {
  return (await journal.sealedOf(ops.map(({ sealed_in }) => sealed_in))).filter(Boolean);
}

/** Keep a form as it stands; null forgets it. */
export function keepDraft(author, form, value) {
  return write([{ author_id: author, kind: "draft", body: { form, value, at: new Date().toISOString() } }]);
}

/** Give one person's operations that the server has not answered for, in the order they were made. */
export const unsent = (author) => operationsOf(author).filter(({ receipt }) => !receipt);

/** Give those of them that can be sent as they were made, and those of which only a sealed copy is left. */
export const outgoing = (author) => unsent(author).filter((op) => !isLost(op));
export const lost = (author) => unsent(author).filter(isLost);

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

/** Give the epoch that a person's answers last told, and the latest receipt held of it. */
export const heard = (author) => ({ epoch: epochs.get(author) ?? null, last_receipt: heads.get(author) ?? null });

// A new epoch means that the server was restored from a backup: what it had received may be gone.
function startedOver(author, epoch) {
  const before = epochs.get(author);
  if (!before || !epoch || before === epoch) return [];
  const since = new Date(Date.now() - KEPT_FOR).toISOString();
  // One without its names would no longer be the same record: it goes out only where the server's list lacks it.
  const held = operationsOf(author).filter(({ receipt, bare }) => receipt && !bare && receipt.at > since);
  return [again(author, held, epoch)];
}

const again = (author, ops, epoch) => ({
  author_id: author, kind: "again",
  body: { op_ids: ops.map(({ op_id }) => op_id), epoch, at: new Date().toISOString() },
});

/** Note the server's epoch; a new one makes all that it received in the last 30 days go out again. */
export async function notice(author, epoch) {
  const entries = startedOver(author, epoch);
  if (entries.length) await write(entries);
}

/** Let operations go out again that the server turned out not to have. */
export const offerAgain = (author, ops) => write([again(author, ops, epochs.get(author) ?? null)]);

/** Keep the server's answers; a duplicate stands as what it `was`, for its first answer was lost on the way. */
export async function receive(author, results, epoch) {
  const at = new Date().toISOString();
  await write([...startedOver(author, epoch), ...results.map(({ was, ...result }) => ({
    author_id: author, kind: "receipt", body: { ...result, outcome: was ?? result.outcome, epoch, at },
  }))]);
}
