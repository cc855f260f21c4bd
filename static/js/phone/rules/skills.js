// Digital-skill activities in their five areas, and who counts as having basic skills: twin of
// app/rules/skills.py, both held to tests/cases/skills.json.

/** Areas as DigComp, ITU and Eurostat cut them, each with its activities. */
export const AREAS = {
  information: ["find_information", "check_truth"],
  communication: ["message_call", "public_services"],
  creation: ["photo_video", "document_form"],
  safety: ["passwords_privacy", "recognise_scams"],
  problem_solving: ["install_apps", "shop_online", "pay_online", "learn_online"],
};

export const ACTIVITIES = Object.values(AREAS).flat();

const RULES = {
  five_areas: { groups: Object.values(AREAS), needed: 5 },
  any_one: { groups: [ACTIVITIES], needed: 1 },
  national_contents: {
    groups: [["public_services"], ["shop_online"], ["pay_online"], ["recognise_scams", "passwords_privacy"]],
    needed: 3,
  },
};

/** Say whether someone who does these activities has basic skills; null where they were not asked. */
export function isBasic(skills, rule) {
  if (skills === null) return null;
  const { groups, needed } = RULES[rule];
  return groups.filter((group) => group.some((activity) => skills.includes(activity))).length >= needed;
}
