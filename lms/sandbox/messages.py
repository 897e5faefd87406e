"""The signed messages of launches: one function for each kind, from the launch that was noted.

LTI 1.3 core, sections 5.3 and 5.4; deep linking 2.0, section 4.4; submission review; data privacy launch.
"""

from dataclasses import dataclass

from joserfc import jwt
from joserfc.jwk import RSAKey

from lms.core import clock
from lms.sandbox import addresses, claims, demo, keys, launch_custom, privacy, roles, store, switches, variables
from lms.sandbox.demo import Person
from lms.sandbox.launches import Message
from lms.sandbox.models import Context, DeepLinking, LineItem, Link, PendingLaunch
from lms.sandbox.options import Option, value
from lms.sandbox.profiles import Profile
from lms.sandbox.quirks import Quirk
from lms.sandbox.registrations import Placement
from lms.sandbox.switches import Fault

CLAIM = launch_custom.CLAIM
DEEP_LINKING_SETTINGS = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"


@dataclass(frozen=True)
class Launch:
    """Everything of which a message is made; ``language`` is the one in which the person reads the platform now."""

    noted: PendingLaunch
    placement: Placement
    person: Person
    profile: Profile
    nonce: str
    language: str
    context: Context | None
    link: Link | None

    @property
    def is_anonymous(self) -> bool:
        """Whether the message does not say whose it is; only an activity can be opened so."""
        return privacy.is_anonymous() and self.noted.message == Message.RESOURCE_LINK


def claims_of(launch: Launch) -> dict[str, object]:
    """All claims of the message that this launch is for."""
    builders = {
        Message.RESOURCE_LINK: _resource_link_request,
        Message.DEEP_LINKING: _deep_linking_request,
        Message.SUBMISSION_REVIEW: _submission_review_request,
        Message.DATA_PRIVACY: _data_privacy_request,
    }
    return {**_common(launch), **builders[Message(launch.noted.message)](launch)}


def signed(message: dict[str, object]) -> str:
    """The message as a JWT signed by the platform, spoiled if a fault is armed."""
    key = keys.signing_key()
    header: dict[str, object] = {"alg": "RS256", "typ": "JWT", "kid": key.kid}
    message, header, key = _spoiled(dict(message), header, key)
    return jwt.encode(header, message, key)


def signed_notice(message: dict[str, object]) -> str:
    """A notice as a JWT; launch faults do not touch it."""
    key = keys.signing_key()
    return jwt.encode({"alg": "RS256", "typ": "JWT", "kid": key.kid}, message, key)


def _common(launch: Launch) -> dict[str, object]:
    profile, tool = launch.profile, launch.placement.tool
    issued_at = int(clock.now().timestamp())
    common: dict[str, object] = {
        "iss": addresses.issuer(profile),
        **claims.audience(tool.client_id, profile),
        "iat": issued_at,
        "exp": issued_at + claims.life_seconds(profile),
        "nonce": launch.nonce,
        f"{CLAIM}message_type": launch.noted.message,
        f"{CLAIM}version": "1.3.0",
        f"{CLAIM}deployment_id": launch.placement.deployment_id,
        f"{CLAIM}roles": roles.in_launch(launch.person, profile),
        f"{CLAIM}tool_platform": claims.platform(profile),
    }
    if not launch.is_anonymous:
        common |= claims.identity(launch.person, tool, profile) | {"locale": launch.language}
    if launch.context is not None:
        common[f"{CLAIM}context"] = claims.context(launch.context, profile)
    return common


def _resource_link_request(launch: Launch) -> dict[str, object]:
    """LTI 1.3 core, section 5."""
    link, profile, tool = _link(launch), launch.profile, launch.placement.tool
    person = None if launch.is_anonymous else launch.person
    return {
        f"{CLAIM}target_link_uri": link.url or tool.target_url,
        f"{CLAIM}resource_link": claims.resource_link(link, profile),
        f"{CLAIM}launch_presentation": claims.presentation(
            link, launch.noted.document_target, launch.language, profile
        ),
        f"{CLAIM}custom": launch_custom.of_link(person, link, tool, profile),
        **claims.services(launch.placement, link.context_id, link, profile),
        **({} if person is None else claims.extras(person, profile)),
    }


