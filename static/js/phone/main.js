// The phone's app: opens the journal and the cache, draws the screen that the address names, starts to sync.

import * as book from "./store/book.js";
import * as cache from "./store/cache.js";
import { chosenLanguage, me, mustInstall, persist, showLook } from "./store/device.js";
import { homesOf, opened, readAhead } from "./store/homes.js";
import { Banners, Welcome } from "./screens/banners.js";
import { Homes } from "./screens/homes.js";
import { Today } from "./screens/today.js";
import { isShut, keyIdOf } from "./store/lock.js";
import * as loop from "./sync/loop.js";
import { html, render, useEffect, useState } from "./ui/html.js";
import { load, t } from "./ui/i18n.js";
import { Announcer, Head, useWatched } from "./ui/parts.js";

// Screens that a first look does not need: fetched soon after the start, and kept for offline use like the others.
const SCREENS = {
  Home: () => import("./later/home.js"),
  Visit: () => import("./later/visit.js"),
  Register: () => import("./later/register.js"),
  Amend: () => import("./later/amend.js"),
  Outbox: () => import("./later/outbox.js"),
  Rescue: () => import("./later/rescue.js"),
  Leave: () => import("./later/rescue.js"),
  Lock: () => import("./later/pin.js"),
  Pin: () => import("./later/pin.js"),
  Device: () => import("./later/device.js"),
  Help: () => import("./later/help.js"),
  Tour: () => import("./later/help.js"),
  Install: () => import("./later/help.js"),
};

const loaded = new Map();

async function fetched(name) {
  if (!loaded.has(name)) loaded.set(name, (await SCREENS[name]())[name]);
  return loaded.get(name);
}

const idle = globalThis.requestIdleCallback ?? ((run) => setTimeout(run, 2000));

// Fetch them while nothing else is going on, so that an update or a dead network later does no harm.
async function fetchLater() {
  await loop.tried;
  idle(() => Promise.all(Object.keys(SCREENS).map(fetched)).catch(() => {}));
}

// Work out how homes are found before anybody searches, a few hundred at a time.
function makeReady(from = 0) {
  const homes = me() ? homesOf(me()).slice(from, from + 200) : [];
  for (const home of homes) home.searched();
  if (homes.length) idle(() => makeReady(from + 200));
}

// Show one of them by its name once it is here; the other properties are its own.
function Later({ name, ...properties }) {
  const [state, setState] = useState(loaded.has(name) ? "here" : "coming");
  useEffect(() => {
    fetched(name).then(() => setState("here"), () => setState("failed"));
  }, [name]);
  if (state === "here") return html`<${loaded.get(name)} ...${properties} />`;
  return html`<${Head} title=${t("One moment")} back="#/" />
    <main class="page">${state === "failed" ? html`<p>${t("This screen could not be fetched: open the app again.")}</p>
      <p><a class="button primary" href="/phone/">${t("Try again")}</a></p>`
    : html`<p class="quiet" role="status">${t("Opening the notebook…")}</p>`}</main>`;
}

const FORMS = ["register", "visit", "mend", "amend"];
const PLAIN = { pin: "Pin", leave: "Leave", device: "Device", help: "Help", tour: "Tour", install: "Install" };

// The browser's own offer to install the app, kept until somebody taps for it.
let install = null;
addEventListener("beforeinstallprompt", (offer) => {
  offer.preventDefault();
  install = () => offer.prompt();
});

function route() {
  const [screen = "", ...rest] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  return { screen, rest };
}

function useRoute() {
  const [at, setAt] = useState(route);
  useEffect(() => {
    const moved = () => {
      setAt(route());
      scrollTo(0, 0);
    };
    addEventListener("hashchange", moved);
    setAt(route()); // it may have changed before anybody listened
    return () => removeEventListener("hashchange", moved);
  }, []);
  return at;
}

