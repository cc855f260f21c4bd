"""JSON under /api/v1 (shared with nobody's pages): one blueprint per noun."""

from app.api import coverage, exports, indicators, releases, sessions, sync, units

BLUEPRINTS = [
    sessions.blueprint,
    sync.blueprint,
    units.blueprint,
    indicators.blueprint,
    coverage.blueprint,
    exports.blueprint,
    releases.blueprint,
]
