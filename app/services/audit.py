"""The trail beside every write."""

from collections.abc import Mapping
from typing import Any

import structlog

from app.core.clock import now
from app.core.database import db
from app.models.audit import AuditEntry
from app.rules.permissions import GRANTS, Actor


def note(actor: Actor, action: str, subject_id: str | None, details: Mapping[str, Any] | None = None) -> None:
    """Write down that `actor` did `action` (a permission's words) to a subject.

    `details` tell what a later reader needs, never personal data.
    """
    db.session.add(AuditEntry(**row(actor, action, subject_id, details)))


def row(
    actor: Actor, action: str, subject_id: str | None, details: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Make the row that `note` writes, for a ledger to write along with others."""
    if action not in GRANTS:
        raise KeyError(action)
    return {
        "at": now(),
        "actor_id": actor.id,
        "action": action,
        "subject_id": subject_id,
        "details": dict(details or {}),
        "request_id": structlog.contextvars.get_contextvars().get("request_id"),
    }
