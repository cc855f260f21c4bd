// Sending the signed-in person's operations, batch by batch, and keeping the answers.

import {
  asSent, back, heard, isLost, leaving, lost, offerAgain, operation, operationsOf, outgoing, receive, sealedOf, STATE, stateOf,
} from "../store/book.js";
import { deviceId } from "../store/device.js";
import { position } from "../store/cache.js";
import { push, receipts, Refused, rescue, Unreachable } from "./wire.js";

const MOST = 100;
const LARGEST = 400 * 1024; // the server takes 512 KiB; the rest is for the envelope
const encoder = new TextEncoder();

const size = (op) => encoder.encode(JSON.stringify(asSent(op))).length;

/** Cut the next batch off a queue: at most `most` operations and always at least one. */
export function nextBatch(queue, most = MOST) {
  const batch = [];
  let bytes = 0;
  for (const op of queue.slice(0, most)) {
    bytes += size(op) + 1;
    if (batch.length && bytes > LARGEST) break;
    batch.push(op);
  }
  return batch;
}

let most = MOST; // fewer after a batch that was too much for the server or the line

// A batch may be too large for the server, or for a line so slow that the answer comes too late.
const tooMuch = (error) =>
  (error instanceof Refused && [408, 413, 504].includes(error.status)) || (error instanceof Unreachable && error.late);

/** Send all that is waiting to go; gives how many operations the server answered for. */
export async function pushAll(person, progress) {
  let answered = 0;
  const all = outgoing(person.id).length;
  for (;;) {
    const ids = nextBatch(outgoing(person.id), most).map(({ op_id }) => op_id);
    if (!ids.length) break;
    progress({ what: "push", done: answered, all: Math.max(all, answered + ids.length) });
    await leaving(person.id, ids);
    try {
      const { results, epoch } = await push(envelope(person, ids));
      if (!results.length) break;
      await receive(person.id, results, epoch);
      answered += results.length;
      most = Math.min(most * 2, MOST);
    } catch (error) {
      if (!tooMuch(error)) throw error;
      if (ids.length > 1) most = Math.ceil(ids.length / 2);
      else if (error.status === 413) await putAside(person, ids[0]);
      else throw error;
    } finally {
      back(ids);
    }
  }
  return answered;
}

// Larger than any push may be, and alone in it: it must not hold up the others.
function putAside(person, opId) {
  const result = { op_id: opId, outcome: "invalid", code: "op.too_large", message: null, fields: {}, receipt: null };
  return receive(person.id, [result], heard(person.id).epoch);
}

function envelope(person, ids) {
  const { epoch, last_receipt } = heard(person.id);
  return JSON.stringify({
    schema: 1,
    device_id: deviceId(),
    epoch: epoch ?? position().epoch,
    sent_at: new Date().toISOString(),
    ...(last_receipt && { last_receipt }),
    operations: ids.map((id) => asSent(operation(id))),
  });
}

/** Send what lies under a PIN that was forgotten as it was sealed; its receipts are read from the server's list. */
export async function sendLost(person) {
  const left = lost(person.id).filter(({ op_id }) => !offeredAgain.has(op_id));
  for (let at = 0; at < left.length; at += MOST / 4) { // a file may have 2 MiB, a record 60 KB
    const some = left.slice(at, at + MOST / 4);
    const body = { format: 1, device_id: deviceId(), author_id: person.id, made_at: new Date().toISOString(), sealed: await sealedOf(some) };
    if (body.sealed.length) await rescue(JSON.stringify(body));
    for (const { op_id } of some) offeredAgain.add(op_id);
  }
}

const offeredAgain = new Set(); // once while the app is open, so that nothing goes round in circles
let lastRead = null;

/**
 * Compare with what the server says that it holds of this phone, and give its count. All receipts are read only
 * where the counts do not agree, or where an operation waits or lies in quarantine, for it may have been judged
 * or settled since. What the server turns out not to have goes out again.
 */
export async function reconcile(person) {
  const mine = operationsOf(person.id);
  const held = mine.filter(({ receipt }) => receipt?.receipt);
  const open = held.filter((op) => [STATE.WAITING, STATE.FIX, STATE.HELD].includes(stateOf(op)));
  const { count, ...first } = await receipts(deviceId(), null);
  const seen = `${heard(person.id).epoch} ${count} ${held.length}`;
  if (!open.length && (count === held.length || seen === lastRead)) return count;
  const items = [...first.items];
  for (let { next } = first; next;) {
    const page = await receipts(deviceId(), next);
    items.push(...page.items);
    ({ next } = page);
  }
  await learn(person, items);
  await offerMissing(person, held, items);
  lastRead = seen;
  return count;
}

async function learn(person, items) {
  const news = items.filter(({ op_id, outcome, settlement = null }) => {
    const op = operation(op_id);
    const known = op?.receipt;
    if (op && !known) return isLost(op);
    return known && (known.outcome !== outcome || (known.settlement ?? null) !== settlement);
  });
  if (!news.length) return;
  const results = news.map((item) => ({ ...operation(item.op_id).receipt, ...item }));
  await receive(person.id, results, heard(person.id).epoch);
}

async function offerMissing(person, held, items) {
  const there = new Set(items.flatMap(({ op_id, receipt }) => [op_id, receipt.hash]));
  const missing = held.filter(
    ({ op_id, receipt }) => !there.has(op_id) && !there.has(receipt.receipt.hash) && !offeredAgain.has(op_id),
  );
  if (!missing.length) return;
  for (const { op_id } of missing) offeredAgain.add(op_id);
  await offerAgain(person.id, missing);
}
