"""For administrators of an academy: who signs in which span of time, and the pictures of their signatures."""

from base64 import b64encode

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certificates.studio import pictures, signatures
from lms.core.db import db
from lms.core.errors import NotFound, TooLarge
from lms.core.i18n import _, _l
from lms.organisations import issuers
from lms.organisations.models import Signer
from lms.signin import guard
from lms.signin.roles import ACADEMY_ADMINISTRATOR

blueprint = Blueprint("certificate_signers", __name__, template_folder="../templates")


@blueprint.get("/")
def listing() -> str:
    """Everybody who signs or signed for the organisations in which one is administrator."""
    mine = issuers.named(guard.current().organisations(ACADEMY_ADMINISTRATOR))
    return render_template(
        "certificates/templates/signers.html",
        organisations=[(body, issuers.signers_of(body.id)) for body in mine],
        picture_of=_picture_of,
    )


@blueprint.post("/<signer_id>/signature")
def put(signer_id: str) -> ResponseReturnValue:
    """Print this picture above the name from now on."""
    signer, file = _own_signer(signer_id), request.files.get("file")
    data = file.read(signatures.MAX_BYTES + 1) if file else b""
    if len(data) > signatures.MAX_BYTES:
        raise TooLarge("file-too-large", _l("This file is too large."))
    signatures.put(signer, data, actor=guard.current().actor)
    flash(_("New certificates are printed with this signature."), "success")
    return redirect(url_for("certificate_signers.listing"), 303)


@blueprint.post("/<signer_id>/signature/remove")
def remove(signer_id: str) -> ResponseReturnValue:
    """Print only the name from now on."""
    signatures.remove(_own_signer(signer_id), actor=guard.current().actor)
    flash(_("New certificates are printed without a signature."), "success")
    return redirect(url_for("certificate_signers.listing"), 303)


def _own_signer(signer_id: str) -> Signer:
    """:raises NotFound: ``not-found`` to strangers, whether there is such a signer or not; else ``signer-unknown``."""
    signer = db.session.get(Signer, signer_id)
    guard.require(ACADEMY_ADMINISTRATOR, signer.organisation_id if signer else "-")
    if signer is None:
        raise NotFound("signer-unknown", _l("There is no such signer."))
    return signer


def _picture_of(signer: Signer) -> str | None:
    """The signature as an address that holds the picture itself."""
    if signer.signature_sha256 is None:
        return None
    return f"data:image/png;base64,{b64encode(pictures.read(signer.signature_sha256)).decode()}"
