"""For systems of the bureau: is this certificate in the register, and what is printed on it?"""

from typing import Any

from flask_smorest.fields import Upload
from marshmallow import fields
from marshmallow.validate import Length, OneOf
from werkzeug.datastructures import FileStorage

from certificates import lookup, verification
from certificates.badges import credential
from certificates.network import foreign
from certificates.verdicts import VerdictCode
from certificates.verification import RegisterStatus, Verdict
from lms.core.api import Blueprint
from lms.core.schemas import Request, View
from lms.core.web import limiter
from lms.oauth import guard, reach
from lms.oauth.scopes import CERTIFICATES_READ, RECORDS_READ

blueprint = Blueprint("certificates", __name__, description="Certificates of the register.")


def _by(key: str, description: str) -> fields.Dict:
    return fields.Dict(
        required=True,
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": f"{description}, by {key}."},
    )


class IssuerView(View):
    """The body that issued the certificate."""

    names = _by("language", "Its names")
    country = fields.String(required=True, metadata={"description": "ISO 3166-1, two letters."})


class SuccessorView(View):
    """The body that answers for the certificate today, if it is another one."""

    names = _by("language", "Its names")
    act = fields.String(required=True, allow_none=True, metadata={"description": "The legal act of the succession."})
    day = fields.Date(required=True, allow_none=True)


class CertificateFacts(View):
    """What is printed on the certificate, except the result."""

    number = fields.String(required=True, metadata={"description": "Register number."})
    code = fields.String(required=True)
    holder = _by("script (ISO 15924)", "The holder's name as it was confirmed")
    titles = _by("language", "Title of the module")
    hours = fields.Integer(required=True, metadata={"description": "Academic hours."})
    completed_on = fields.Date(required=True)
    issued_on = fields.Date(required=True)
    issuer = fields.Nested(IssuerView, required=True)
    successor = fields.Nested(SuccessorView, required=True, allow_none=True)
    verify_url = fields.String(required=True)


class StandingView(View):
    """What holds today, since when, and why."""

    since = fields.Date(
        required=True,
        allow_none=True,
        metadata={"description": "Day of what led there; null where it is valid or expired."},
    )
    reason = fields.String(
        required=True, allow_none=True, metadata={"description": "Code of the reason, where it accuses nobody."}
    )
    replaced_by = fields.String(
        required=True, allow_none=True, metadata={"description": "Register number of the certificate in its place."}
    )
    valid_until = fields.Date(
        required=True, allow_none=True, metadata={"description": "Last day of validity; null means without end."}
    )


class OutlineView(View):
    """What a register number tells; numbers can be counted through, so less than a code."""

    titles = fields.Dict(required=True, keys=fields.String(), values=fields.String())
    year = fields.Integer(required=True, metadata={"description": "Of completion."})
    initials = fields.String(required=True)


class VerdictView(View):
    """Whether the register holds a certificate with this code."""

    verdict = fields.String(required=True, validate=OneOf([status.value for status in RegisterStatus]))
    reasons = fields.List(
        fields.String(),
        required=True,
        metadata={
            "description": "in-register, not-in-register, or what was mistyped: check-symbol, length, register-number."
        },
    )
    standing = fields.Nested(StandingView, required=True, allow_none=True)
    certificate = fields.Nested(CertificateFacts, required=True, allow_none=True)


class NumberVerdict(VerdictView):
    """Whether the register holds a certificate with this number."""

    outline = fields.Nested(
        OutlineView, required=True, allow_none=True, metadata={"description": "Of any certificate that was issued."}
    )


class FileQuestion(Request):
    """A file as somebody showed it."""

    file = Upload(required=True, metadata={"description": "PDF, at most 12 MB."})


class CredentialQuestion(Request):
    """A credential as its holder keeps it."""

    credential = fields.String(
        required=True,
        validate=Length(min=1, max=credential.LONGEST),
        metadata={
            "description": "Compact JWS: three words of base64url, joined by dots.",
            "example": "eyJhbGciOi.e30.c2ln",
        },
    )


