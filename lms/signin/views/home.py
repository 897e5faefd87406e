"""The first page of administration: everything that the signed-in person may open."""

from flask import Blueprint, render_template

blueprint = Blueprint("administration", __name__, template_folder="../templates")


@blueprint.get("/")
def home() -> str:
    """The menu, large."""
    return render_template("staff/home.html")
