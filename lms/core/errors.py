"""The one family of errors. Each has a stable code, an HTTP status and a sentence that a person can act on.

Pages and API answers are both made from these (``lms.core.web``). The code never changes once published; the sentence
is translated. Facts are for logs and problem details: they hold no personal data.
"""

from collections.abc import Mapping
from typing import Protocol


class Sentence(Protocol):
    """A text that is translated when it is shown."""

    def __str__(self) -> str: ...


class Problem(Exception):
    """Something a caller or a reader has to know; never a bug of ours."""

    status = 400
    headers: Mapping[str, str] = {}
    """What the answer says beside its body, for example the challenge of a 401 (RFC 9110, section 11.6.1)."""

    def __init__(self, code: str, sentence: Sentence, *, spec: str | None = None, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
        self.spec = spec
        self.facts: Mapping[str, object] = facts


class BadRequest(Problem):
    """The request cannot be understood."""

    status = 400


class Unauthorized(Problem):
    """Nobody has shown who they are."""

    status = 401


class Forbidden(Problem):
    """We know who asks, and the answer is no."""

    status = 403


class NotFound(Problem):
    """There is no such thing, or the asker may not know that there is."""

    status = 404


class Conflict(Problem):
    """What is asked does not fit with what is already true."""

    status = 409


class Gone(Problem):
    """It was there once and has ended."""

    status = 410


class TooLarge(Problem):
    """More than we take."""

    status = 413


class Invalid(Problem):
    """Understood, but some values are wrong; ``fields`` says which and why."""

    status = 422

    def __init__(
        self,
        code: str,
        sentence: Sentence,
        *,
        spec: str | None = None,
        fields: Mapping[str, object] | None = None,
        **facts: object,
    ) -> None:
        super().__init__(code, sentence, spec=spec, **facts)
        self.fields = fields or {}


class TooMany(Problem):
    """Asked too often."""

    status = 429


class Unavailable(Problem):
    """We cannot do it now and may be asked again."""

    status = 503


class Refused(Problem):
    """A launch, a token or a sign-in is refused. What it used up stays used: the edge commits instead of rolling back."""

    status = 403

    def __init__(
        self, code: str, sentence: Sentence, *, spec: str | None = None, status: int = 403, **facts: object
    ) -> None:
        super().__init__(code, sentence, spec=spec, **facts)
        self.status = status


class RemoteFailure(Problem):
    """Another service did not answer as it should."""

    status = 502

    def __init__(
        self,
        code: str,
        sentence: Sentence,
        *,
        asked: str,
        status_code: int | None = None,
        retryable: bool = True,
        retry_after_seconds: int | None = None,
    ) -> None:
        """:param asked: method, host and path of what was asked, without its query (it may hold secrets)."""
        super().__init__(code, sentence, asked=asked, status_code=status_code)
        self.asked = asked
        self.status_code = status_code
        self.retryable = retryable
        self.retry_after_seconds = retry_after_seconds
