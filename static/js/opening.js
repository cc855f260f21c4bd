// Opens the phone's app. The service worker fetches all of the app in one parcel, its modules joined into one; on the
// first visit this waits for it, which is sooner there than the files one by one. Where there is no service worker, or
// it fails, they are fetched one by one.

const INSTALLING = 60_000; // a parcel on the slowest line that is still of use
const ANSWERING = 3_000;

const { joined, modules: listed } = document.currentScript.dataset;
const modules = listed.split(" "); // the first is main.js, the others what it imports

const limit = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// Resolve once the service worker answers for this page, or cannot.
async function ready() {
  const workers = navigator.serviceWorker;
  if (!workers || workers.controller) return;
  document.querySelector("[data-opening]").hidden = false;
  const answering = new Promise((resolve) => workers.addEventListener("controllerchange", resolve, { once: true }));
  const { active, installing } = await workers.register("/sw.js", { scope: "/phone/", updateViaCache: "none" });
  if (active) { // it came while this page was on its way, or the page was reloaded past it
    active.postMessage("answer for me");
    await Promise.race([answering, limit(ANSWERING)]);
    return;
  }
  const failed = new Promise((resolve) => installing?.addEventListener("statechange", () => {
    if (installing.state === "redundant") resolve();
  }));
  await Promise.race([answering, failed, limit(INSTALLING)]);
}

ready().catch(() => {}).then(() => {
  if (navigator.serviceWorker?.controller) return import(joined);
  document.head.append(...modules.map((href) => Object.assign(document.createElement("link"), { rel: "modulepreload", href })));
  return import(modules[0]);
});
