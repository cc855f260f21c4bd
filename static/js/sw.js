// The phone's service worker: keeps one whole version of the app, and hands out that version only.
// The server fills in the next three lines: what is fetched in one parcel, and what by itself.
const VERSION = "";
const PARCEL = "";
const ALONE = [];

const SHELL = "/phone/";
const PREFIX = "tung-nha ";
const CACHE = PREFIX + VERSION;
const KINDS = { css: "text/css", js: "text/javascript", json: "application/json", svg: "image/svg+xml" };

// A new version is fetched whole or not at all, and waits: it never replaces the one in use by itself.
self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    const alone = ALONE.map((url) => new Request(url, { cache: url === SHELL ? "reload" : "default" }));
    await Promise.all([cache.addAll(alone), unpack(cache)]);
  })());
});

// One request for many files, which is kinder to a slow line; kept as the files they are.
async function unpack(cache) {
  const parcel = await fetch(PARCEL, { cache: "no-store" });
  if (!parcel.ok) throw new Error(`${parcel.status} ${PARCEL}`);
  await Promise.all(Object.entries(await parcel.json()).map(([url, text]) => cache.put(url, new Response(text, {
    headers: { "Content-Type": `${KINDS[url.split(".").pop()]}; charset=utf-8`, "X-Content-Type-Options": "nosniff" },
  }))));
}

self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
  if (event.data === "answer for me") event.waitUntil(self.clients.claim());
});

// The version before this one stays: a tab in which a form is open goes on running on it.
self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const others = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
    for (const name of others.slice(0, -1)) await caches.delete(name);
    await self.clients.claim();
  })());
});

// Addresses of files carry their version, so that any cache that has one is right; the shell's does not.
async function kept(request, key = request) {
  const found = await (await caches.open(CACHE)).match(key) ?? (key === request ? await caches.match(request) : null);
  return found ?? fetch(request);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (url.pathname === SHELL) event.respondWith(kept(request, SHELL));
  } else if (url.pathname.startsWith("/static/") || url.pathname === "/manifest.webmanifest") {
    event.respondWith(kept(request));
  }
});
