"""Open edX, seen with lti-consumer-xblock 11.4."""

from lms.lti.platforms.base import Platform


class OpenEdX(Platform):
    """Answers 400 to a timestamp that is equal or older, and 500 for a user it does not know."""

    families = ("open edx", "openedx", "edx")

    def is_already_newer(self, status: int, body: bytes) -> bool:
        """The sentence of the refusal names the timestamp."""
        return super().is_already_newer(status, body) or (status == 400 and b"timestamp" in body.lower())
