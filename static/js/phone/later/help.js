// Help: the app in four pictures, its words, what to do when something has gone wrong, and how to install it.

import { keepToured, mustInstall } from "../store/device.js";
import { html, useState } from "../ui/html.js";
import { t } from "../ui/i18n.js";
import { Head, Icon, Notice, State, Thumb } from "../ui/parts.js";
import { go } from "../screens/forms.js";

const TOUR = [
  ["calendar", () => t("Today says which home is next"),
    () => t("Homes never reached, absent last time, with a promised day, or not seen for 90 days. Tap one to begin.")],
  ["pencil", () => t("A visit takes a few taps"),
    () => t("Nothing has changed: tap Interviewed, same as last time. Something has: change only that. Nobody is in: tap Absent, then save.")],
  ["wifi-off", () => t("It works without a network"),
    () => t("Each record is written down on this phone first, and goes out by itself once there is a network. Tapped wrongly? Undo.")],
  ["cloud-check", () => t("The outbox tells the truth"),
    () => t("Each record shows whether the server has it. Before handing the phone on, look there: nothing should be unsent.")],
];

/** The first-run tour, one picture at a time; it can be left at any of them. */
export function Tour() {
  const [step, setStep] = useState(0);
  const [icon, title, text] = TOUR[step];
  const last = step === TOUR.length - 1;
  const leave = () => {
    keepToured();
    go("#/");
  };
  const place = t("{step} of {all}", { step: step + 1, all: TOUR.length });
  return html`<${Head} key=${step} title=${title()} lead=${place} back="#/" />
    <main class="page tour">
      <p class="tour-picture"><${Icon} name=${icon} /></p>
      <p>${text()}</p>
    </main>
    <${Thumb}>
      ${!last && html`<button class="button" type="button" onClick=${leave}>${t("Skip")}</button>`}
      <button class="button primary" type="button" onClick=${last ? leave : () => setStep(step + 1)}>
        ${last ? t("Begin") : t("Next")}<${Icon} name="chevron-right" /></button>
    </>`;
}

const WHEN = [
  [() => t("The phone is lost or broken"), () => t("Tell the commune's official the same day: they end its sign-in. What the server has is safe; what was unsent is gone with the phone.")],
  [() => t("The phone is full"), () => t("Delete photos or videos you no longer need. Until then the app still sends, and says so when it cannot save.")],
  [() => t("A record is wrong"), () => t("Not sent yet: Undo, in the home's page or the outbox. Sent: Correct or Withdraw, in the home's page. What was sent is never lost.")],
  [() => t("A record needs fixing"), () => t("Open the outbox: it says what is wrong. Tap Mend, put it right, save.")],
  [() => t("A record is with the commune's official"), () => t("Nothing to do: the home or the team has changed hands, and the official will decide.")],
  [() => t("No signal for days"), () => t("Go on recording. If the phone is to be handed on or repaired first, save the unsent work as a file.")],
  [() => t("Somebody else will use this phone"), () => t("Sign out under This phone. Unsent records stay and go out when you sign in again; each person's work stays apart.")],
  [() => t("The household changes its mind about consent"), () => t("Open the home, change its details, tap that it answers differently now. Names are then removed.")],
  [() => t("The password is forgotten"), () => t("Ask the commune's official for a sign-in card with a code. Unsent records wait for you on this phone.")],
];

const WORDS = [
  [() => t("Home"), () => t("People who live together, with one home code.")],
  [() => t("Visit"), () => t("What was seen at one home on one day. It is never overwritten: it is corrected or withdrawn.")],
  [() => t("Same as last time"), () => t("Records that the home was interviewed and nothing has changed.")],
  [() => t("Draft"), () => t("A form half filled in. It is kept when the app is closed.")],
  [() => t("Official"), () => t("Who manages the teams at the commune, and decides about doubtful records.")],
  [() => t("Digital skills"), () => t("What somebody has done alone in the last three months. Not asked is something else than none.")],
];

const STATES = [
  ["unsent", () => t("Not sent"), () => t("On this phone only.")],
  ["received", () => t("Server has it"), () => t("The server answered with a receipt.")],
  ["waiting", () => t("Waiting for another record"), () => t("The server has it, and waits for the one before it.")],
  ["fix", () => t("Needs fixing"), () => t("The server has it, but it must be put right before it counts.")],
  ["held", () => t("With the commune's official"), () => t("The server has it; the official will decide.")],
];

/** What to do when, and what the words mean. */
export function Help() {
  return html`<${Head} title=${t("Help")} back="#/device" />
    <main class="page">
      <section class="block"><h2>${t("What to do when")}</h2>
        <div>${WHEN.map(([title, text]) => html`<details class="when"><summary>${title()}<${Icon} name="chevron-down" /></summary>
          <p>${text()}</p></details>`)}</div></section>
      <section class="block"><h2>${t("How a record stands")}</h2>
        <dl class="words">${STATES.map(([state, word, text]) => html`<div>
          <dt><${State} state=${state} label=${word()} /></dt><dd>${text()}</dd></div>`)}</dl></section>
      <section class="block"><h2>${t("Words")}</h2>
        <dl class="words">${WORDS.map(([word, text]) => html`<div><dt>${word()}</dt><dd>${text()}</dd></div>`)}</dl></section>
    </main>`;
}

/** How to install the app, in pictures: on an iPhone it must be, before anything is recorded. */
export function Install() {
  const apple = [
    ["share", t("Open this page in Safari and tap Share, below.")],
    ["square-plus", t("Tap Add to Home Screen, then Add.")],
    ["house", t("Open Từng Nhà from the Home Screen and sign in there, with the name and password or the code of the card.")],
  ];
  const others = [
    ["menu", t("Open the browser's menu, at the upper right.")],
    ["download", t("Tap Install app, or Add to Home screen.")],
    ["house", t("From then on open Từng Nhà from the phone's own screen.")],
  ];
  return html`<${Head} title=${t("Install the app")} back="#/device" />
    <main class="page">
      ${mustInstall() && html`<${Notice} tone="attention" icon="circle-alert">
        ${t("On an iPhone recording begins after installing: the installed app keeps its own records, and the browser forgets after seven days.")}</>`}
      <ol class="steps">${(mustInstall() ? apple : others).map(([icon, text]) => html`<li>
        <span class="step-picture"><${Icon} name=${icon} /></span><span>${text}</span></li>`)}</ol>
    </main>`;
}
