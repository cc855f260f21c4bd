"""What an official says of visits."""

from app.core import errors
from app.models.visits import Visit
from app.queries import visits as looks
from app.rules.permissions import Actor
from app.rules.vocabulary import VisitStatus
from app.services import audit, households, visits

LONGEST_REASON = 500


class ReasonMissing(errors.Invalid):
    """Returning a visit needs a reason that helps whoever recorded it."""

    code = "reviews.reason"
    message = errors.message("Write the reason, in 1 to 500 characters.")


class NotStanding(errors.Conflict):
    """The visit is withdrawn, corrected since, or already returned."""

    code = "reviews.not_standing"
    message = errors.message("This visit no longer counts, so there is nothing to return.")


def give_back(actor: Actor, visit_id: str, reason: str) -> Visit:
    """Return a doubtful visit to whoever recorded it: it no longer counts, and their phone shows the reason.

    Raises NotFound outside the official's commune, NotStanding, ReasonMissing.
    """
    visit = looks.in_scope_or_404(actor, visit_id)
    reason = reason.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise ReasonMissing(fields={"reason": [ReasonMissing.message]})
    if not visit.is_counting:
        raise NotStanding
    visit.status = VisitStatus.RETURNED
    visit.status_reason = reason
    visits.recount(visit.family_id)
    households.announce(looks.homes_of_family(visit.family_id))
    audit.note(actor, "reviews.give_back", visit.id, {"household": visit.household_id})
    return visit
