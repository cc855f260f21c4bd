// Small parts that screens are put together from.

import { html, useEffect, useRef, useState } from "./html.js";
import { t } from "./i18n.js";

const root = document.documentElement.dataset.assetRoot ?? "";

/** A picture from the sprite, for the eye only: a word always stands beside it. */
export function Icon({ name }) {
  return html`<svg class="icon" aria-hidden="true" focusable="false">
    <use href=${`${root}/icons/sprite.svg#${name}`} />
  </svg>`;
}

/** Draw again whenever one of the watched things changes. */
export function useWatched(...watches) {
  const [, draw] = useState(0);
  useEffect(() => {
    const stops = watches.map((watch) => watch(() => draw((count) => count + 1)));
    return () => stops.forEach((stop) => stop());
  }, []);
}

/** The head of a screen: a way back, a title that takes the focus, and what stands at its right. */
export function Head({ title, lead = null, back = null, children }) {
  const heading = useRef(null);
  useEffect(() => {
    document.title = `${title} · Từng Nhà`;
    heading.current?.focus({ preventScroll: true });
  }, [title]);
  return html`<header class="head">
    ${back && html`<a class="back" href=${back} aria-label=${t("Back")}><${Icon} name="chevron-left" /></a>`}
    <div class="head-title">
      ${lead && html`<p class="lead">${lead}</p>`}
      <h1 ref=${heading} tabindex="-1">${title}</h1>
    </div>
    ${children}
  </header>`;
}

/** A bar at the thumb for the screen's one primary action, with a note on what it does. */
export function Thumb({ note = null, children }) {
  return html`<footer class="thumb">
    ${note && html`<p class="thumb-note">${note}</p>`}
    <div class="thumb-row">${children}</div>
  </footer>`;
}

/**
 * One choice out of a few, as large radio buttons.
 * `options` are `[value, label, icon?]`; nothing is chosen when `value` is undefined. `look` is how they are
 * laid out: columns-1, columns-2, columns-3 or tiles.
 */
export function Choice({ legend, name, value, options, onChoose, quiet = false, look = "columns-2", error = null }) {
  return html`<fieldset class="choice" aria-describedby=${error ? `${name}-error` : undefined}>
    <legend class=${quiet ? "for-readers" : "label"}>${legend}</legend>
    <div class=${`options ${look}`}>
      ${options.map(([code, label, icon]) => html`<label class="option" key=${String(code)}>
        <input type="radio" name=${name} value=${String(code)} checked=${value === code}
          onChange=${() => onChoose(code)} />
        ${icon && html`<${Icon} name=${icon} />`}<span>${label}</span>
      </label>`)}
    </div>
    ${error && html`<p class="error" id=${`${name}-error`}><${Icon} name="circle-alert" />${error}</p>`}
  </fieldset>`;
}

/** Any number out of many, as chips. */
export function Chips({ legend, name, chosen, options, onToggle }) {
  return html`<fieldset class="chips">
    <legend>${legend}</legend>
    <div class="chip-row">
      ${options.map(([code, label]) => html`<label class="chip" key=${code}>
        <input type="checkbox" name=${name} value=${code} checked=${chosen.includes(code)}
          onChange=${() => onToggle(code)} />
        <${Icon} name=${chosen.includes(code) ? "check" : "plus"} /><span>${label}</span>
      </label>`)}
    </div>
  </fieldset>`;
}

/** A field for typing, with its label, and a hint or an error below. */
export function Field({ id, label, hint = null, error = null, value, onType, ...rest }) {
  const below = error || hint ? `${id}-below` : undefined;
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <input class="input" id=${id} value=${value ?? ""} aria-describedby=${below}
      aria-invalid=${error ? "true" : undefined} onInput=${(event) => onType(event.target.value)} ...${rest} />
    ${error && html`<p class="error" id=${below}><${Icon} name="circle-alert" />${error}</p>`}
    ${!error && hint && html`<p class="hint" id=${below}>${hint}</p>`}
  </div>`;
}

const STATE_LOOK = {
  unsent: ["attention", "cloud-upload"], sending: ["primary", "refresh-cw"], received: ["good", "check"],
  waiting: ["attention", "clock"], fix: ["bad", "triangle-alert"], held: ["attention", "clock"],
  cancelled: ["", "undo-2"],
  mended: ["", "check"], aside: ["", "x"],
};

/** How an operation stands: an icon and a word. */
export function State({ state, label }) {
  const [tone, icon] = STATE_LOOK[state];
  return html`<span class=${`tag ${tone}`} data-state=${state}><${Icon} name=${icon} />${label}</span>`;
}

/** A sentence that should be known, with what to do about it. */
export function Notice({ tone = "", icon = "info", children }) {
  return html`<div class=${`notice ${tone}`}><${Icon} name=${icon} /><div class="notice-text">${children}</div></div>`;
}

let announce = () => () => {};

/**
 * Say for a few seconds that something happened, aloud and in sight, with one thing to do about it.
 * Gives back how to take this message away sooner.
 */
export const say = (text, action = null) => announce({ text, action });

/** Take away what was said last: it would contradict what is shown now. */
export const hush = () => announce(null);

/** Where `say` speaks: always in the page, so that screen readers hear it. */
export function Announcer() {
  const [message, setMessage] = useState(null);
  const timer = useRef(null);
  announce = (next) => {
    const unsay = () => setMessage((current) => (current === next ? null : current));
    clearTimeout(timer.current);
    setMessage(next);
    timer.current = setTimeout(unsay, next?.action ? 8_000 : 4_000);
    return unsay;
  };
  const act = async () => {
    setMessage(null);
    await message.action.run();
  };
  return html`<div class=${`announcer ${message ? "" : "nothing"}`}>
    <div role="status" aria-live="polite" class="said">
      ${message && html`<${Icon} name="check" /><span>${message.text}</span>`}
    </div>
    ${message?.action && html`<button class="said-action" type="button" onClick=${act}>
      <${Icon} name=${message.action.icon ?? "undo-2"} />${message.action.label}</button>`}
  </div>`;
}
