"""The phone's shell: one page without anyone's data, kept on the phone and opened without a network."""

from flask import Blueprint, render_template

from app.http import guards

blueprint = Blueprint("phone", __name__)


@blueprint.get("/phone/")
@guards.public
def shell() -> str:
    """Show the frame that the phone's modules fill."""
    return render_template("pages/phone/shell.html")
