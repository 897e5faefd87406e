"""What the page for checks without a network says, in all languages at once: it cannot ask for another one later."""

from collections.abc import Mapping

from certificates import wording
from certificates.verification import CodeVerdict
from lms.core.errors import Sentence
from lms.core.i18n import LANGUAGES, _, _l, use_language

PAGE: Mapping[str, Sentence] = {
    "title": _l("Check a certificate without internet"),
    "lead": _l("Point the camera of your phone at the large code on the certificate, or paste its link here."),
    "field": _l("Link from the large code"),
    "hint": _l("It ends with a long line of digits."),
    "button": _l("Check the link"),
    "private": _l("Open this page once with internet; then it works without. What you check stays on this device."),
    "address": _l("A false code can lead to a false page. The address line of your browser must begin with this:"),
    "skip": _l("Skip to the content"),
    "language": _l("Language"),
    "no_script": _l("This page needs JavaScript. Without it, check the code or the file instead."),
    "compare": _l("Compare all of it with the paper. The result is not in the code."),
    "since": _l("Since"),
    "replaced_by": _l("Replaced by"),
    "issuer": _l("Issued by"),
    "issuer_unknown": _l("An issuer that is newer than the list. Open this page with internet."),
    "today": _l("Today this organisation is"),
    "holder": _l("Holder"),
    "module": _l("Module"),
    "hours": _l("Academic hours"),
    "completed": _l("Completed on"),
    "issued": _l("Issued on"),
    "until": _l("Valid until"),
    "number": _l("Register number"),
    "code": _l("Verification code"),
}
_VERDICTS: Mapping[str, tuple[str, Sentence, Sentence]] = {
    "VALID": (
        "valid",
        _l("Valid"),
        _l(
            "This certificate was issued, and nothing in the code was changed. Compare it with the paper, line by line."
        ),
    ),
    "TAMPERED": (
        "altered",
        _l("Altered"),
        _l("What the code says was changed after it was signed. Do not accept it."),
    ),
    "UNKNOWN_SIGNER": (
        "unknown",
        _l("Not ours"),
        _l("Nothing proves that we signed this code. Do not accept it before you have asked the register."),
    ),
    "UNREADABLE": (
        "unknown",
        _l("Cannot be read"),
        _l("This is not the link from the large code of a certificate, or a part of it is missing. Try again."),
    ),
    "NO_LIST": (
        "unknown",
        _l("Open this page with internet first"),
        _l("This device does not have our keys and the list of what holds yet."),
    ),
}
_AS_OF_A_VERDICT = (CodeVerdict.SUSPENDED, CodeVerdict.REVOKED, CodeVerdict.SUPERSEDED, CodeVerdict.EXPIRED)
_REASONS: Mapping[str, Sentence] = {
    "key-unknown": _l(
        "The key that signed it is not in our list. If the certificate is new, open this page with internet."
    ),
    "key-compromised": _l(
        "Others may have the key that signed it, and the register does not vouch for this certificate."
    ),
    "key-retired": _l("The key that signed it is not used any more. What it signed before stays good."),
    "register-vouches": _l("Others may have the key that signed it, but the register vouches for this certificate."),
    "after-retirement": _l("It bears a date on which its key was not used any more."),
    "list-is-old": wording.of_reason("list-is-old"),
    "newer-than-list": wording.of_reason("newer-than-list"),
}


def in_all_languages() -> dict[str, object]:
    """By language."""
    return {language: _in(language) for language in LANGUAGES}


def _in(language: str) -> dict[str, object]:
    with use_language(language):
        said = {**_VERDICTS, **{code.value: wording.of_code(code) for code in _AS_OF_A_VERDICT}}
        return {
            "page": {name: str(text) for name, text in PAGE.items()}
            | {"as_of": _("What holds is known as of %(day)s.", day="{day}")},
            "verdicts": {
                code: {"state": state, "title": str(title), "sentence": str(sentence)}
                for code, (state, title, sentence) in said.items()
            },
            "reasons": {code: str(text) for code, text in _REASONS.items()},
        }
