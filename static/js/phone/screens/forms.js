// What all forms share: drafts that survive a reload, and saving that can be taken back.

import * as book from "../store/book.js";
import { soon } from "../sync/loop.js";
import { html, useEffect, useRef, useState } from "../ui/html.js";
import { t } from "../ui/i18n.js";
import { hush, Notice, say } from "../ui/parts.js";
import { problem, word } from "../ui/words.js";

const PAUSE = 400;
const UNDO_TIME = 8_000;

/**
 * Hold a form's values, kept in the journal as a draft a moment after each change.
 * Gives `[values, change, close]`; `close` stops drafting, just before the form is saved.
 */
export function useDraft(person, form, initial) {
  const [values, setValues] = useState(() => book.draft(person.id, form) ?? initial());
  const pending = useRef({ timer: null, values: null });

  const flush = () => {
    clearTimeout(pending.current.timer);
    const { values: latest } = pending.current;
    pending.current.values = null;
    if (latest) book.keepDraft(person.id, form, latest);
  };
  useEffect(() => {
    book.makeReady(person.id);
    const hidden = () => document.visibilityState === "hidden" && flush();
    document.addEventListener("visibilitychange", hidden);
    globalThis.addEventListener("pagehide", flush);
    return () => {
      flush();
      document.removeEventListener("visibilitychange", hidden);
      globalThis.removeEventListener("pagehide", flush);
    };
  }, []);

  const change = (part) => setValues((before) => {
    const after = { ...before, ...part };
    clearTimeout(pending.current.timer);
    pending.current = { timer: setTimeout(flush, PAUSE), values: after };
    return after;
  });
  const close = () => {
    clearTimeout(pending.current.timer);
    pending.current.values = null;
  };
  return [values, change, close];
}

let saving = false;

/**
 * Keep an operation, say so, offer to take it back, and send it once that offer has passed.
 * Gives null where nothing was kept: a second tap on the same button, or a phone without room, which is said.
 */
export async function save(person, operation, { undone = null } = {}) {
  if (saving) return null;
  saving = true;
  let op;
  try {
    op = await book.record(person.id, operation);
  } catch (error) {
    say(t("Not saved: the phone has no room left. Free some, then save again."));
    globalThis.reportError?.(error);
    return null;
  } finally {
    saving = false;
  }
  let unsay = () => {};
  const stop = book.watch(() => {
    const now = book.operation(op.op_id);
    if (now && book.canUndo(now)) return;
    unsay(); // it has left the phone: the offer no longer holds
    stop();
  });
  const takeBack = async () => {
    if (await undo(op)) undone?.(op);
  };
  unsay = say(word("saved", op.type), { label: t("Undo"), run: takeBack });
  navigator.vibrate?.(40);
  soon(UNDO_TIME);
  return op;
}

/** Take an operation back and say so, or that it is too late for that. */
export async function undo(op) {
  const taken = await book.undo(op);
  say(taken ? t("Undone") : t("Already sent: withdraw it from the home's page"));
  return taken;
}

/** Say why the server did not take in the operation that a form mends. */
export function Refusal({ op }) {
  if (!op?.receipt) return null;
  return html`<${Notice} tone="bad" icon="triangle-alert">${problem(op.receipt.code, op.receipt.message)}</>`;
}

/**
 * Hold what is wrong with a form, as `{field, code}`. Gives `[errors, show, edit]`: `show` puts the focus on the
 * first of them once they are drawn; `edit` changes values and clears the errors of the fields that it touches.
 */
export function useErrors(change) {
  const [{ errors, shown }, setErrors] = useState({ errors: [], shown: 0 });
  useEffect(() => {
    if (!errors.length) return;
    hush();
    const first = document.querySelector('[aria-invalid="true"], .choice[aria-describedby] input, .error');
    first?.focus();
    first?.scrollIntoView({ block: "center" });
  }, [shown]);

  const show = (found) => setErrors((before) => ({ errors: found, shown: before.shown + 1 }));
  const edit = (part, touched = Object.keys(part)) => {
    const isTouched = (field) => touched.some((each) => field === each || field.startsWith(`${each}.`));
    setErrors((before) => ({ ...before, errors: before.errors.filter(({ field }) => !isTouched(field)) }));
    change(part);
  };
  return [errors, show, edit];
}

/** Go to a screen; forms replace their own place in the history, so that Back does not reopen them. */
export const go = (hash) => location.replace(hash);
