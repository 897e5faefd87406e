"""A stored certificate as an answer to a browser, if it still is what was issued."""

from flask import Response

from certificates import file_names, lookup, revisions
from certificates.models import Certificate
from lms.core import files
from lms.core.errors import NotFound, Unavailable
from lms.core.i18n import _l


def as_download(certificate: Certificate) -> Response:
    """The newest version of the sealed file, exactly as it was stored, under a name in the holder's own letters.

    :raises NotFound: ``certificate-not-ready``.
    :raises Unavailable: ``file-damaged`` if the stored bytes are not those that were issued.
    """
    if certificate.file_name is None:
        raise NotFound("certificate-not-ready", _l("There is no certificate to download yet."))
    newest = revisions.latest(certificate.id)
    name_in_store, digest = certificate.file_name, certificate.pdf_sha256
    if newest is not None:
        name_in_store, digest = newest.file_name, newest.sha256
    data = files.read(name_in_store)
    if lookup.digest(data) != digest:
        raise Unavailable("file-damaged", _l("The stored file is damaged. Your academy has to restore it."))
    response = Response(data, mimetype="application/pdf")
    name = file_names.of_certificate(lookup.snapshot_of(certificate))
    response.headers["Content-Disposition"] = file_names.disposition(name, fallback=f"{certificate.number}.pdf")
    return response
