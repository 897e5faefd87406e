"""Verdicts and reasons as sentences for people, the same on pages and on the command line."""

from typing import NamedTuple

from certificates import verification
from certificates.differences import Field
from certificates.verdicts import VerdictCode
from certificates.verification import CodeVerdict, RegisterStatus, Verdict
from lms.core.errors import Sentence
from lms.core.i18n import _l


class Wording(NamedTuple):
    """A verdict for the eye: which shape and colour, the large word, and what it means."""

    state: str
    """valid, genuine, unknown or altered: a class of the face."""
    title: Sentence
    sentence: Sentence


_VALID = Wording(
    "valid",
    _l("Valid"),
    _l("This certificate is in the register. Compare it with the paper, line by line."),
)
_GENUINE = Wording(
    "genuine",
    _l("Genuine"),
    _l("This file is the certificate that was issued. Nothing in it was changed, and it is valid."),
)
_NOT_IN_REGISTER = Wording(
    "unknown",
    _l("Not in the register"),
    _l("The seal is genuine, but the register does not hold this certificate. Do not accept it; ask the issuer."),
)
_SUSPENDED = Wording(
    "revoked",
    _l("Suspended"),
    _l("The issuer has suspended this certificate for now. Do not accept it; ask again later, or ask the issuer."),
)
_REVOKED = Wording(
    "revoked",
    _l("Revoked"),
    _l("The issuer has taken this certificate back. Do not accept it."),
)
_EXPIRED = Wording(
    "expired",
    _l("Expired"),
    _l("This certificate was issued, and its last day of validity is over. Ask its holder for a newer one."),
)
_SUPERSEDED = Wording(
    "replaced",
    _l("Replaced"),
    _l("Another certificate has taken the place of this one. Ask its holder for the newer one."),
)
_RECEIPT = Wording(
    "genuine",
    _l("Genuine receipt"),
    _l("This file is a receipt of verifications, under our unbroken seal. It is not a certificate."),
)
_REPORT = Wording(
    "genuine",
    _l("Genuine report"),
    _l("This file is a report on training, under our unbroken seal. It is not a certificate."),
)
_NOT_BY_HASH = Wording(
    "unknown",
    _l("Not found"),
    _l("The register holds no file with this hash. That does not make the file false: upload the file itself."),
)
_NOT_BY_NUMBER = Wording(
    "unknown",
    _l("Not found"),
    _l("The register holds no certificate with this number. Compare the number with the paper once more."),
)
_UNKNOWN_FILE_SENTENCE = _l("This file does not prove anything. Ask its holder for the file that was downloaded first.")

_WORDINGS: dict[CodeVerdict | VerdictCode, Wording] = {
    CodeVerdict.VALID: _VALID,
    CodeVerdict.SUSPENDED: _SUSPENDED,
    CodeVerdict.REVOKED: _REVOKED,
    CodeVerdict.EXPIRED: _EXPIRED,
    CodeVerdict.SUPERSEDED: _SUPERSEDED,
    CodeVerdict.UNKNOWN: Wording(
        "unknown",
        _l("Not found"),
        _l("The register holds no certificate with this code. Compare the code with the paper once more."),
    ),
    CodeVerdict.MISTYPED: Wording(
        "unknown",
        _l("Check the code"),
        _l("No certificate can have this code, so something was mistyped. This says nothing about the paper."),
    ),
    VerdictCode.AUTHENTIC_EXACT: _GENUINE,
    VerdictCode.AUTHENTIC_BY_SIGNATURE: _GENUINE,
    VerdictCode.MODIFIED_CONTAINER: Wording(
        "altered",
        _l("Altered"),
        _l("Something was added to the file after it was sealed. Do not accept it."),
    ),
    VerdictCode.TAMPERED: Wording(
        "altered",
        _l("Altered"),
        _l("The file was changed after it was sealed. Do not accept it."),
    ),
    VerdictCode.NOT_OURS_OR_EXTENDED: Wording("unknown", _l("Not ours"), _UNKNOWN_FILE_SENTENCE),
    VerdictCode.UNKNOWN_SIGNER: Wording(
        "unknown",
        _l("Not ours"),
        _l("The file is sealed, but not by us. The name in a seal can be copied, so do not accept it."),
    ),
    VerdictCode.INCONSISTENT: Wording(
        "altered",
        _l("Contradicts the register"),
        _l(
            "The seal is genuine, but the file says something else than the register. Do not accept it; tell the issuer."
        ),
    ),
    VerdictCode.UNSIGNED_COPY: Wording(
        "unknown",
        _l("A copy without a seal"),
        _l(
            "This is a scan, a print or an export. It may be honest. Type the code from it to see what the register says."
        ),
    ),
    VerdictCode.UNREADABLE: Wording(
        "unknown",
        _l("Cannot be read"),
        _l("This file cannot be read as a PDF. Download it again, or type the code from the paper."),
    ),
}

