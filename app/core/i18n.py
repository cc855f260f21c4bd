"""Languages: which one a request speaks. Vietnamese unless the person chose otherwise.

Accept-Language is ignored on purpose: cheap phones are often sold set to English, and their owners read
Vietnamese.
"""

from flask import g, has_request_context, request
from flask_babel import Babel, gettext

LANGUAGES = ("vi", "en")
COOKIE = "lang"

babel = Babel()


def language() -> str:
    """Return the language of this request: the cookie, then Accept-Language, then Vietnamese."""
    if not has_request_context():
        return LANGUAGES[0]
    if "language" not in g:
        chosen = request.cookies.get(COOKIE)
        g.language = chosen if chosen in LANGUAGES else LANGUAGES[0]
    return str(g.language)


def translate(msgid: str, **values: object) -> str:
    """Translate a message that was marked elsewhere (`core.errors.message`) into the request's language."""
    return str(gettext(msgid, **values)) if msgid else ""
