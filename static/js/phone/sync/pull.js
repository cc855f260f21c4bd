// Fetching the team's homes, page by page, into the cache.

import { finish, position, rebuild, take } from "../store/cache.js";
import { hasRoom } from "../store/device.js";
import { pull, Refused } from "./wire.js";

/** The phone has too little room left for the team's homes; sending goes on. */
export class Full extends Error {}

/** Bring the cache up to date for a person, building a new one where the old cannot be carried on. */
export async function pullAll(person, progress) {
  if (!(await hasRoom())) throw new Full();
  const { cursor, user_id: owner } = position();
  if (owner !== person.id || !cursor) await rebuild(person.id);
  let done = 0;
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
      done = 0;
      continue;
    }
    await take(page);
    done += page.items.filter(({ kind }) => kind === "household").length;
    progress({ what: "pull", done, all: page.left === undefined ? null : done + page.left });
    if (!page.more) break;
  }
  await finish();
}
