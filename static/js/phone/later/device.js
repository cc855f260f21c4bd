// This phone: whether what it holds is safe, how the app looks, help, and signing out.

import { chooseLanguage, chooseLook, estimate, isInstalled, look, persist } from "../store/device.js";
import { Nav } from "../screens/nav.js";
import { html, useEffect, useState } from "../ui/html.js";
import { language, number, t } from "../ui/i18n.js";
import { Choice, Head, Icon } from "../ui/parts.js";

const LANGUAGES = [["vi", "Tiếng Việt"], ["en", "English"]];
const LITTLE = 50_000_000; // bytes: below this somebody should make room

/** The screen; `install` asks the browser to install the app, where it can. */
export function Device({ person, install }) {
  const switchTo = (code) => {
    chooseLanguage(code);
    location.reload();
  };
  return html`<${Head} title=${t("This phone")} lead=${person.name} />
    <main class="page">
      <${Health} install=${install} />
      <section class="block">
        <h2>${t("PIN")}</h2>
        <a class="button wide" href="#/pin"><${Icon} name="shield-check" />${t("Set, change or remove the PIN")}</a>
      </section>
      <section class="block">
        <h2>${t("Help")}</h2>
        <a class="button wide" href="#/help"><${Icon} name="circle-question-mark" />${t("How to, and what to do when")}</a>
        <a class="button wide" href="#/tour"><${Icon} name="book-open" />${t("The app in four pictures")}</a>
      </section>
      <section class="block">
        <h2>${t("How it looks")}</h2>
        <${Look} />
        <${Choice} legend=${t("Language")} name="language" value=${language()} options=${LANGUAGES} onChoose=${switchTo} />
      </section>
      <section class="block">
        <h2>${t("Work on this phone")}</h2>
        <a class="button wide" href="#/rescue"><${Icon} name="download" />${t("Unsent work as a file")}</a>
        <a class="button wide" href="#/leave"><${Icon} name="log-out" />${t("Sign out, or hand this phone on")}</a>
      </section>
    </main>
    <${Nav} here="device" />`;
}

// Whether the browser may lose what is kept here: a line for each danger, with the one tap that mends it.
function Health({ install }) {
  const [kept, setKept] = useState(null);
  const [room, setRoom] = useState({});
  const ask = () => persist().then(setKept);
  useEffect(() => {
    ask();
    estimate().then(setRoom);
  }, []);
  const free = room.quota === undefined ? null : room.quota - room.usage;
  const megabytes = number(Math.round((free ?? 0) / 1_000_000));
  return html`<section class="block health">
    <h2>${t("Are the records safe here?")}</h2>
    <${Line} good=${isInstalled()} yes=${t("The app is installed on this phone.")}
      no=${t("The app is not installed: the browser may clear it sooner.")}>
      ${install ? html`<button class="button" type="button" onClick=${install}><${Icon} name="download" />${t("Install")}</button>`
        : html`<a class="button" href="#/install"><${Icon} name="download" />${t("How to install")}</a>`}
    </>
    <${Line} good=${kept === true} yes=${t("The browser has promised to keep the records.")}
      no=${t("The browser may clear records when space runs short: press Send now often.")}>
      <button class="button" type="button" onClick=${ask}><${Icon} name="shield-check" />${t("Ask to keep them")}</button></>
    ${free !== null && html`<${Line} good=${free > LITTLE} yes=${t("Room left for the app: {megabytes} MB", { megabytes })}
      no=${t("Little room left ({megabytes} MB): delete photos or videos you no longer need.", { megabytes })} />`}
  </section>`;
}

function Line({ good, yes, no, children }) {
  return html`<div class="health-line">
    <p class="this-line"><${Icon} name=${good ? "check" : "circle-alert"} /><span>${good ? yes : no}</span></p>
    ${!good && children}
  </div>`;
}

function Look() {
  const [chosen, setChosen] = useState(look());
  const change = (part) => {
    chooseLook({ ...chosen, ...part });
    setChosen(look());
  };
  return html`
    <${Choice} legend=${t("Text size")} name="size" look="columns-3" value=${chosen.size}
      options=${[["normal", t("Normal")], ["large", t("Large")], ["larger", t("Very large")]]} onChoose=${(size) => change({ size })} />
    <${Choice} legend=${t("Light or dark")} name="theme" look="columns-3" value=${chosen.theme}
      options=${[["system", t("As the phone")], ["light", t("Light")], ["dark", t("Dark")]]} onChoose=${(theme) => change({ theme })} />
    <${Choice} legend=${t("Contrast")} name="contrast" value=${chosen.contrast}
      options=${[["normal", t("Normal")], ["more", t("Stronger, for bright sun")]]} onChoose=${(contrast) => change({ contrast })} />`;
}
