// What differs between two interviews at one home.

const OF_MEMBERS = ["phone", "account", "skills"];

const same = (a, b) => JSON.stringify(Array.isArray(a) ? [...a].sort() : a ?? null) === JSON.stringify(Array.isArray(b) ? [...b].sort() : b ?? null);

/**
 * List what changed from one interview to a later one: `{what, from, to, member, index}`. `what` is fibre, device,
 * came, went, phone, account or skills; `member` is the person it is about, or null.
 */
export function changesBetween(before, after) {
  const changes = [];
  const add = (what, from, to, member = null, index = null) => changes.push({ what, from, to, member, index });
  if (!same(before.fibre, after.fibre)) add("fibre", before.fibre, after.fibre);
  if (!same(before.other_smart_device, after.other_smart_device)) add("device", before.other_smart_device, after.other_smart_device);
  const earlier = new Map(before.members.map((member) => [member.id, member]));
  after.members.forEach((member, index) => {
    const known = earlier.get(member.id);
    earlier.delete(member.id);
    if (!known) add("came", null, null, member, index);
    else for (const field of OF_MEMBERS) if (!same(known[field], member[field])) add(field, known[field], member[field], member, index);
  });
  for (const member of earlier.values()) add("went", null, null, member, before.members.indexOf(member));
  return changes;
}