function Screen({ person, homes, screen, rest }) {
  const homeOf = (id) => opened(homes.find((home) => home.id === id));
  const own = (op) => (op?.author_id === person.id ? op : null);
  const shared = { person, homes };
  if (FORMS.includes(screen) && mustInstall()) return html`<${Later} name="Install" />`;
  if (screen === "outbox") return html`<${Later} name="Outbox" ...${shared} />`;
  if (screen === "homes") return html`<${Homes} ...${shared} />`;
  if (PLAIN[screen]) return html`<${Later} name=${PLAIN[screen]} person=${person} install=${install} />`;
  if (screen === "register") return html`<${Later} name="Register" ...${shared} />`;
  if (screen === "home") return html`<${Later} name="Home" ...${shared} id=${rest[0]} />`;
  if (screen === "visit" && homeOf(rest[0])) {
    const home = homeOf(rest[0]);
    const correcting = rest[1] === "correct" ? home.visits.find(({ id }) => id === rest[2]) : null;
    const outcome = rest[1] === "absent" ? "absent" : undefined;
    return html`<${Later} name="Visit" person=${person} home=${home} outcome=${outcome} correcting=${correcting ?? null} />`;
  }
  if (screen === "amend" && homeOf(rest[0])) {
    return html`<${Later} name="Amend" person=${person} home=${homeOf(rest[0])} />`;
  }
  if (screen === "rescue") {
    return html`<${Later} name="Rescue" person=${person} op=${rest[0] ? own(book.operation(rest[0])) : null} />`;
  }
  if (screen === "mend") {
    const op = book.operation(rest[0]);
    if (op?.type === "household.amend" && homeOf(op.data.id)) {
      return html`<${Later} name="Amend" person=${person} home=${homeOf(op.data.id)} mending=${op} />`;
    }
    if (op?.type === "household.register") return html`<${Later} name="Register" ...${shared} mending=${op} />`;
    const home = op && homeOf(op.data.household_id);
    if (home) return html`<${Later} name="Visit" person=${person} home=${home} mending=${op} />`;
  }
  return ["visit", "mend", "amend"].includes(screen)
    ? html`<${Later} name="Home" ...${shared} id=${rest[0]} />`
    : html`<${Today} ...${shared} />`;
}

function App() {
  useWatched(book.watch, loop.watch);
  const { screen, rest } = useRoute();
  const person = me();
  if (person && isShut(person.id)) return html`<${Later} name="Lock" person=${person} onOpen=${() => read().then(go)} /><${Announcer} />`;
  return html`<${Banners} busy=${FORMS.includes(screen)} />
    ${person
      ? html`<${Screen} key=${[screen, ...rest].join("/")} person=${person} homes=${homesOf(person)} screen=${screen} rest=${rest} />`
      : html`<${Welcome} />`}
    <${Announcer} />`;
}

async function read() {
  await cache.open();
  await book.open();
  if (me()) await readAhead(me());
}

// Once what this phone holds is read: at the start, or when the PIN was given.
function go() {
  loop.start();
  persist();
  fetchLater();
  idle(() => makeReady());
}

const LOCKED_AFTER = 5 * 60_000;
let touchedAt = Date.now();

// With a PIN the app locks itself when nobody has touched it for a while, also while it was put away.
function watchIdling() {
  const check = () => {
    const person = me();
    if (person && keyIdOf(person.id) && !isShut(person.id) && Date.now() - touchedAt > LOCKED_AFTER) location.reload();
  };
  for (const each of ["pointerdown", "keydown"]) addEventListener(each, () => { check(); touchedAt = Date.now(); }, true);
  document.addEventListener("visibilitychange", check);
  setInterval(check, 15_000);
}

async function start() {
  showLook();
  const { assetRoot } = document.documentElement.dataset;
  await Promise.all([load(chosenLanguage() ?? document.documentElement.lang, assetRoot), book.openKeys()]);
  const shut = me() && isShut(me().id);
  if (!shut) await read();
  const app = document.getElementById("app");
  app.replaceChildren();
  render(html`<${App} />`, app);
  watchIdling();
  if (!shut) go();
}

start();
