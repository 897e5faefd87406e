"""Open edX, seen with lti-consumer-xblock 11.4."""

from lms.lti.platforms.base import Platform


class OpenEdX(Platform):
    """Answers 400 to a timestamp that is equal or older, and 500 for a user it does not know.

    It does not name its product in launches; its ids are usage keys.
    """

    families = ("open edx", "openedx", "edx")

    def is_seen_in(self, *, resource_link_id: str, context_id: str) -> bool:
        """A link is a block of a course run, as only it writes them."""
        is_block = resource_link_id.startswith("block-v1:") and "+type@lti_consumer+" in resource_link_id
        return is_block or context_id.startswith("course-v1:")

    def is_already_newer(self, status: int, body: bytes) -> bool:
        """The sentence of the refusal names the timestamp."""
        return super().is_already_newer(status, body) or (status == 400 and b"timestamp" in body.lower())
