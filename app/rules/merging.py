"""Merging a household's fields, one by one, when phone and server both changed the home (see sync.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Clash:
    """The same field changed on both sides: the server's value stays, the phone's goes to the official."""

    kept: object
    offered: object


@dataclass(frozen=True, slots=True)
class Merge:
    """What becomes of a change: fields to write, and fields that clashed."""

    accepted: dict[str, object] = field(default_factory=dict)
    clashes: dict[str, Clash] = field(default_factory=dict)


def merge(
    current: Mapping[str, object],
    revisions: Mapping[str, int],
    changes: Mapping[str, object],
    base: Mapping[str, int],
) -> Merge:
    """Merge `changes`, made on a phone that knew the revisions `base`, into `current` at `revisions`.

    A field that nobody else changed is accepted; so is one whose base lies ahead of the server's revision,
    which happens only after a restored backup. A field without a base counts as known at revision 0. A
    change to the very value the server has is neither written nor a clash. Fields unknown to `current` are
    a KeyError.
    """
    result = Merge()
    for name, offered in changes.items():
        kept = current[name]
        if offered == kept:
            continue
        if base.get(name, 0) >= revisions.get(name, 0):
            result.accepted[name] = offered
        else:
            result.clashes[name] = Clash(kept=kept, offered=offered)
    return result
