"""With which tokens a platform's services are called: those of one deployment of one registration (core 6.2.1)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lms.core.http import Answer
from lms.lti import platforms, tokens
from lms.lti.models import Registration
from lms.lti.platforms import Platform


@dataclass(frozen=True)
class Access:
    """What we are to a platform."""

    registration: Registration
    deployment_id: str
    """As the platform calls it."""

    @property
    def habits(self) -> Platform:
        """What this platform does otherwise than the specification says."""
        return platforms.of(self.registration.issuer, self.registration.family)

    def call(
        self,
        method: str,
        url: str,
        *,
        scopes: Iterable[str],
        headers: Mapping[str, str],
        body: bytes | None = None,
    ) -> Answer:
        """Call a service; see :func:`lms.lti.tokens.call`. No transaction may be open."""
        return tokens.call(
            method,
            self.registration,
            url,
            scopes=scopes,
            headers=headers,
            body=body,
            deployment_id=self.deployment_id,
        )
