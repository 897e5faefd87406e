"""For whoever reads a mailbox: may we write here? The link in the mail is the key; no account, no launch."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.core.web import csrf, limiter
from lms.people import mail_addresses

blueprint = Blueprint("mail", __name__, template_folder="../templates")


@blueprint.get("/<token>")
@limiter.limit("30/minute")
def address(token: str) -> str:
    """Ask first: programs that look into mails open links too."""
    found = mail_addresses.by_token(token)
    return render_template("certificates/mail.html", token=token, is_confirmed=found.confirmed_at is not None)


@blueprint.post("/<token>")
@limiter.limit("30/minute")
def decide(token: str) -> ResponseReturnValue:
    """Confirm the address, or forget it. Who has the link has the mailbox, so no further token guards the form."""
    found = mail_addresses.by_token(token)
    if "remove" in request.form:
        mail_addresses.remove(found.person_id)
        return render_template("certificates/mail_removed.html")
    mail_addresses.confirm(found)
    return redirect(url_for("mail.address", token=token), 303)


csrf.exempt(decide)


@blueprint.after_request
def _keep_out_of_search_engines(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
