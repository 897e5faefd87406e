"""Nothing is stored that our own verifier would not call authentic."""

from certificates import examining, inspection, seal_keys
from certificates.verdicts import VerdictCode
from lms.core import jobs
from lms.core.db import reading


def refuse_what_our_verifier_refuses(sealed: bytes) -> None:
    """The register does not know these bytes yet, so the whole seal is checked and not only a hash.

    :raises jobs.NeedsPerson: ``self-check-...`` with the verdict.
    """
    with reading():
        seals = seal_keys.trusted()
    verdict = inspection.inspect(
        sealed,
        seals=seals,
        is_registered=lambda _sha256: False,
        time_roots=seal_keys.time_roots(),
        examine=examining.examine,
    )
    if verdict.code is not VerdictCode.AUTHENTIC_BY_SIGNATURE:
        raise jobs.NeedsPerson(f"self-check-{verdict.code.lower().replace('_', '-')}")
