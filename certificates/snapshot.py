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

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", _composed(self.name))
        object.__setattr__(self, "post", _composed(self.post))


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

    def __post_init__(self) -> None:
        object.__setattr__(self, "holder", _composed(self.holder))
        object.__setattr__(self, "titles", _composed(self.titles))

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
        return cls(**facts)

    def canonical_json(self) -> str:
        """One spelling for one content: sorted keys, no spaces, as in RFC 8785 (there are no fractions here)."""
        return json.dumps(
            asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=date.isoformat
        )

    def sha256(self) -> str:
        """SHA-256 of the canonical JSON, in hexadecimal."""
        return sha256(self.canonical_json().encode()).hexdigest()
