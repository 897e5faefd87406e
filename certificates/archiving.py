"""Keep sealed files provable: put an archive time stamp over each before the last one's authority can no longer vouch for it.

Nothing that was stored is touched: the stamped file is one more version beside it (``certificates.revisions``), begins
with the same bytes, and is delivered from then on. What was sealed while the authority was away gets its first stamp here.
"""

from datetime import timedelta

import structlog

from certificates import revisions, sealing, self_check
from certificates.revisions import CertificateRevision
from lms.core import clock, files, jobs, settings
from lms.core.db import reading, transaction
from lms.core.errors import NotFound, Unavailable

JOB = "renew-archive-timestamps"
AHEAD = timedelta(days=90)
"""So long before the end a stamp is renewed; the authority may be away for a while."""
MOST_SECONDS = 60
"""Of one run; the lease of a job is longer."""
AT_ONCE = 1000

log = structlog.get_logger()


@jobs.daily(JOB)
def renew_due(_subject: str) -> None:
    """The daily job: stamp what will need it soon, the most urgent first.

    :raises RemoteFailure: the authority is away; all that is left is tried again.
    :raises jobs.NeedsPerson: some file cannot be stamped; the others were.
    """
    if not settings.current().tsa_url:
        return
    started, failed = clock.now(), ""
    with reading():
        due = revisions.due(clock.now() + AHEAD, limit=AT_ONCE)
    for certificate_id in due:
        if clock.now() - started > timedelta(seconds=MOST_SECONDS):
            with transaction():
                jobs.queue(JOB, JOB)
            return
        failed = _failure_of(certificate_id) or failed
    if failed:
        raise jobs.NeedsPerson(failed)


def strengthen(certificate_id: str) -> CertificateRevision | None:
    """One more version of a certificate's file, under a fresh archive time stamp; None if it has no file.

    :raises RemoteFailure: the authority is away.
    :raises jobs.NeedsPerson: our own verifier does not accept the result.
    :raises Unavailable: the seal was revoked, or the file cannot be stored.
    """
    with reading():
        newest = revisions.latest(certificate_id)
    if newest is None:
        return None
    sealed = sealing.strengthen(files.read(newest.file_name))
    self_check.refuse_what_our_verifier_refuses(sealed.pdf)
    name = revisions.name_of(certificate_id, sealed.pdf)
    files.store(name, sealed.pdf)
    with transaction():
        revisions.add(
            certificate_id,
            newest.number + 1,
            sha256=revisions.digest(sealed.pdf),
            file_name=name,
            level=sealed.level,
            renew_before=sealed.renew_before,
        )
        return revisions.latest(certificate_id)


def _failure_of(certificate_id: str) -> str | None:
    """The code of what stands in the way of one file; it must not stand in the way of the others."""
    try:
        strengthen(certificate_id)
    except (jobs.NeedsPerson, NotFound, Unavailable) as fault:
        log.warning("archive-stamp-failed", certificate=certificate_id, code=fault.code)
        return fault.code
    return None
