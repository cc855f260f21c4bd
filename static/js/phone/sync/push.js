// Sending the signed-in person's operations, batch by batch, and keeping the answers.

import { asSent, back, leaving, operation, operationsOf, outgoing, receive, STATE, stateOf } from "../store/book.js";
import { deviceId } from "../store/device.js";
import { position } from "../store/cache.js";
import { push, receipts, Refused } from "./wire.js";

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

/** Send all that is waiting to go; gives how many operations the server answered for. */
export async function pushAll(person) {
  let answered = 0;
  let most = MOST;
  for (;;) {
    const ids = nextBatch(outgoing(person.id), most).map(({ op_id }) => op_id);
    if (!ids.length) break;
    await leaving(person.id, ids);
    try {
      const answer = await push(envelope(ids));
      await receive(person.id, answer.results, answer.epoch);
      answered += answer.results.length;
      if (!answer.results.length) break;
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 413 || ids.length === 1) throw error;
      most = Math.ceil(ids.length / 2);
    } finally {
      back(ids);
    }
  }
  return answered;
}

function envelope(ids) {
  return JSON.stringify({
    schema: 1,
    device_id: deviceId(),
    epoch: position().epoch,
    sent_at: new Date().toISOString(),
    operations: ids.map((id) => asSent(operation(id))),
  });
}

/**
 * Compare with what the server says that it holds of this phone, and give its count. All receipts are read
 * only while an operation waits for another, for it may have been judged since.
 */
export async function reconcile(person) {
  const waiting = operationsOf(person.id).some((op) => stateOf(op) === STATE.WAITING);
  let page = await receipts(deviceId(), null);
  const { count } = page;
  for (;;) {
    const news = page.items.filter(({ op_id, outcome }) => {
      const known = operation(op_id)?.receipt;
      return known && known.outcome !== outcome;
    });
    if (news.length) {
      await receive(person.id, news.map((item) => ({ ...operation(item.op_id).receipt, ...item })), position().epoch);
    }
    if (!page.next || !waiting) return count;
    page = await receipts(deviceId(), page.next);
  }
}
