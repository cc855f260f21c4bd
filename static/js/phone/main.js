// The phone's app: opens the journal and the cache, draws the screen that the address names, starts to sync.

import * as book from "./store/book.js";
import * as cache from "./store/cache.js";
import { chosenLanguage, me } from "./store/device.js";
import { homesOf } from "./store/homes.js";
import { Banners, Welcome } from "./screens/banners.js";
import { Home } from "./screens/home.js";
import { Homes } from "./screens/homes.js";
import { Outbox } from "./screens/outbox.js";
import { Register } from "./screens/register.js";
import { Visit } from "./screens/visit.js";
import * as loop from "./sync/loop.js";
import { html, render, useEffect, useState } from "./ui/html.js";
import { load } from "./ui/i18n.js";
import { Announcer, useWatched } from "./ui/parts.js";

const FORMS = ["register", "visit", "mend"];

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
    return () => removeEventListener("hashchange", moved);
  }, []);
  return at;
}

function Screen({ person, homes, screen, rest }) {
  const homeOf = (id) => homes.find((home) => home.id === id);
  const shared = { person, homes };
  if (screen === "outbox") return html`<${Outbox} ...${shared} />`;
  if (screen === "register") return html`<${Register} person=${person} />`;
  if (screen === "home") return html`<${Home} ...${shared} id=${rest[0]} />`;
  if (screen === "visit" && homeOf(rest[0])) {
    const home = homeOf(rest[0]);
    const correcting = rest[1] === "correct" ? home.visits.find(({ id }) => id === rest[2]) : null;
    return html`<${Visit} person=${person} home=${home} correcting=${correcting ?? null} />`;
  }
  if (screen === "mend") {
    const op = book.operation(rest[0]);
    if (op?.type === "household.register") return html`<${Register} person=${person} mending=${op} />`;
    const home = op && homeOf(op.data.household_id);
    if (home) return html`<${Visit} person=${person} home=${home} mending=${op} />`;
  }
  return screen === "visit" || screen === "mend"
    ? html`<${Home} ...${shared} id=${rest[0]} />`
    : html`<${Homes} ...${shared} />`;
}

function App() {
  useWatched(book.watch, loop.watch);
  const { screen, rest } = useRoute();
  const person = me();
  return html`<${Banners} busy=${FORMS.includes(screen)} />
    ${person
      ? html`<${Screen} key=${[screen, ...rest].join("/")} person=${person} homes=${homesOf(person)} screen=${screen} rest=${rest} />`
      : html`<${Welcome} />`}
    <${Announcer} />`;
}

async function start() {
  const { assetRoot } = document.documentElement.dataset;
  await Promise.all([
    load(chosenLanguage() ?? document.documentElement.lang, assetRoot),
    cache.open().then(book.open),
  ]);
  const app = document.getElementById("app");
  app.replaceChildren();
  render(html`<${App} />`, app);
  loop.start();
}

start();
