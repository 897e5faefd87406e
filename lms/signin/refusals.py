"""How a sign-in is refused: a stable code, a sentence for the person, and the rule that was broken."""

from lms.core.errors import Refused, Sentence
from lms.core.i18n import _l

AGAIN = _l("Sign in again from the beginning.")
ASK = _l("Ask the administrator who invited you, and give the code below.")
OPERATOR = _l("Give the code below to the operator of this service.")


class SignInRefused(Refused):
    """A sign-in that was refused. Whatever it used up - a state, a link - stays used."""

    def __init__(
        self,
        code: str,
        sentence: Sentence,
        *,
        spec: str | None = None,
        status: int = 403,
        what_to_do: Sentence = ASK,
        **facts: object,
    ) -> None:
        super().__init__(code, sentence, spec=spec, status=status, **facts)
        self.what_to_do = what_to_do


def try_again(code: str, sentence: Sentence, *, spec: str) -> SignInRefused:
    """A refusal that a new sign-in cures."""
    return SignInRefused(code, sentence, spec=spec, what_to_do=AGAIN)


def not_proved(code: str, *, spec: str, **facts: object) -> SignInRefused:
    """What the provider sent does not prove who this is."""
    sentence = _l("The sign-in service could not prove who you are.")
    return SignInRefused(code, sentence, spec=spec, status=401, what_to_do=OPERATOR, **facts)