def _deep_linking_request(launch: Launch) -> dict[str, object]:
    """Deep linking 2.0, section 4.4: as a launch, without a resource link."""
    noted, profile, tool = launch.noted, launch.profile, launch.placement.tool
    asked = store.session().get_one(DeepLinking, noted.deep_linking_id)
    known = launch_custom.of_context(launch.person, launch.context, profile)
    request: dict[str, object] = {
        DEEP_LINKING_SETTINGS: asked.settings,
        f"{CLAIM}launch_presentation": claims.presentation(None, noted.document_target, launch.language, profile),
        f"{CLAIM}custom": variables.resolve(tool.custom, known),
        **claims.services(launch.placement, asked.context_id, None, profile),
        **claims.extras(launch.person, profile),
    }
    if value(Option.TARGET_LINK_URI) == "present":
        request[f"{CLAIM}target_link_uri"] = tool.deep_link_url
    return request


def _submission_review_request(launch: Launch) -> dict[str, object]:
    """An activity opened for the work of somebody (``for_user``) in one column, whatever other columns there are."""
    link, profile = _link(launch), launch.profile
    item = store.session().get_one(LineItem, launch.noted.line_item_id)
    grades = claims.grade_service(launch.placement, link.context_id, None, profile)
    review = item.extras.get("submissionReview")
    custom = review.get("custom") if isinstance(review, dict) else None
    message = _resource_link_request(launch)
    known = {**launch_custom.of_context(launch.person, launch.context, profile)}
    return {
        **message,
        f"{CLAIM}target_link_uri": _review_url(item) or message[f"{CLAIM}target_link_uri"],
        f"{CLAIM}for_user": _for_user(launch, with_roles=True),
        claims.AGS: {**grades, "lineitem": addresses.line_item(profile, item.context_id, item.id)},
        f"{CLAIM}custom": variables.resolve(custom, known) if isinstance(custom, dict) else message[f"{CLAIM}custom"],
    }


def _data_privacy_request(launch: Launch) -> dict[str, object]:
    """About a person's data, outside of every course: neither context nor resource link."""
    profile, tool = launch.profile, launch.placement.tool
    request: dict[str, object] = {
        f"{CLAIM}target_link_uri": tool.privacy_url,
        f"{CLAIM}roles": roles.outside_courses(launch.person),
        f"{CLAIM}for_user": _for_user(launch, with_roles=False),
        f"{CLAIM}launch_presentation": claims.presentation(
            None, launch.noted.document_target, launch.language, profile
        ),
    }
    if Quirk.OLD_PRIVACY_TYPE in profile:
        request[f"{CLAIM}message_type"] = "DataPrivacyLaunchRequest"
    return request


def _for_user(launch: Launch, *, with_roles: bool) -> dict[str, object]:
    person = demo.person(launch.noted.for_person_id) or launch.person
    about: dict[str, object] = {
        "user_id": claims.user_id(person, launch.profile),
        "person_sourcedid": f"academy-{person.number}",
        **privacy.shared(person, launch.placement.tool, launch.profile),
    }
    return {**about, "roles": roles.in_launch(person, launch.profile)} if with_roles else about


def _review_url(item: LineItem) -> str | None:
    review = item.extras.get("submissionReview")
    url = review.get("url") if isinstance(review, dict) else None
    return url if isinstance(url, str) else None


def _link(launch: Launch) -> Link:
    if launch.link is None:
        raise LookupError("a launch of an activity without one")
    return launch.link


def _spoiled(
    message: dict[str, object], header: dict[str, object], key: RSAKey
) -> tuple[dict[str, object], dict[str, object], RSAKey]:
    """Do wrong what was armed; each fault spoils one thing only."""
    changes: dict[Fault, dict[str, object]] = {
        Fault.WRONG_NONCE: {"nonce": "another-nonce"},
        Fault.EXPIRED: {"iat": 11111, "exp": 22222},
        Fault.WRONG_AUDIENCE: {"aud": "another-tool", "azp": "another-tool"},
        Fault.WRONG_ISSUER: {"iss": "https://another-platform.example"},
        Fault.WRONG_DEPLOYMENT: {f"{CLAIM}deployment_id": "another-deployment"},
    }
    for fault, change in changes.items():
        if switches.take(fault):
            message.update(change)
    if switches.take(Fault.NO_KID):
        del header["kid"]
    if switches.take(Fault.UNKNOWN_KID):
        header["kid"] = "unknown-key"
    if switches.take(Fault.WRONG_SIGNATURE):
        key = keys.unpublished_key(str(key.kid))
    return message, header, key
