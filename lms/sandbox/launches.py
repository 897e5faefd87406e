"""A person opens a module: the launch is noted, and the browser goes to the tool's login address.

LTI 1.3 core, section 4.1 and security framework 1.0, section 5.1.1.1: login initiated by a third party.
"""

import secrets
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy import update
from sqlalchemy.orm import Session

from lms.core import clock
from lms.sandbox import store
from lms.sandbox.demo import Module, Person, Registration
from lms.sandbox.models import PendingLaunch
from lms.sandbox.profiles import Profile


@dataclass(frozen=True)
class LoginInitiation:
    """What the browser brings to the tool, and how."""

    method: str
    url: str
    fields: dict[str, str]

    @property
    def url_with_fields(self) -> str:
        """The address for a login initiated by GET."""
        return f"{self.url}?{urlencode(self.fields)}"


def begin(
    person: Person, module: Module, *, document_target: str, tool: Registration, profile: Profile, issuer: str
) -> LoginInitiation:
    """Note the launch and say where the browser has to go."""
    launch = PendingLaunch(
        id=secrets.token_hex(12),
        person_id=person.id,
        module_slug=module.slug,
        document_target=document_target,
        began_at=clock.now(),
    )
    store.session().add(launch)
    fields = {
        "iss": issuer,
        "target_link_uri": tool.target_of(module),
        "login_hint": profile.login_hint(person),
        "lti_message_hint": profile.message_hint(launch.id, module),
        "client_id": tool.client_id,
        "lti_deployment_id": tool.deployment_id,
    }
    return LoginInitiation(method=profile.login_method, url=tool.login_url, fields=fields)


def find(hint: str, profile: Profile) -> PendingLaunch | None:
    """The launch to which a hint leads. On platforms whose hint works once, this is that once."""
    launch_id = profile.launch_of_hint(hint)
    if launch_id is None:
        return None
    if profile.hint_works_once:
        return _use(store.session(), launch_id)
    return store.session().get(PendingLaunch, launch_id)


def _use(session: Session, launch_id: str) -> PendingLaunch | None:
    unused = update(PendingLaunch).where(PendingLaunch.id == launch_id, PendingLaunch.used_at.is_(None))
    return session.scalar(unused.values(used_at=clock.now()).returning(PendingLaunch))
