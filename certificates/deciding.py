"""What the checks of a sealed file have in common: how one of them answers, and how libraries are asked without a network."""

from collections.abc import Coroutine, Iterable
from datetime import datetime
from typing import Any, TypeVar

from asn1crypto import cms, x509
from pyhanko.sign.validation import EmbeddedPdfSignature
from pyhanko_certvalidator import ValidationContext

from certificates.verdicts import VerdictCode

Result = TypeVar("Result")


class Decided(Exception):
    """A check has answered; the ones after it are not asked."""

    def __init__(self, code: VerdictCode, *reasons: str) -> None:
        super().__init__(code)
        self.code = code
        self.reasons = reasons


def room_used() -> Decided:
    """What is raised where bytes stand that no seal covers and that have no one form."""
    return Decided(VerdictCode.MODIFIED_CONTAINER, "unsealed-bytes-changed")


def is_time_stamp(signature: EmbeddedPdfSignature) -> bool:
    """Whether it is an archive time stamp and not a seal (ISO 32000-2, 12.8.5)."""
    return bool(signature.sig_object_type == "/DocTimeStamp")


def unsigned_attributes(signer: cms.SignerInfo) -> Any:
    """What stands beside a signature without being covered by it."""
    return signer["unsigned_attrs"] or ()


def context_of(roots: Iterable[bytes], moment: datetime | None) -> ValidationContext:
    """What a chain is judged by: these roots and this moment, and no network."""
    return ValidationContext(
        trust_roots=[x509.Certificate.load(root) for root in roots],
        moment=moment,
        allow_fetching=False,
        revocation_mode="soft-fail",
    )


def finished(work: Coroutine[Any, Any, Result]) -> Result:
    """The result of a coroutine that waits for nothing. No event loop: it would need file handles, and there are none."""
    try:
        work.send(None)
    except StopIteration as end:
        result: Result = end.value
        return result
    work.close()
    raise RuntimeError("checking a seal asked for the network")
