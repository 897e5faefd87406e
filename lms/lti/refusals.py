"""How a launch is refused: a stable code, a sentence for the person who clicked, and the rule that was broken."""

from lms.core.errors import Refused, Sentence
from lms.core.i18n import _l

AGAIN = _l("Go back to your course and open the module again.")
ALLOW_COOKIES = _l(
    "Go back to your course and open the module again. If this happens again, allow cookies for this site in your browser, "
    "or open the module in a new window."
)
ASK = _l("Give the code below to the administrator of your learning system.")


class LaunchRefused(Refused):
    """A login or launch that was refused. Whatever it used up stays used."""

    def __init__(
        self,
        code: str,
        sentence: Sentence,
        *,
        spec: str,
        status: int = 403,
        what_to_do: Sentence = ASK,
        **facts: object,
    ) -> None:
        super().__init__(code, sentence, spec=spec, status=status, **facts)
        self.what_to_do = what_to_do
        self.return_url: str | None = None
        """The platform's own way back, if the token that was refused is the platform's."""
        self.said: str | None = None
        """The platform's own words, if it is sure that they are for this person."""


def try_again(
    code: str, sentence: Sentence, *, spec: str, status: int = 403, what_to_do: Sentence = AGAIN
) -> LaunchRefused:
    """A refusal that a new launch from the course cures."""
    return LaunchRefused(code, sentence, spec=spec, status=status, what_to_do=what_to_do)


def other_browser(*, spec: str) -> LaunchRefused:
    """A launch came to an end in a browser that is not known to have begun it: ``browser-differs``."""
    sentence = _l("This launch was begun in another browser, or cookies are blocked here.")
    return try_again("browser-differs", sentence, spec=spec, what_to_do=ALLOW_COOKIES)


def not_proved(code: str, *, spec: str, **facts: object) -> LaunchRefused:
    """The token does not prove what it says."""
    sentence = _l("The learning system could not prove that this launch is genuine.")
    return LaunchRefused(code, sentence, spec=spec, status=401, **facts)


def not_complete(code: str, *, spec: str, **facts: object) -> LaunchRefused:
    """The token is genuine, but what it says is no launch that we can serve."""
    sentence = _l("The learning system sent a launch that is not complete or not correct.")
    return LaunchRefused(code, sentence, spec=spec, status=400, **facts)
