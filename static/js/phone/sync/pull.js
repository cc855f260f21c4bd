// Fetching the team's homes, page by page, into the cache.

import { finish, position, rebuild, take } from "../store/cache.js";
import { pull, Refused } from "./wire.js";

/** Bring the cache up to date for a person, building a new one where the old cannot be carried on. */
export async function pullAll(person) {
  const { cursor, user_id: owner } = position();
  if (owner !== person.id || !cursor) await rebuild(person.id);
  for (;;) {
    const { cursor: from, epoch } = position();
    let page;
    try {
      page = await pull(from);
    } catch (error) {
      const stale = error instanceof Refused && [400, 409, 410, 422].includes(error.status);
      if (!stale || !from) throw error;
      await rebuild(person.id); // the server no longer knows the cursor
      continue;
    }
    if (from && epoch !== page.epoch) {
      await rebuild(person.id); // the server was restored from a backup
      continue;
    }
    await take(page);
    if (!page.more) break;
  }
  await finish();
}
