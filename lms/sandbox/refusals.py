"""How the sandbox says no: each protocol in its own way. What a refusal used up (hint, ``jti``) stays used."""


class Refusal(Exception):
    """The request is refused; the edge keeps what was written."""


class PageRefused(Refusal):
    """A person sees a page: nothing may be sent to the address in the request, because it cannot be trusted."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class AuthenticationRefused(Refusal):
    """The tool is told by an error posted to its redirect address (OpenID Connect Core, section 3.1.2.6)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error = error
        self.description = description


class TokenRefused(Refusal):
    """The token endpoint's JSON error (RFC 6749, section 5.2)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error = error
        self.description = description


class ServiceRefused(Refusal):
    """A grade service refuses; the profile words the body."""

    def __init__(self, status: int, reason: str, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.headers = headers or {}


class PersonNotGradable(ServiceRefused):
    """The score is for somebody who takes no part as a trainee: permanent."""

    def __init__(self, user_id: str, *, is_known: bool) -> None:
        super().__init__(400, "This user is not a student of the course")
        self.user_id = user_id
        self.is_known = is_known


class MessageRefused(Refusal):
    """A message that the tool signed and sent through the browser cannot be taken."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RegistrationRefused(Refusal):
    """The tool's registration cannot be taken; each platform says so in its own form."""

    def __init__(self, error: str, description: str, *, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status
