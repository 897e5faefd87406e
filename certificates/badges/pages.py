"""The holder takes her credential and decides who sees it; whoever has the link that she gave sees it."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certificates import lookup, wording
from certificates.badges import credential, sharing
from certificates.models import Certificate
from certificates.verification import facts_of, standing_facts
from courses import records
from lms.core import settings
from lms.core.errors import NotFound
from lms.core.i18n import _, _l
from lms.core.web import limiter
from lms.lti import session

holder = Blueprint("holder_credential", __name__, template_folder="../templates")
public = Blueprint("shared_certificates", __name__, template_folder="../templates")


@holder.get("/<slug>/credential")
def download(slug: str) -> Response:
    """The signed credential as a file.

    :raises NotFound: ``credential-not-there`` for certificates that were issued before there were credentials.
    """
    return _as_file(_own(slug))


@holder.get("/<slug>/sharing")
def choose(slug: str) -> str:
    """What others would see, and the switch."""
    certificate = _own(slug)
    share = sharing.of_certificate(certificate.id)
    return render_template(
        "certificates/sharing.html",
        slug=slug,
        snapshot=lookup.snapshot_of(certificate),
        link=f"{settings.current().public_url}{url_for('shared_certificates.page', token=share.token)}"
        if share
        else "",
        has_credential=credential.of_certificate(certificate.id) is not None,
    )


@holder.post("/<slug>/sharing")
def decide(slug: str) -> ResponseReturnValue:
    """Switch it on or off."""
    certificate = _own(slug)
    if request.form.get("shared") == "yes":
        sharing.share(certificate)
        flash(_("Everybody with the link can see your certificate now."), "success")
    else:
        sharing.stop(certificate)
        flash(_("The link does not work any more."), "success")
    return redirect(url_for("holder_credential.choose", slug=slug), 303)


@public.get("/c/<token>")
@limiter.limit("60/minute")
def page(token: str) -> str:
    """What its holder shows: the certificate with its result, and how it stands today."""
    certificate = _shared(token)
    snapshot, standing = lookup.snapshot_of(certificate), standing_facts(certificate)
    return render_template(
        "certificates/shared.html",
        facts=facts_of(certificate),
        snapshot=snapshot,
        standing=standing,
        state_words=wording.of_state(standing.status.value),
        token=token,
        has_credential=credential.of_certificate(certificate.id) is not None,
    )


@public.get("/c/<token>/credential")
@limiter.limit("60/minute")
def take(token: str) -> Response:
    """The credential that its holder shows."""
    return _as_file(_shared(token))


@public.after_request
def _keep_to_those_with_the_link(response: Response) -> Response:
    """The holder may take the link back: nobody keeps a copy for us."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _own(slug: str) -> Certificate:
    record = records.at(records.of_person(session.current().person_id), slug)
    issued = lookup.newest_issued([record.id]) if record else []
    if not issued:
        raise NotFound("certificate-not-ready", _l("There is no certificate yet."))
    return issued[0]


def _shared(token: str) -> Certificate:
    """Unknown and taken back are the same answer."""
    certificate = sharing.shared(token)
    if certificate is None:
        raise NotFound("share-unknown", _l("This link shows nothing. Perhaps its owner has taken it back."))
    return certificate


def _as_file(certificate: Certificate) -> Response:
    kept = credential.of_certificate(certificate.id)
    if kept is None:
        raise NotFound("credential-not-there", _l("This certificate is older than our credentials and has none."))
    answer = Response(kept.jwt, mimetype="text/plain")
    answer.headers["Content-Disposition"] = f'attachment; filename="{certificate.number}.jwt"'
    return answer
