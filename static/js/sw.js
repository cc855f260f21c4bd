// The phone's service worker: keeps one whole version of the app, and hands out that version only.
// The server fills in the next two lines.
const VERSION = "";
const PRECACHE = [];

const SHELL = "/phone/";
const PREFIX = "tung-nha ";
const CACHE = PREFIX + VERSION;

// A new version is fetched whole or not at all, and waits: it never replaces the one in use by itself.
self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(PRECACHE.map((url) => new Request(url, { cache: url === SHELL ? "reload" : "default" })));
  })());
});

self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
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
async function kept(request, key = null) {
  const found = key ? await (await caches.open(CACHE)).match(key) : await caches.match(request);
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
