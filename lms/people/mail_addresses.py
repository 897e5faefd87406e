"""Where people want to get mail: typed by themselves, agreed to, and confirmed from the mailbox before anything is sent there.

A mistyped address would tell a stranger of somebody's certificate; so the first mail to an address asks and says nothing.
"""

import hmac
import re

from sqlalchemy import delete, select

from lms.core import audit, clock, vault
from lms.core.db import db, new_id
from lms.core.errors import Invalid, NotFound
from lms.core.i18n import _l
from lms.people.models import MailAddress

LONGEST = 254
"""RFC 5321, section 4.5.3.1.3, less the angle brackets."""
_SHAPE = re.compile(r"[^\s@<>\"(),:;\\\[\]]{1,64}@[^\s@<>\"(),:;\\\[\]]+\.[^\s@<>\"(),:;\\\[\].]{2,}")
_PURPOSE = "mail-link"
_SIGNATURE_LENGTH = 32


def of(person_id: str) -> MailAddress | None:
    """The address of a person, confirmed or not."""
    return db.session.get(MailAddress, person_id)


def give(person_id: str, typed: str, *, language: str) -> MailAddress:
    """Keep the address that a person agrees to be written to; another one than before has to be confirmed anew.

    :raises Invalid: ``address-not-valid``.
    """
    address = typed.strip()
    if len(address) > LONGEST or not _SHAPE.fullmatch(address):
        raise Invalid("address-not-valid", _l("This is not an e-mail address. Check it letter by letter."))
    present = of(person_id)
    if present is not None and present.address == address:
        present.language = language
        return present
    remove(person_id)
    row = MailAddress(person_id=person_id, address=address, language=language, key=new_id(), consented_at=clock.now())
    db.session.add(row)
    _record("person.mail-given", person_id)
    return row


def remove(person_id: str) -> None:
    """Forget the address. Nothing is sent any more."""
    gone = db.session.scalar(delete(MailAddress).filter_by(person_id=person_id).returning(MailAddress.person_id))
    if gone:
        _record("person.mail-removed", person_id)


def token_of(address: MailAddress) -> str:
    """Opens the page on which this address is confirmed or removed; only mails to it carry the token."""
    return f"{address.key}.{_signature(address.key)}"


def by_token(token: str) -> MailAddress:
    """:raises NotFound: ``mail-link-unknown``."""
    key, _dot, signature = token.partition(".")
    found = None
    if any(hmac.compare_digest(signature.encode(), each.encode()) for each in _signatures(key)):
        found = db.session.scalar(select(MailAddress).filter_by(key=key))
    if found is None:
        raise NotFound("mail-link-unknown", _l("This link is not in use any more. The address was changed or removed."))
    return found


def confirm(address: MailAddress) -> None:
    """Whoever reads the mailbox has said yes."""
    if address.confirmed_at is None:
        address.confirmed_at = clock.now()
        _record("person.mail-confirmed", address.person_id)


def _signature(key: str) -> str:
    return _signatures(key)[0]


def _signatures(key: str) -> list[str]:
    return [each[:_SIGNATURE_LENGTH] for each in vault.keyed_hashes(key, _PURPOSE)]


def _record(action: str, person_id: str) -> None:
    """Without the address, which has to be forgotten one day."""
    audit.record(action, subject=f"person:{person_id}", actor=f"person:{person_id}")
