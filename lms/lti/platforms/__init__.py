"""Every habit of an LMS that differs from the specification, chosen by its product_family_code. Nowhere else."""

from lms.lti.platforms.base import Platform
from lms.lti.platforms.blackboard import Blackboard
from lms.lti.platforms.canvas import Canvas
from lms.lti.platforms.d2l import D2L
from lms.lti.platforms.moodle import Moodle
from lms.lti.platforms.openedx import OpenEdX
from lms.lti.platforms.sakai import Sakai

_KNOWN: tuple[Platform, ...] = (Moodle(), Canvas(), OpenEdX(), Blackboard(), D2L(), Sakai())
_OTHER = Platform()

__all__ = ["FAMILIES", "Platform", "guessed_family", "of"]

FAMILIES: tuple[str, ...] = tuple(platform.families[0] for platform in _KNOWN)
"""What an administrator may choose where a platform does not name its product."""


def of(issuer: str, product_family_code: str | None) -> Platform:
    """The habits of a platform; those of the specification if it is not known. A named product counts before an issuer."""
    family = (product_family_code or "").lower()
    for platform in _KNOWN:
        if family in platform.families:
            return platform
    for platform in _KNOWN:
        if issuer in platform.issuers:
            return platform
    return _OTHER


def guessed_family(*, resource_link_id: str, context_id: str) -> str | None:
    """The product that a launch comes from, by its ids, where the platform does not say."""
    for platform in _KNOWN:
        if platform.is_seen_in(resource_link_id=resource_link_id, context_id=context_id):
            return platform.families[0]
    return None
