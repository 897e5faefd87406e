"""What a machine may be allowed to do. Each scope has a sentence for the person who grants it."""

from collections.abc import Iterable, Mapping

from lms.core.errors import Invalid, Sentence
from lms.core.i18n import _l

COMPLETIONS_WRITE = "completions:write"
CERTIFICATES_READ = "certificates:read"
RECORDS_READ = "records:read"
REGISTER_READ = "register:read"
PLANS_READ = "plans:read"
TOKENS_INTROSPECT = "tokens:introspect"

SCOPES: Mapping[str, Sentence] = {
    COMPLETIONS_WRITE: _l("Report that a person has finished a module."),
    CERTIFICATES_READ: _l("Verify certificates: by code, number, hash or file, one or many."),
    RECORDS_READ: _l("Read who has finished which module and got which certificate, and follow what changes."),
    REGISTER_READ: _l("Look up people in the register of training, for a purpose that they can read."),
    PLANS_READ: _l("Read plans of places, how far they are filled, and cohorts. Nobody is named."),
    TOKENS_INTROSPECT: _l("Ask about access tokens of other programs, at the address for introspection."),
}


def joined(scopes: Iterable[str]) -> str:
    """Scopes as one text, in the order of ``SCOPES`` (RFC 6749, section 3.3).

    :raises Invalid: ``scope-unknown``.
    """
    asked = set(scopes)
    if not asked or not asked <= set(SCOPES):
        raise Invalid("scope-unknown", _l("Name one or more scopes that exist."))
    return " ".join(scope for scope in SCOPES if scope in asked)


def split(text: str) -> frozenset[str]:
    """The scopes of one text."""
    return frozenset(text.split())
