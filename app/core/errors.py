"""The one family of errors. Raised anywhere, translated once for the whole app in `http/errors.py`.

Services name their own cases next to their verbs (`class PeriodClosed(Conflict): code = "period.closed"`).
Codes never change; messages are English msgids that the edge translates.
"""

from collections.abc import Mapping, Sequence

Fields = Mapping[str, Sequence[str]]


def message(english: str) -> str:
    """Mark `english` for the catalogue without translating it here; the edge does that."""
    return english


class AppError(Exception):
    """Something the user can be told. `keeps_changes` commits what was written before it was raised."""

    status = 500
    code = "app.failed"
    message = message("Something went wrong on the server. Nothing was lost; please try again.")
    keeps_changes = False

    def __init__(
        self,
        code: str | None = None,
        text: str | None = None,
        *,
        fields: Fields | None = None,
        retry_after: int | None = None,
    ) -> None:
        self.code = code or self.code
        self.message = text or self.message
        self.fields = {name: list(messages) for name, messages in (fields or {}).items()}
        self.retry_after = retry_after
        super().__init__(f"{self.code}: {self.message}")


class Invalid(AppError):
    """The request is understood but its content cannot be taken (422)."""

    status = 422
    code = "request.invalid"
    message = message("Some of what was sent cannot be used. See the fields.")


class Unauthenticated(AppError):
    """Nobody is signed in (401)."""

    status = 401
    code = "session.required"
    message = message("Please sign in.")


class Forbidden(AppError):
    """Signed in, but the role has no such permission (403)."""

    status = 403
    code = "permission.denied"
    message = message("This account may not do that.")


class NotFound(AppError):
    """No such thing, or none within the actor's scope (404); the two look alike on purpose."""

    status = 404
    code = "not.found"
    message = message("Nothing was found here.")


class Conflict(AppError):
    """The state of things does not allow it (409)."""

    status = 409
    code = "state.conflict"
    message = message("This was changed meanwhile. Please look again.")


class TooLarge(AppError):
    """More than one request may carry (413)."""

    status = 413
    code = "request.too_large"
    message = message("Too much was sent at once. Send it in smaller parts.")


class TooMany(AppError):
    """Too often in too short a time (429)."""

    status = 429
    code = "request.too_many"
    message = message("Too many attempts. Please wait a little.")
