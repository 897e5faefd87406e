"""Proof that nothing in a chain was revoked at this moment: OCSP responses (RFC 6960) and CRLs (RFC 5280), to be embedded.

Asked for at the addresses that the certificates themselves name; where an authority offers files only, they lie beside
the seal as ``keys/*.crl``. Everything here is signed by its authority, so where it came from does not matter.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from asn1crypto import crl, ocsp, pem, x509
from flask import current_app
from pyhanko_certvalidator.authority import AuthorityWithCert
from pyhanko_certvalidator.errors import OCSPFetchError, OCSPValidationError
from pyhanko_certvalidator.fetchers.common_utils import format_ocsp_request, process_ocsp_response_data
from pyhanko_certvalidator.util import get_ocsp_urls, get_relevant_crl_dps

from lms.core import clock, http, settings
from lms.core.errors import RemoteFailure
from lms.core.i18n import _l

KEPT_SECONDS = 3600


@dataclass(frozen=True)
class Proofs:
    """What goes into a file so that its chain can be checked without asking anybody."""

    ocsps: tuple[ocsp.OCSPResponse, ...]
    crls: tuple[crl.CertificateList, ...]


def gather(certificates: Iterable[x509.Certificate]) -> Proofs:
    """Everything that the authorities of these certificates offer.

    :raises RemoteFailure: an authority names an address and does not answer there (``revocation-unknown``, ``no-answer``).
    """
    pool = list(certificates)
    ocsps, crls = [], list(_kept_beside_the_seal())
    for certificate in pool:
        if certificate.self_signed != "no":
            continue
        issuer = next((one for one in pool if one.subject == certificate.issuer), None)
        if issuer is not None and get_ocsp_urls(certificate):
            ocsps.append(_ocsp(certificate, issuer))
        else:
            crls += [_crl(url) for url in _crl_urls(certificate)[:1]]
    return Proofs(tuple(ocsps), tuple({one.sha256: one for one in crls}.values()))


def _ocsp(certificate: x509.Certificate, issuer: x509.Certificate) -> ocsp.OCSPResponse:
    question = format_ocsp_request(
        certificate, AuthorityWithCert(issuer), certid_hash_algo="sha1", request_nonces=False
    )
    url = get_ocsp_urls(certificate)[0]
    headers = {"Content-Type": "application/ocsp-request", "Accept": "application/ocsp-response"}
    answer = http.post(url, body=question.dump(), headers=headers, proves_itself=True)
    try:
        return process_ocsp_response_data(answer.body, ocsp_request=question, ocsp_url=url)
    except (OCSPFetchError, OCSPValidationError, ValueError, TypeError, KeyError) as error:
        raise _unknown(url, answer.status) from error


def _crl_urls(certificate: x509.Certificate) -> list[str]:
    return [
        name.native
        for point in get_relevant_crl_dps(certificate, use_deltas=False)
        for name in (point["distribution_point"].chosen if point["distribution_point"] else ())
        if name.name == "uniform_resource_identifier"
    ]


def _crl(url: str) -> crl.CertificateList:
    """A list serves many certificates, so it is kept for an hour, for each process."""
    kept: dict[str, tuple[datetime, crl.CertificateList]] = current_app.extensions.setdefault("bilim.crls", {})
    now = clock.now()
    if url in kept and 0 <= (now - kept[url][0]).total_seconds() < KEPT_SECONDS:
        return kept[url][1]
    answer = http.get(url, proves_itself=True)
    try:
        read = _list(answer.body)
    except (ValueError, TypeError, KeyError) as error:
        raise _unknown(url, answer.status) from error
    kept[url] = now, read
    return read


def _kept_beside_the_seal() -> Sequence[crl.CertificateList]:
    folder: Path = settings.current().instance / "keys"
    return [_list(path.read_bytes()) for path in sorted(folder.glob("*.crl"))]


def _list(data: bytes) -> crl.CertificateList:
    """:raises ValueError: not a list of revoked certificates."""
    if pem.detect(data):
        _kind, _headers, data = pem.unarmor(data)
    read = crl.CertificateList.load(data)
    read["tbs_cert_list"]["issuer"].native  # noqa: B018  asn1crypto reads late; a fault is wanted here
    return read


def _unknown(url: str, status: int) -> RemoteFailure:
    return RemoteFailure(
        "revocation-unknown",
        _l("The authority of the seal did not say whether it is still in force. We will try again by ourselves."),
        asked=f"GET {http.origin(url)}",
        status_code=status,
    )
