"""All that a machine without a network needs to check files: seals with their roots, the list of what holds, and its keys.

The bundle is brought by hand from a place that is trusted. Its list can be replaced by a newer one from anywhere: it counts only
under a key that the bundle has.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from certificates import chain, seal_keys
from certificates.models import Certificate, SealKey
from certificates.offline import listing
from certificates.revisions import CertificateRevision
from certificates.verdicts import TrustedSeal
from lms.core import keys
from lms.core.db import db

KIND = "bilim-offline-bundle"
VERSION = 1


class NotABundle(ValueError):
    """A file that is no bundle, or is damaged."""


@dataclass(frozen=True)
class Bundle:
    """What a machine without a network knows."""

    claims: Mapping[str, Any]
    """The list of what holds, as of its day."""
    seals: tuple[TrustedSeal, ...]
    time_roots: tuple[bytes, ...]
    vouched_files: frozenset[bytes]
    """Beginnings of the SHA-256 of files that the register vouches for, though others may have their seal."""


def written() -> str:
    """The bundle of this moment as JSON. Reads in the caller's transaction.

    :raises NotFound: ``offline-list-missing``.
    """
    signed = listing.composed(
        seals=[_seal(seal) for seal in seal_keys.trusted()],
        time_roots=[b64encode(root).decode() for root in seal_keys.time_roots()],
        vouched_files=listing.encoded(b"".join(sorted(_vouched_files()))),
    )
    return json.dumps(
        {"kind": KIND, "version": VERSION, "keys": keys.published(chain.KEY_USE), "list": signed}, indent=1
    )


def read(text: str) -> Bundle:
    """:raises NotABundle: if it is none, or its list has no signature of the keys in it."""
    try:
        content = json.loads(text)
        if (content["kind"], content["version"]) != (KIND, VERSION):
            raise NotABundle("a file of another kind or version")
        claims = listing.read(content["list"], content["keys"])
        vouched = listing.decoded(claims["vouched_files"])
        return Bundle(
            claims=claims,
            seals=tuple(_trusted(seal) for seal in claims["seals"]),
            time_roots=tuple(b64decode(root) for root in claims["time_roots"]),
            vouched_files=frozenset(
                vouched[at : at + listing.VOUCHED_BYTES] for at in range(0, len(vouched), listing.VOUCHED_BYTES)
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise NotABundle(str(error)) from error


def _seal(seal: TrustedSeal) -> dict[str, Any]:
    return {
        "fingerprint": seal.fingerprint,
        "root": b64encode(seal.root).decode(),
        "retired_at": _written_moment(seal.retired_at),
        "compromised_at": _written_moment(seal.compromised_at),
    }


def _trusted(seal: Mapping[str, Any]) -> TrustedSeal:
    return TrustedSeal(
        seal["fingerprint"],
        b64decode(seal["root"]),
        _read_moment(seal["retired_at"]),
        _read_moment(seal["compromised_at"]),
    )


def _written_moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None


def _read_moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _vouched_files() -> Iterator[bytes]:
    """As ``seal_keys.is_beyond_doubt`` says of one: issued before others could have had the key."""
    doubtful = (
        select(Certificate.pdf_sha256, CertificateRevision.sha256)
        .join(SealKey, SealKey.fingerprint == Certificate.seal_fingerprint)
        .outerjoin(CertificateRevision, CertificateRevision.certificate_id == Certificate.id)
        .where(SealKey.compromised_at.is_not(None), Certificate.issued_at < SealKey.compromised_at)
    )
    digests = {digest for row in db.session.execute(doubtful) for digest in row if digest}
    return (bytes.fromhex(digest)[: listing.VOUCHED_BYTES] for digest in digests)
