"""How a registration that a platform began is refused: by us, or by the platform, in its own words."""

from lms.core.errors import Refused, Sentence
from lms.core.i18n import _l

AGAIN = _l("Close this page and begin the registration in the learning system once more.")
ASK = _l("Ask the administrator of Bilim for a new invitation.")
REPORT = _l("Give the lines below to the administrator of your learning system.")


class RegistrationRefused(Refused):
    """Nothing was registered. An invitation that the platform's refusal cost is good again."""

    def __init__(
        self,
        code: str,
        sentence: Sentence,
        *,
        spec: str,
        status: int = 400,
        what_to_do: Sentence = REPORT,
        platform_said: tuple[str, ...] = (),
    ) -> None:
        super().__init__(code, sentence, spec=spec, status=status)
        self.what_to_do = what_to_do
        self.platform_said = platform_said
        """Lines of the platform's answer, as it wrote them: not ours, and not safe before they are escaped."""
