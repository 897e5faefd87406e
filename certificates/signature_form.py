"""A signature container (CMS, RFC 5652) in the form that pyHanko gave it once for a seal.

All containers of a seal are the same but for two values: the digest of the file and the signature over it. pyHanko builds
each anew from objects, which takes longer than anything else in sealing. Here its first container is kept as a form, and
the two values are filled in. A form is used only if it gives back the very container that it was taken from.
"""

from dataclasses import dataclass
from typing import Self

from asn1crypto import cms

from certificates.der import EXPLICIT_0, IMPLICIT_0, OCTETS, SEQUENCE, SET, coded

_UNCHANGING = {"content_type", "message_digest", "signing_certificate_v2", "cms_algorithm_protection"}
"""Signed attributes that say the same each time, or hold the digest. A time, for example, is not among them."""


@dataclass(frozen=True)
class SignatureForm:
    """The parts of a container around its digest and its signature, as DER."""

    content_type: bytes
    before_signers: bytes
    before_attributes: bytes
    attributes_head: bytes
    attributes_tail: bytes
    after_attributes: bytes

    @classmethod
    def of(cls, container: cms.ContentInfo, digest: bytes) -> Self | None:
        """The form of a container over this digest; None if it is built in a way that is not understood."""
        whole = container.dump()
        signed = container["content"]
        if len(signed["signer_infos"]) != 1:
            return None
        signer = signed["signer_infos"][0]
        attributes = signer["signed_attrs"]
        head, found, tail = attributes.contents.partition(digest)
        kinds = {attribute["type"].native for attribute in attributes}
        if not found or digest in tail or not kinds <= _UNCHANGING or signer["unsigned_attrs"].native:
            return None
        form = cls(
            content_type=container["content_type"].dump(),
            before_signers=b"".join(
                signed[name].dump()
                for name in ("version", "digest_algorithms", "encap_content_info", "certificates", "crls")
            ),
            before_attributes=b"".join(signer[name].dump() for name in ("version", "sid", "digest_algorithm")),
            attributes_head=head,
            attributes_tail=tail,
            after_attributes=signer["signature_algorithm"].dump(),
        )
        return form if form.filled_in(digest, signer["signature"].native) == whole else None

    def to_sign(self, digest: bytes) -> bytes:
        """What the signature is made over: the attributes as a SET (RFC 5652, section 5.4)."""
        return coded(SET, self._attributes(digest))

    def filled_in(self, digest: bytes, signature: bytes) -> bytes:
        """The container with these two values."""
        signer = coded(
            SEQUENCE,
            self.before_attributes
            + coded(IMPLICIT_0, self._attributes(digest))
            + self.after_attributes
            + coded(OCTETS, signature),
        )
        signed = coded(SEQUENCE, self.before_signers + coded(SET, signer))
        return coded(SEQUENCE, self.content_type + coded(EXPLICIT_0, signed))

    def _attributes(self, digest: bytes) -> bytes:
        return self.attributes_head + digest + self.attributes_tail
