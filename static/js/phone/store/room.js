// How much room the browser gives this phone's records, and whether it has promised to keep them.

const NEEDED = 5 * 1024 * 1024; // a large team's homes, twice, for a new cache is built beside the old one

/** Say whether there is room to fetch homes; a browser that does not tell is taken at its best. */
export async function hasRoom() {
  const { quota, usage } = await estimate();
  return quota === undefined || quota - usage > NEEDED;
}

/** Give `{quota, usage}` in bytes, as far as the browser tells. */
export async function estimate() {
  return (await navigator.storage?.estimate?.().catch(() => null)) ?? {};
}

/** Ask the browser to keep the records when space runs short: true, false, or null where it cannot be asked. */
export async function persist() {
  const { storage } = navigator;
  if (!storage?.persist) return null;
  return (await storage.persisted()) || storage.persist();
}
