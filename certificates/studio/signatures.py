"""Pictures of signatures of officials, kept by hash: a certificate names the one that it was printed with."""

from certificates.snapshot import Snapshot
from certificates.studio import pictures
from lms.core import audit
from lms.core.errors import Invalid, NotFound
from lms.core.i18n import _l
from lms.organisations.models import Signer

MAX_BYTES = pictures.MAX_BYTES


def put(signer: Signer, data: bytes, *, actor: str) -> None:
    """Use this picture (PNG) from now on; certificates that were issued keep theirs.

    :raises Invalid: what ``pictures.cleaned`` raises.
    """
    signer.signature_sha256 = pictures.keep(pictures.cleaned("signature.png", data))
    _record("signature.put", signer, actor)


def remove(signer: Signer, *, actor: str) -> None:
    """Print only the name from now on."""
    signer.signature_sha256 = None
    _record("signature.removed", signer, actor)


def of(snapshot: Snapshot) -> dict[str, bytes]:
    """The pictures that a certificate is printed with, by their hash.

    :raises Invalid: ``signature-missing``.
    """
    try:
        return {signer.signature: pictures.read(signer.signature) for signer in snapshot.signers if signer.signature}
    except NotFound as error:
        raise Invalid("signature-missing", _l("The picture of a signature is missing.")) from error


def _record(action: str, signer: Signer, actor: str) -> None:
    audit.record(action, subject=f"signer:{signer.id}", actor=actor, organisation=signer.organisation_id)
