"""Names under which certificates leave the house: for browsers (RFC 6266) and inside archives. Pure."""

from certificates.snapshot import Snapshot
from lms.core import attachments
from lms.core.attachments import LONGEST_BYTES, disposition

__all__ = ["LONGEST_BYTES", "disposition", "of_certificate", "safe"]


def of_certificate(snapshot: Snapshot) -> str:
    """``2026-KG-PM000123 Ысакова Айгүл.pdf``: the holder's own letters, behind a number that makes it unique."""
    holder = snapshot.holder.get("Cyrl") or next(iter(snapshot.holder.values()))
    return f"{safe(f'{snapshot.number} {holder}')}.pdf"


def safe(name: str) -> str:
    """As :func:`lms.core.attachments.safe`, for what is about a certificate."""
    return attachments.safe(name, otherwise="certificate")
