"""Digital-skill activities as a bit mask, their five areas, and who counts as having basic skills.

A mask is an integer whose bit i is the i-th member of `vocabulary.Activity`; None means "not assessed",
which is not the same as the empty set (0). Every rule is a list of groups of activities and a number of
groups that must be touched, so that a query can give the same verdict with bitwise operators (`groups`,
`needed`).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from app.rules.vocabulary import Activity, SkillRule

BITS: dict[Activity, int] = {activity: 1 << position for position, activity in enumerate(Activity)}
ALL = (1 << len(BITS)) - 1

AREAS: dict[str, tuple[Activity, ...]] = {
    "information": (Activity.FIND_INFORMATION, Activity.CHECK_TRUTH),
    "communication": (Activity.MESSAGE_CALL, Activity.PUBLIC_SERVICES),
    "creation": (Activity.PHOTO_VIDEO, Activity.DOCUMENT_FORM),
    "safety": (Activity.PASSWORDS_PRIVACY, Activity.RECOGNISE_SCAMS),
    "problem_solving": (
        Activity.INSTALL_APPS,
        Activity.SHOP_ONLINE,
        Activity.PAY_ONLINE,
        Activity.LEARN_ONLINE,
    ),
}
"""The five areas shared by DigComp, ITU and Eurostat, in their usual order."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A rule for "basic skills": a person shares bits with at least `needed` of the masks in `groups`."""

    groups: tuple[int, ...]
    needed: int


def encode(activities: Iterable[str]) -> int:
    """Turn activities into a mask; an unknown activity is a ValueError, a repeated one counts once."""
    mask = 0
    for activity in activities:
        mask |= BITS[Activity(activity)]
    return mask


def decode(mask: int) -> list[Activity]:
    """Turn a mask into its activities, in order; bits beyond the last are a ValueError."""
    if mask < 0 or mask > ALL:
        raise ValueError(f"not a mask of {len(BITS)} activities: {mask}")
    return [activity for activity, bit in BITS.items() if mask & bit]


RULES: dict[SkillRule, Verdict] = {
    # ITU (HH15) and Eurostat's digital skills indicator 2.0: something in each of the five areas.
    SkillRule.FIVE_AREAS: Verdict(tuple(encode(area) for area in AREAS.values()), 5),
    # The statistics office's indicator 0503: any of the activities.
    SkillRule.ANY_ONE: Verdict((ALL,), 1),
    # The ministry's contents for the teams (2022): services, shopping, paying, safety; three of four.
    SkillRule.NATIONAL_CONTENTS: Verdict(
        (
            encode([Activity.PUBLIC_SERVICES]),
            encode([Activity.SHOP_ONLINE]),
            encode([Activity.PAY_ONLINE]),
            encode([Activity.RECOGNISE_SCAMS, Activity.PASSWORDS_PRIVACY]),
        ),
        3,
    ),
}


def is_basic(mask: int, rule: SkillRule) -> bool:
    """Say whether someone with these activities has basic skills under `rule`."""
    verdict = RULES[rule]
    return sum(1 for group in verdict.groups if mask & group) >= verdict.needed