_OF_STATUS: dict[RegisterStatus, Wording] = {
    RegisterStatus.VALID: _GENUINE,
    RegisterStatus.SUSPENDED: _SUSPENDED,
    RegisterStatus.REVOKED: _REVOKED,
    RegisterStatus.EXPIRED: _EXPIRED,
    RegisterStatus.SUPERSEDED: _SUPERSEDED,
    RegisterStatus.UNKNOWN: _NOT_IN_REGISTER,
}
"""Of a genuine file: what counts then is what the register says about the certificate."""

_OF_UNKNOWN = {"hash-not-in-register": _NOT_BY_HASH, "number-not-in-register": _NOT_BY_NUMBER}
"""Where something else than a code was looked for."""

_STATES: dict[str, Sentence] = {
    "valid": _l("Valid"),
    "suspended": _l("Suspended"),
    "revoked": _l("Revoked"),
    "superseded": _l("Replaced"),
    "expired": _l("Expired"),
    "reserved": _l("Being made"),
    "void": _l("Given up"),
}

_HAPPENED: dict[str, Sentence] = {
    "reserved": _l("Number given"),
    "issued": _l("Issued"),
    "void": _l("Number given up"),
    "suspended": _l("Suspended"),
    "reinstated": _l("Reinstated"),
    "revoked": _l("Revoked"),
    "superseded": _l("Replaced by another"),
}

_STATUS_REASONS: dict[str, Sentence] = {
    "issued-in-error": _l("It was issued by mistake."),
    "wrong-data": _l("Something on it was wrong."),
    "course-invalidated": _l("The module was declared invalid."),
    "fraud-or-cheating": _l("Fraud or cheating was found."),
    "holder-request": _l("The holder asked for it."),
    "authority-decision": _l("A court or an authority decided it."),
    "key-compromise": _l("The key of the seal was in other hands."),
    "under-review": _l("The issuer is looking into it."),
    "other": _l("Another reason."),
    "correction": _l("Something on it was corrected."),
    "renewal": _l("It was renewed."),
    "reissue": _l("It was issued anew."),
}

_REASONS: dict[str, Sentence] = {
    "in-register": _l("The code belongs to a certificate of the register."),
    "not-in-register": _l("The code is well formed, but no certificate has it."),
    "register-number": _l("This is the register number. The code stands below it and has 13 letters and digits."),
    "length": _l("The code has 13 letters and digits."),
    "check-symbol": _l("One letter or digit is wrong, or two have changed places."),
    "number-in-register": _l("The number belongs to a certificate of the register."),
    "number-not-in-register": _l("No certificate has this number."),
    "registered-hash": _l("The register holds a file with exactly this SHA-256."),
    "hash-not-in-register": _l("The register holds no file with this SHA-256."),
    "hash-form": _l("A SHA-256 has 64 digits from 0 to 9 and from a to f."),
    "registered-file": _l("The file is the same, byte for byte, as the one in the register."),
    "sealed-by-us": _l("The seal is ours and unbroken."),
    "file-not-registered": _l("The register holds another copy of this file."),
    "too-large": _l("The file is larger than 10 MB."),
    "not-a-pdf": _l("The file is not a PDF."),
    "cannot-be-parsed": _l("The file is damaged or was not finished."),
    "no-signature": _l("The file has no seal."),
    "not-an-issuer-seal": _l("The file is signed, but not with the seal of an issuer."),
    "several-signatures": _l("The file has several signatures."),
    "signature-added": _l("A signature was added after the seal."),
    "signer-not-ours": _l("The seal does not belong to any issuer that we know."),
    "seal-cannot-be-checked": _l("The seal is damaged."),
    "content-changed": _l("What was sealed is not what the file holds now."),
    "seal-does-not-match": _l("The seal does not match the file."),
    "changed-after-sealing": _l("Pages or notes were changed after sealing."),
    "outside-validity-of-seal": _l("The seal was not in force when it was used."),
    "appended-after-seal": _l("Data was added behind the seal."),
    "unsealed-bytes-changed": _l("Bytes beside the seal were changed, which no seal covers."),
    "time-stamp-not-trusted": _l("The file holds a time stamp that we cannot trust."),
    "seal-compromised": _l(
        "The key of this seal was in other hands, and nothing proves that this file was sealed before."
    ),
    "sealed-after-retirement": _l("The seal was not in use any more when it was used."),
    "register-says-otherwise": _l("What is printed in the file is not what the register holds."),
    "registered-credential": _l("The credential is the same as the one in the register."),
    "signed-by-us": _l("The signature is ours and unbroken."),
    "credential-not-registered": _l("The register holds another copy of this credential."),
    "credential-not-found": _l("The register holds no certificate for this credential."),
    "not-a-credential": _l("This is not a signed credential, or it was cut off when it was copied."),
    "credential-malformed": _l("The signature is ours, but what it signs is not built as we build credentials."),
    "signed-by-node": _l("The signature belongs to another node of the network, which we trust, and is unbroken."),
    "node-not-reached": _l(
        "That node does not answer now, so nobody can say here whether the certificate still holds."
    ),
    "node-list-old": _l("That node has not told us of its keys for a month."),
    "node-key-unknown": _l("The node that it names does not know the key of its signature."),
    "node-key-compromised": _l("The key of its signature was in other hands. Ask the node that issued it."),
    "receipt-not-certificate": _l("The file is a receipt of verifications. A receipt is no certificate."),
    "receipt-not-signed": _l("The receipt inside does not bear our signature."),
    "report-not-certificate": _l("The file is a report on training. A report is no certificate."),
    "report-not-kept": _l("No edition of a report has the figures inside."),
    "register-not-asked": _l("The register was not asked. What holds is known from a list that it signed."),
    "list-is-old": _l("The list of what holds is old. Get a newer one before you rely on it."),
    "newer-than-list": _l("The certificate is newer than the list of what holds, which cannot know it yet."),
    "exceeds-limits": _l("Reading the file took more time or memory than a certificate can need."),
}

