"""What kind of body an organisation is. It explains lists to people; no right depends on it."""

from enum import StrEnum

from lms.core.errors import Sentence
from lms.core.i18n import _l


class Kind(StrEnum):
    """One word for what it does in the training of officials."""

    ACADEMY = "academy"
    BUREAU = "bureau"
    HOST = "host"
    MINISTRY = "ministry"
    AGENCY = "agency"
    """Sends its officials: a local authority, an office of the state."""
    CENTRE = "centre"
    """Keeps several academies together."""


NAMES: dict[Kind, Sentence] = {
    Kind.ACADEMY: _l("Academy"),
    Kind.BUREAU: _l("Civil-service bureau"),
    Kind.HOST: _l("Host institution"),
    Kind.MINISTRY: _l("Ministry"),
    Kind.AGENCY: _l("Agency"),
    Kind.CENTRE: _l("Network centre"),
}
