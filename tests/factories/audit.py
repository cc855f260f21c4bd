"""Audit entries."""

from app.models.audit import AuditEntry
from app.models.users import User
from tests.factories.rows import MORNING, save


def audit_entry(action: str, *, actor: User | None = None, subject_id: str | None = None) -> AuditEntry:
    """A change in the trail."""
    return save(
        AuditEntry(at=MORNING, actor_id=actor and actor.id, action=action, subject_id=subject_id, details={})
    )
