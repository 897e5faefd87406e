"""What a certificate says, fixed at the moment of issue.

A certificate is a snapshot, not a join: later changes of a course, a person or an organisation do not reach it.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256
from typing import Any, Self
from unicodedata import normalize

_LATER = {"template_sha256", "valid_until", "co_issuers", "transcript", "offline_url"}
_LATER_OF_SIGNER = {"signature"}


def _composed(texts: Mapping[str, str]) -> dict[str, str]:
    return {key: normalize("NFC", text).strip() for key, text in texts.items()}


@dataclass(frozen=True)
class Issuer:
    """The organisation that answers for the certificate."""

    names: Mapping[str, str]
    """By language: ky, ru, zh, en."""
    country: str
    """ISO 3166-1 alpha-2."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", _composed(self.names))


@dataclass(frozen=True)
class Signer:
    """The official whose name stands under the certificate."""

    name: Mapping[str, str]
    post: Mapping[str, str]
    signature: str | None = None
    """SHA-256 of the picture of the signature, hexadecimal."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", _composed(self.name))
        object.__setattr__(self, "post", _composed(self.post))


@dataclass(frozen=True)
class CoIssuer:
    """Another organisation that issues the certificate jointly, and who signs for it."""

    issuer: Issuer
    signer: Signer


@dataclass(frozen=True)
class TranscriptLine:
    """One part of what was completed."""

    titles: Mapping[str, str]
    hours: int
    """Academic hours."""
    score_percent: int | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "titles", _composed(self.titles))


@dataclass(frozen=True)
class Snapshot:
    """Everything that is printed. Texts are kept composed (Unicode NFC), so that equal texts have equal bytes."""

    certificate_id: str
    """UUID; also the identifier inside the PDF."""
    number: str
    code: str
    holder: Mapping[str, str]
    """The confirmed forms of the name by script: Cyrl, Latn, Hani."""
    titles: Mapping[str, str]
    """Of the module, by language: ky, ru, zh, en."""
    hours: int
    """Academic hours."""
    score_percent: int | None
    completed_on: date
    issued_on: date
    """Civil dates in the issuer's time zone."""
    issuer: Issuer
    signer: Signer
    verify_url: str
    """``https://host/v/CODE``; the QR code carries it in capitals."""
    template_version: int = 1
    valid_until: date | None = None
    """The last day on which it is valid; None means without end."""
    template_sha256: str | None = None
    """Of the organisation's own template; None for the one that comes with the product."""
    co_issuers: tuple[CoIssuer, ...] = ()
    transcript: tuple[TranscriptLine, ...] = ()
    offline_url: str | None = None
    """``https://host/offline#DIGITS``: the facts once more, signed, for a check without a network. The second QR code."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "holder", _composed(self.holder))
        object.__setattr__(self, "titles", _composed(self.titles))

    @property
    def signers(self) -> tuple[Signer, ...]:
        """Everybody whose name stands under it, the issuer's own first."""
        return (self.signer, *(other.signer for other in self.co_issuers))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The snapshot that :meth:`canonical_json` wrote."""
        facts: dict[str, Any] = json.loads(text)
        facts["completed_on"] = date.fromisoformat(facts["completed_on"])
        facts["issued_on"] = date.fromisoformat(facts["issued_on"])
        if last_day := facts.get("valid_until"):
            facts["valid_until"] = date.fromisoformat(last_day)
        facts["issuer"] = Issuer(**facts["issuer"])
        facts["signer"] = Signer(**facts["signer"])
        facts["co_issuers"] = tuple(
            CoIssuer(Issuer(**other["issuer"]), Signer(**other["signer"])) for other in facts.get("co_issuers", ())
        )
        facts["transcript"] = tuple(TranscriptLine(**line) for line in facts.get("transcript", ()))
        return cls(**facts)

    def canonical_json(self) -> str:
        """One spelling for one content: sorted keys, no spaces, as in RFC 8785 (there are no fractions here).

        What was added to snapshots later is left out where it says nothing: old certificates keep their hash.
        """
        facts = _without(asdict(self), _LATER)
        facts["signer"] = _without(facts["signer"], _LATER_OF_SIGNER)
        for other in facts.get("co_issuers", ()):
            other["signer"] = _without(other["signer"], _LATER_OF_SIGNER)
        return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=date.isoformat)

    def sha256(self) -> str:
        """SHA-256 of the canonical JSON, in hexadecimal."""
        return sha256(self.canonical_json().encode()).hexdigest()


def _without(facts: dict[str, Any], later: set[str]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name not in later or value}
