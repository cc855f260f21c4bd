"""Tables, one file per aggregate. A row may answer questions about itself, nothing more."""

from app.models import (
    audit,
    baselines,
    households,
    operations,
    releases,
    rollups,
    sessions,
    sync,
    targets,
    teams,
    units,
    users,
    visits,
)

__all__ = [
    "audit",
    "baselines",
    "households",
    "operations",
    "releases",
    "rollups",
    "sessions",
    "sync",
    "targets",
    "teams",
    "units",
    "users",
    "visits",
]
