"""What a person agreed to: which text, in which language, on which day. Packages register; this room knows none of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from lms.core.errors import Sentence
from lms.core.i18n import _l, civil_date
from lms.people import mail_addresses


@dataclass(frozen=True, kw_only=True)
class Consent:
    """One agreement that stands."""

    title: Sentence
    text: Sentence
    """What was agreed to, as it reads today."""
    version: str
    """Of the text that was agreed to."""
    language: str
    """In which it was read."""
    given_on: date
    how_to_withdraw: Sentence


Given = Callable[[str], list[Consent]]
"""From a person's id to what the person agreed to."""

_sources: dict[str, Given] = {}


def register(name: str, given: Given) -> None:
    """Let a package say what people agreed to there."""
    _sources[name] = given


def of(person_id: str) -> list[Consent]:
    """Everything that a person agreed to, the newest first."""
    found = [consent for _name, given in sorted(_sources.items()) for consent in given(person_id)]
    return sorted(found, key=lambda consent: consent.given_on, reverse=True)


def init() -> None:
    """The consent that this room keeps itself."""
    register("mail", _mail)


def _mail(person_id: str) -> list[Consent]:
    address = mail_addresses.of(person_id)
    if address is None:
        return []
    return [
        Consent(
            title=_l("E-mail about certificates"),
            text=_l("Write to me about my certificates. I can delete the address at any time."),
            version=address.consent_version,
            language=address.language,
            given_on=civil_date(address.consented_at),
            how_to_withdraw=_l("Remove the address on the page of your certificates, or by the link in each mail."),
        )
    ]
