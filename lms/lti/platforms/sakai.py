"""Sakai (from its recorded configuration; not run)."""

from lms.lti.platforms.base import Platform


class Sakai(Platform):
    """Announces no scopes and no claims beyond those of OpenID Connect, but grants those of LTI."""

    families = ("sakailms.org", "sakai")
