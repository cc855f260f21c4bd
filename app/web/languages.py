"""The choice of language."""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response as Redirect

from app.core import i18n
from app.http import guards
from app.web.sessions import YEAR, local

blueprint = Blueprint("languages", __name__)


@blueprint.post("/language")
@guards.public
def choose() -> Redirect:
    """Keep the language chosen for a year and return to the page it was chosen on."""
    answer = redirect(local(request.form.get("next")) or url_for("web.sessions.home"), 303)
    chosen = request.form.get("language")
    if chosen in i18n.LANGUAGES:
        answer.set_cookie(i18n.COOKIE, chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure)
    return answer