_FIELDS: dict[Field, Sentence] = {
    Field.NUMBER: _l("Register number"),
    Field.CODE: _l("Verification code"),
    Field.HOLDER: _l("Holder"),
    Field.ISSUER: _l("Issued by"),
    Field.TITLES: _l("Module"),
    Field.SIGNER: _l("Signer"),
    Field.RESULT: _l("Result"),
    Field.COMPLETED_ON: _l("Completed on"),
    Field.ISSUED_ON: _l("Issued on"),
    Field.HOURS: _l("Academic hours"),
    Field.ATTACHMENT: _l("Attached file"),
    Field.OTHER: _l("Other text"),
}


_CORRECTIONS: dict[str, Sentence] = {
    "name": _l("The name"),
    "hours": _l("The academic hours"),
    "other": _l("Something else"),
}


def of_verdict(verdict: Verdict) -> Wording:
    """What a person reads about a verdict."""
    if verdict.code is CodeVerdict.UNKNOWN and verdict.reasons[0] in _OF_UNKNOWN:
        return _OF_UNKNOWN[verdict.reasons[0]]
    if verification.IS_RECEIPT in verdict.reasons:
        return _RECEIPT
    if verification.IS_REPORT in verdict.reasons:
        return _REPORT
    wording = _WORDINGS[verdict.code]
    return _OF_STATUS[verdict.register_status] if wording is _GENUINE else wording


def of_code(code: CodeVerdict | VerdictCode) -> Wording:
    """What a person reads about a verdict that needs no register."""
    return _WORDINGS[code]


def of_reason(code: str) -> Sentence:
    """One reason as a sentence."""
    return _REASONS[code]


def of_reasons(verdict: Verdict) -> list[Sentence]:
    """Why, as sentences; a reason without words is shown by its code."""
    return [_REASONS.get(reason, reason) for reason in verdict.reasons]


def of_state(state: str) -> Sentence:
    """The state of a certificate, in a word."""
    return _STATES[state]


def of_register(status: RegisterStatus) -> Sentence:
    """What the register says of a certificate, in a word or two; a dash where it was not asked or has none."""
    return _STATES.get(status, "–")


def of_event(kind: str) -> Sentence:
    """What happened, in a word or two."""
    return _HAPPENED[kind]


def of_status_reason(code: str) -> Sentence:
    """Why a certificate was suspended, revoked or replaced; a reason without words is shown by its code."""
    return _STATUS_REASONS.get(code, code)


def of_field(field: Field) -> Sentence:
    """How a field of the certificate is called."""
    return _FIELDS[field]


def of_correction(about: str) -> Sentence:
    """What a correction is about."""
    return _CORRECTIONS[about]
