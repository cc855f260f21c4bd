"""Rows for tests: one factory per model, named as the model. Each makes what it depends on, and flushes.

    household = factories.household(unit=hamlet)
    factories.visit(household=household, visited_on=date(2025, 6, 12))

They write plain rows, as the services would have left them; to test a service, call the service.
"""

from tests.factories.audit import audit_entry
from tests.factories.baselines import baseline
from tests.factories.households import household, member, residence
from tests.factories.operations import field_conflict, operation
from tests.factories.releases import approval, release, release_cell
from tests.factories.rollups import rollup
from tests.factories.sessions import session, sign_in_attempt, sign_in_card
from tests.factories.sync import device, epoch, feed_entry
from tests.factories.targets import target
from tests.factories.teams import membership, team
from tests.factories.units import commune, district, hamlet, province, succession, unit, unit_act, unit_span
from tests.factories.users import PASSWORD, user
from tests.factories.visits import observation, visit, visit_topic

__all__ = [
    "PASSWORD",
    "approval",
    "audit_entry",
    "baseline",
    "commune",
    "device",
    "district",
    "epoch",
    "feed_entry",
    "field_conflict",
    "hamlet",
    "household",
    "member",
    "membership",
    "observation",
    "operation",
    "province",
    "release",
    "release_cell",
    "residence",
    "rollup",
    "session",
    "sign_in_attempt",
    "sign_in_card",
    "succession",
    "target",
    "team",
    "unit",
    "unit_act",
    "unit_span",
    "user",
    "visit",
    "visit_topic",
]
