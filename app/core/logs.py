"""The log: one line of JSON per event on standard error, read by the operator, so without personal data.

Tracebacks name files and lines, never the values of variables; what a statement of the database carried is
hidden too (`hide_parameters` in create_app). An event on one line cannot be forged by what a request sent.
"""

import sys

import structlog


def configure() -> None:
    """Make every `structlog.get_logger()` of this process write so."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=_to_stderr,
    )


def _to_stderr(*_names: str) -> structlog.PrintLogger:
    return structlog.PrintLogger(sys.stderr)
