"""One transaction per request, here and nowhere else: returning commits, raising rolls back.

Requests that only look begin without SQLite's write lock; so do those that read much before they write.
"""

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, current_app, g, request

from app.core.database import db, only_reading

_LOOKING = frozenset({"GET", "HEAD", "OPTIONS"})


def init_app(app: Flask) -> None:
    """Open and settle the transaction of every request of `app`."""
    app.before_request(_begin)
    app.after_request(_settle)
    app.teardown_request(_end)


def looks_first(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let a view that changes things call `start_writing` itself, once it has read what it was sent."""
    view.looks_first = True  # type: ignore[attr-defined]
    return view


def keep_changes() -> None:
    """Commit this request's changes although its answer is an error (a failed sign-in counts)."""
    g.keeps_changes = True


def settle() -> None:
    """Commit now, before the answer is put into words, so that others need not wait for that."""
    db.session.commit()


def start_writing() -> None:
    """Begin anew with the write lock, whatever the request meant to do. What was loaded is loaded again.

    What only looked is ended by COMMIT: after a ROLLBACK, psycopg lets PostgreSQL forget all prepared statements.
    """
    if "reading" in g and not (db.session.new or db.session.dirty or db.session.deleted):
        db.session.commit()
    db.session.rollback()
    _end(None)


def _begin() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if request.method in _LOOKING or hasattr(view, "looks_first"):
        g.reading = only_reading()
        g.reading.__enter__()


def _settle(response: Response) -> Response:
    if response.status_code < 400 or g.get("keeps_changes"):
        db.session.commit()
    else:
        db.session.rollback()
    return response


def _end(_error: BaseException | None) -> None:
    reading = g.pop("reading", None)
    if reading is not None:
        reading.__exit__(None, None, None)
