"""Who may do what, on one screen. A permission is the service call's (or the query's) own words.

The same string stands here, on the route (`guards.requires`) and in the audit trail. Everything not
granted is denied. Scope ("which rows") is not decided here but in `queries/scope.py`.
"""

from dataclasses import dataclass

from app.rules.vocabulary import Role

V, L, O, P, A = Role.VOLUNTEER, Role.LEADER, Role.OFFICIAL, Role.PROVINCE, Role.ADMIN  # noqa: E741
EVERYONE = frozenset(Role)

GRANTS: dict[str, frozenset[Role]] = {
    "sessions.open": EVERYONE,
    "sessions.show": EVERYONE,
    "sessions.close": EVERYONE,
    "sessions.issue_card": frozenset({O}),
    "units.list": EVERYONE,
    "indicators.definitions": EVERYONE,
    "sync.push": frozenset({V, L}),
    "sync.pull": frozenset({V, L}),
    "sync.receipts": frozenset({V, L}),
    "households.register": frozenset({V, L}),
    "visits.record": frozenset({V, L}),
    "visits.withdraw": frozenset({V, L}),
    "households.amend": frozenset({V, L}),
    "sync.begin_epoch": frozenset({V, L, A}),
    "sync.rescue": EVERYONE,
    "sync.phones": frozenset({O}),
    "operations.list": frozenset({O}),
    "operations.take_in": frozenset({O}),
    "operations.set_aside": frozenset({O}),
    "operations.settle": frozenset({O}),
    "households.list": frozenset({O}),
    "households.show": frozenset({O}),
    "reviews.give_back": frozenset({O}),
    "coverage.show": frozenset({O, P}),
    "indicators.values": frozenset({O, P}),
    "exports.download": frozenset({O, P}),
    "releases.list": frozenset({O, P}),
    "releases.approve": frozenset({O}),
    "releases.take_back": frozenset({O}),
    "releases.publish": frozenset({P}),
    "releases.restate": frozenset({P}),
    "units.load": frozenset({A}),
    "units.succeed": frozenset({A}),
    "units.enact": frozenset({A}),
    "units.undo": frozenset({A}),
    "baselines.load": frozenset({A}),
    "rollups.rebuild": frozenset({A}),
    "targets.load": frozenset({A}),
    "teams.add": frozenset({A}),
    "teams.end": frozenset({A}),
    "users.add": frozenset({A}),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts: a signed-in user, or the operator at the command line (`OPERATOR`).

    `unit_id` is the scope of officials and province staff; `device_id` is set when the session was
    opened from a phone.
    """

    id: str | None
    role: Role
    unit_id: str | None = None
    device_id: str | None = None

    def may(self, permission: str) -> bool:
        """Say whether this actor's role is granted `permission`; an unknown one is a KeyError."""
        return self.role in GRANTS[permission]


OPERATOR = Actor(id=None, role=Role.ADMIN)
