"""What an uploaded file may be said to be, and what is known about it. Plain values, no library of PDF in sight."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class VerdictCode(StrEnum):
    """What the file is. Whether the certificate still holds is the register's answer, given beside this one."""

    AUTHENTIC_EXACT = "AUTHENTIC_EXACT"
    """Byte for byte a file of the register."""
    AUTHENTIC_BY_SIGNATURE = "AUTHENTIC_BY_SIGNATURE"
    """Under our seal and unchanged, though the register does not hold these bytes."""
    MODIFIED_CONTAINER = "MODIFIED_CONTAINER"
    """The sealed part is whole, but bytes beside it are not ours."""
    TAMPERED = "TAMPERED"
    NOT_OURS_OR_EXTENDED = "NOT_OURS_OR_EXTENDED"
    """Signed, but not the way we seal."""
    UNKNOWN_SIGNER = "UNKNOWN_SIGNER"
    """Sealed by somebody else, or by a key of ours while it may have been in other hands."""
    UNSIGNED_COPY = "UNSIGNED_COPY"
    """A PDF without any signature: printed again, or exported."""
    INCONSISTENT = "INCONSISTENT"
    """Under our unbroken seal, but it says something else than the register."""
    UNREADABLE = "UNREADABLE"


@dataclass(frozen=True)
class TrustedSeal:
    """A seal that we use or once used. What it sealed while it was ours alone stays genuine."""

    fingerprint: str
    """SHA-256 of its certificate, hexadecimal."""
    root: bytes
    """DER of the root that its chain ends in."""
    retired_at: datetime | None = None
    compromised_at: datetime | None = None


@dataclass(frozen=True)
class Attachment:
    """A file inside the PDF."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Contents:
    """What a reader of the file sees, and what it carries. Said by the file itself: believed only under our seal."""

    document_id: str | None = None
    """Our certificates carry their id here."""
    lines: tuple[str, ...] = ()
    """The printed text, from top to bottom."""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """The same object for page, API and command line."""

    code: VerdictCode
    reasons: tuple[str, ...]
    sha256: str
    signer_fingerprint: str | None = None
    sealed_at: datetime | None = None
    """As the seal itself says."""
    proved_at: datetime | None = None
    """When a time-stamping authority that we trust saw the seal; nobody can have made it later."""
    contents: Contents = Contents()

    @property
    def is_authentic(self) -> bool:
        """Whether what is printed in the file is what we sealed."""
        return self.code in (VerdictCode.AUTHENTIC_EXACT, VerdictCode.AUTHENTIC_BY_SIGNATURE)