class FileVerdict(View):
    """What the file or the credential is, and what the register says."""

    verdict = fields.String(
        required=True, validate=OneOf([*(code.value for code in VerdictCode), "UNKNOWN", "MISTYPED"])
    )
    accepted = fields.Boolean(
        required=True, metadata={"description": "Whether it proves a certificate that holds today."}
    )
    register_status = fields.String(required=True, validate=OneOf([status.value for status in RegisterStatus]))
    reasons = fields.List(fields.String(), required=True)
    standing = fields.Nested(StandingView, required=True, allow_none=True)
    certificate = fields.Nested(CertificateFacts, required=True, allow_none=True)
    node = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Address of the other node whose credential it is; null for our own."},
    )


@blueprint.route("/certificates/credential", methods=["POST"])
@guard.bearer(CERTIFICATES_READ, noted_apart=True)
@blueprint.takes(CredentialQuestion)
@blueprint.answers(200, FileVerdict, "The verdict; what is no credential at all is answered too.")
def verify_credential(asked: dict[str, Any]) -> dict[str, Any]:
    """Verify an Open Badges credential

    Nothing is kept. Our own keys and the register decide, or those of a node that we trust (`node` names it); no address in
    the credential is followed to find a key.
    """
    return file_verdict(foreign.verify(asked["credential"]))


@blueprint.route("/certificates/by-hash/<sha256>", methods=["GET"])
@guard.bearer(CERTIFICATES_READ)
@blueprint.answers(200, FileVerdict, "The verdict; unknown hashes, and what is no hash, are answered too.")
def verify_by_hash(sha256: str) -> dict[str, Any]:
    """Verify a file by its SHA-256

    The file itself stays where it is. Every version of it that was ever handed out counts. A file that is not found may
    still be genuine: it has to be looked at.
    """
    return file_verdict(verification.verify_hash(sha256))


def file_verdict(verdict: Verdict) -> dict[str, Any]:
    """A verdict as :class:`FileVerdict` writes it."""
    return {
        "verdict": verdict.code.value,
        "accepted": verdict.is_accepted,
        "register_status": verdict.register_status.value,
        "reasons": verdict.reasons,
        "standing": verdict.standing,
        "certificate": verdict.facts,
        "node": verdict.node,
    }


@blueprint.route("/certificates/verify-file", methods=["POST"])
@guard.bearer(CERTIFICATES_READ, noted_apart=True)
@limiter.limit("60/minute")
@blueprint.refuses(413, "request-too-large")
@blueprint.takes_files(FileQuestion)
@blueprint.answers(200, FileVerdict, "The verdict; what is no PDF at all is answered too.")
def verify_file(asked: dict[str, FileStorage]) -> dict[str, Any]:
    """Verify a PDF file

    The file is taken apart in a cage and not kept. Ask by its hash first: then it need not be sent.
    """
    return file_verdict(verification.verify_pdf(asked["file"].read()))


@blueprint.route("/certificates/by-number/<number>", methods=["GET"])
@guard.bearer(CERTIFICATES_READ)
@blueprint.answers(200, NumberVerdict, "The verdict; unknown numbers are answered too.")
def verify_by_number(number: str) -> dict[str, Any]:
    """Verify a certificate by its register number

    Numbers can be counted through, so module, year and initials are told. The rest is told only to a program that may
    also read the records of the body that issued it (`records:read`).
    """
    verdict = verification.verify_number(number)
    issued = lookup.by_number(verdict.outline.number) if verdict.outline and _may_read_records() else None
    seen = reach.organisations(guard.client())
    is_seen = issued is not None and (seen is None or issued.organisation_id in seen)
    return {
        "verdict": verdict.register_status.value,
        "reasons": verdict.reasons,
        "standing": verdict.standing,
        "outline": verdict.outline,
        "certificate": verification.facts_of(issued) if issued and is_seen else None,
    }


def _may_read_records() -> bool:
    return RECORDS_READ in guard.current().scopes


@blueprint.route("/certificates/<code>", methods=["GET"])
@guard.bearer(CERTIFICATES_READ)
@blueprint.answers(200, VerdictView, "The verdict; unknown codes are answered too.")
def verify_certificate(code: str) -> dict[str, Any]:
    """Verify a certificate by its code

    The code may be written as on the paper, with hyphens, in capitals or not, with Cyrillic letters that look alike.
    """
    verdict = verification.verify_code(code)
    return {
        "verdict": verdict.register_status.value,
        "reasons": verdict.reasons,
        "standing": verdict.standing,
        "certificate": verdict.facts,
    }
