"""Every habit of an LMS that differs from the specification, chosen by its product_family_code. Nowhere else."""

from lms.lti.platforms.base import Platform
from lms.lti.platforms.canvas import Canvas
from lms.lti.platforms.moodle import Moodle
from lms.lti.platforms.openedx import OpenEdX

_KNOWN: tuple[Platform, ...] = (Moodle(), Canvas(), OpenEdX())
_OTHER = Platform()

__all__ = ["Platform", "of"]


def of(issuer: str, product_family_code: str | None) -> Platform:
    """The habits of a platform; those of the specification if it is not known."""
    family = (product_family_code or "").lower()
    for platform in _KNOWN:
        if family in platform.families or issuer in platform.issuers:
            return platform
    return _OTHER
