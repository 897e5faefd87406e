"""D2L Brightspace (from other tools and issue threads; not run)."""

from lms.lti.platforms.base import Platform


class D2L(Platform):
    """Each school is an issuer of its own; tokens come from one server for all."""

    families = ("desire2learn", "d2l", "brightspace")
    token_audience = "https://api.brightspace.com/auth/token"  # noqa: S105  the same for all schools (webwork2 2342)
