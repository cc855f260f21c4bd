// Lines above every screen: what stands in the way, in a sentence, with what to do about it. The offer of a
// new version is one of them.

import { me, mustInstall } from "../store/device.js";
import { standing, tried } from "../sync/loop.js";
import { html, useEffect, useState } from "../ui/html.js";
import { t } from "../ui/i18n.js";
import { Icon } from "../ui/parts.js";

/** The lines; a new version is not offered while a form is open (`busy`). */
export function Banners({ busy }) {
  const [update, setUpdate] = useState(null);
  useEffect(() => watchForUpdates((take) => setUpdate(() => take)), []);
  return html`<aside class="banners" aria-label=${t("To know")}>
    ${!globalThis.isSecureContext && html`<p class="banner bad"><${Icon} name="wifi-off" />
      <span>${t("This address is plain HTTP: the app cannot work offline here. Ask for the address that begins with https.")}</span></p>`}
    ${mustInstall() && html`<p class="banner"><${Icon} name="smartphone" />
      <span>${t("On an iPhone, install the app first; recording begins there.")}</span>
      <a class="banner-link" href="#/install">${t("How to install")}</a></p>`}
    ${standing.problem === "signed_out" && me() && html`<p class="banner"><${Icon} name="user" />
      <span>${t("Signed out. Recording goes on; sign in again to send.")}</span>
      <a class="banner-link" href="/sign-in?next=/phone/">${t("Sign in")}</a></p>`}
    ${update && !busy && html`<p class="banner"><${Icon} name="download" />
      <span>${t("A new version is ready.")}</span>
      <button class="banner-link" type="button" onClick=${update}>${t("Update")}</button></p>`}
  </aside>`;
}

// The service worker is installed once and replaced only when the person says so: `offer` is called with a
// function that takes a new version in, once one waits.
function watchForUpdates(offer) {
  if (!("serviceWorker" in navigator)) return;
  const workers = navigator.serviceWorker;
  let asked = false;
  workers.addEventListener("controllerchange", () => asked && location.reload());
  const take = (worker) => () => {
    asked = true;
    worker.postMessage("take over");
  };
  const look = async () => {
    await tried;
    const registration = await workers.register("/sw.js", { scope: "/phone/", updateViaCache: "none" });
    if (registration.waiting && workers.controller) offer(take(registration.waiting));
    registration.addEventListener("updatefound", () => {
      const { installing } = registration;
      installing.addEventListener("statechange", () => {
        if (installing.state === "installed" && workers.controller) offer(take(installing));
      });
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") registration.update().catch(() => {});
    });
  };
  look().catch(() => {}); // no network: the installed one goes on
}

/** What stands on a phone on which nobody has signed in yet. */
export function Welcome() {
  const waiting = standing.problem === null;
  return html`<main class="welcome">
    <h1 tabindex="-1">Từng Nhà</h1>
    ${waiting ? html`<p role="status">${t("Opening the notebook…")}</p>` : standing.problem === "unreachable"
      ? html`<p>${t("The first time needs the network: connect, then try again.")}</p>
        <p><a class="button primary" href="/phone/">${t("Try again")}</a></p>`
      : html`<p>${t("Sign in once on this phone. After that it works without a network too.")}</p>
        <p><a class="button primary" href="/sign-in?next=/phone/">${t("Sign in")}</a></p>`}
  </main>`;
}
