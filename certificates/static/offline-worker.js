/* Keeps the page for checks without a network, and nothing else: every other request passes as if there was no worker.
   VERSION and KEPT are written above by the server; VERSION is a hash of all that is kept. */
"use strict";

const STORE = `offline-${VERSION}`, PAGE = "/offline", PATIENCE = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(STORE).then((store) => store.addAll(KEPT)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys()
    .then((names) => Promise.all(names.filter((name) => name.startsWith("offline-") && name !== STORE).map((name) => caches.delete(name))))
    .then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { origin, pathname, search } = new URL(event.request.url);
  const address = pathname.toLowerCase() === PAGE ? PAGE : pathname + search;
  if (event.request.method === "GET" && origin === self.location.origin && KEPT.includes(address)) event.respondWith(answer(address));
});

/* What is new counts; what is kept answers where the network does not, or not soon. The address without what stood behind #. */
async function answer(address) {
  const store = await caches.open(STORE), kept = await store.match(address);
  const fresh = fetch(address, { cache: "no-cache" }).then(async (found) => {
    if (!found.ok) return kept || found;
    await store.put(address, found.clone());
    return found;
  });
  if (!kept) return fresh;
  return Promise.race([fresh.catch(() => kept), new Promise((end) => setTimeout(() => end(kept), PATIENCE))]);
}
