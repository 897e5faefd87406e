"""Blackboard Learn (from recorded launches and issue threads; not run)."""

from lms.lti.platforms.base import Platform


class Blackboard(Platform):
    """All schools share one issuer and one client id; a deployment is a school (oli-torus 1963, 1979)."""

    families = ("blackboardlearn", "blackboard")
    issuers = ("https://blackboard.com",)
    frame_ancestors = ("https://*.blackboard.com",)
