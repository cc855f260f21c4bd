// When to sync, and how it stands. One tab at a time; every way of failing leaves the work on the phone.

import * as cache from "../store/cache.js";
import { lost, notice, outgoing, sealRest } from "../store/book.js";
import { isShut } from "../store/lock.js";
import { me } from "../store/device.js";
import { forgetNames } from "../store/forgetting.js";
import { Full, pullAll } from "./pull.js";
import { pushAll, reconcile, sendLost } from "./push.js";
import { Refused, session, Unreachable } from "./wire.js";

const EVERY = 5 * 60_000;
const AGAIN = 20_000;
const LONGEST = 10 * 60_000;

/**
 * How syncing stands. `problem` is null or one of: unreachable, signed_out, wrong_device, forbidden, full, server.
 * `counts` is what the server held of this phone when last asked: `{server, at}`. `progress` is how far a push or
 * a pull of several pages has come: `{what, done, all}`. `elsewhere`: another tab is at it.
 */
export const standing = {
  running: false, problem: null, detail: null, counts: null, first: true, progress: null, elsewhere: false,
};

const listeners = new Set();
const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("cache") : null;
let timer = null;
let failures = 0;
let again = false;

function tell(change) {
  Object.assign(standing, change);
  for (const listener of listeners) listener();
}

/** Call `listener` after every change of `standing`; gives back how to stop. */
export function watch(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Resolve once the first try of this start is over, whatever came of it: until then the line is for the homes. */
export const tried = new Promise((resolve) => {
  const stop = watch(() => {
    if (standing.first && !standing.problem) return;
    resolve();
    queueMicrotask(() => stop());
  });
});

/** Sync now, unless this or another tab is at it; then once more after it. Never throws. */
export async function sync() {
  if (standing.running) {
    again = true;
    return;
  }
  tell({ running: true });
  const run = () => once().catch(explain);
  // Over plain HTTP there are no locks; pushing twice is harmless, only wasteful.
  if (navigator.locks) {
    await navigator.locks.request("sync", { ifAvailable: true }, (lock) => {
      tell({ elsewhere: lock === null });
      return lock && run();
    });
  } else await run();
  tell({ running: false, progress: null });
  plan();
  if (again) {
    again = false;
    await sync();
  }
}

async function once() {
  const before = me();
  const person = await session();
  if (isShut(person.id) || (before && before.id !== person.id)) {
    location.reload(); // another person has signed in: nothing of the one before stays in sight
    await new Promise(() => {});
  }
  await sealRest(person.id);
  const progress = (how) => tell({ progress: how });
  await pushAll(person, progress);
  if (lost(person.id).length) await sendLost(person);
  const offered = () => outgoing(person.id).filter(({ attempted }) => attempted).length;
  const left = offered();
  let full = null;
  try {
    await pullAll(person, progress);
    await notice(person.id, cache.position().epoch);
    await forgetNames();
  } catch (error) {
    if (!(error instanceof Full)) throw error;
    full = error;
  }
  const server = await reconcile(person);
  failures = full ? failures + 1 : 0;
  channel?.postMessage("pulled");
  tell({
    problem: full ? "full" : null, detail: null, first: false, counts: { server, at: new Date().toISOString() },
  });
  if (offered() > left) again = true; // the server turned out not to have what it had received
}

function explain(error) {
  failures += 1;
  if (error instanceof Unreachable) tell({ problem: "unreachable", detail: null });
  else if (error instanceof Refused) {
    const known = { 401: "signed_out", 403: error.code === "session.wrong_device" ? "wrong_device" : "forbidden" };
    tell({ problem: known[error.status] ?? "server", detail: error.text || error.code });
  } else {
    tell({ problem: error.name === "QuotaExceededError" ? "full" : "server", detail: error.name });
    globalThis.reportError?.(error);
  }
}

// The next try: sooner after a failure, later after many, never all phones at the same moment.
function plan() {
  clearTimeout(timer);
  const wait = standing.problem ? Math.min(AGAIN * 2 ** Math.min(failures - 1, 10), LONGEST) : EVERY;
  timer = setTimeout(sync, wait * (0.75 + Math.random() / 2));
}

/** Sync in a moment: long enough for an undo, short enough not to be forgotten. */
export function soon(milliseconds) {
  clearTimeout(timer);
  timer = setTimeout(sync, milliseconds);
}

/** Begin to sync: now, when the network or the page comes back, and by timer. */
export function start() {
  globalThis.addEventListener("online", () => sync());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") sync();
  });
  channel?.addEventListener("message", async () => {
    await cache.refresh();
    tell({});
  });
  sync();
}

