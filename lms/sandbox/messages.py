"""The signed message of a launch: ``LtiResourceLinkRequest`` (LTI 1.3 core, sections 5.3 and 5.4)."""

from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import RSAKey

from lms.core import clock
from lms.sandbox import addresses, keys, line_items, switches
from lms.sandbox.demo import COURSE, Module, Person, Registration
from lms.sandbox.profiles import CLAIM, Profile
from lms.sandbox.switches import Fault
from lms.sandbox.tokens import GRANTABLE_SCOPES

AGS_CLAIM = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"


def resource_link_request(
    person: Person,
    module: Module,
    *,
    tool: Registration,
    profile: Profile,
    nonce: str,
    document_target: str,
    language: str,
) -> dict[str, object]:
    """All claims of the message.

    :param language: the one the person reads the platform in now.
    """
    return {
        **_security_claims(profile, tool, person, nonce),
        **_identity_claims(person, language),
        f"{CLAIM}message_type": "LtiResourceLinkRequest",
        f"{CLAIM}version": "1.3.0",
        f"{CLAIM}deployment_id": tool.deployment_id,
        f"{CLAIM}target_link_uri": tool.target_of(module),
        f"{CLAIM}roles": list(profile.roles[person.role]),
        f"{CLAIM}context": _context(profile),
        f"{CLAIM}resource_link": _resource_link(profile, module),
        f"{CLAIM}tool_platform": _platform(profile),
        f"{CLAIM}launch_presentation": _presentation(profile, module, document_target, language),
        f"{CLAIM}custom": {"module": module.slug, **profile.custom_claims(addresses.base())},
        AGS_CLAIM: _grade_services(profile, module),
        **profile.further_claims(person),
    }


def signed(claims: dict[str, object]) -> str:
    """The message as a JWT signed by the platform, spoiled if a fault is armed."""
    key = keys.signing_key()
    header: dict[str, object] = {"alg": "RS256", "typ": "JWT", "kid": key.kid}
    claims, header, key = _spoiled(dict(claims), header, key)
    return jwt.encode(header, claims, key)


def _security_claims(profile: Profile, tool: Registration, person: Person, nonce: str) -> dict[str, object]:
    issued_at = int(clock.now().timestamp())
    return {
        "iss": addresses.base(),
        **profile.audience_claims(tool.client_id),
        "sub": profile.user_id(person),
        "iat": issued_at,
        "exp": issued_at + profile.id_token_life_seconds,
        "nonce": nonce,
    }


def _identity_claims(person: Person, language: str) -> dict[str, object]:
    return {
        "name": person.name,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "email": person.email,
        "locale": language,
    }


def _context(profile: Profile) -> dict[str, object]:
    return {
        "id": str(COURSE.number),
        "label": COURSE.label,
        "title": COURSE.titles[COURSE.language],
        "type": list(profile.context_types),
    }


def _resource_link(profile: Profile, module: Module) -> dict[str, object]:
    return {
        "id": profile.resource_link_id(module),
        "title": module.titles[COURSE.language],
        "description": module.summaries[COURSE.language],
    }


def _platform(profile: Profile) -> dict[str, object]:
    return {
        "guid": "sandbox.academy.example",
        "name": "Sandbox LMS",
        "url": addresses.base(),
        "product_family_code": profile.family_code,
        "version": profile.version,
    }


def _presentation(profile: Profile, module: Module, document_target: str, language: str) -> dict[str, object]:
    return {
        "locale": language,
        "document_target": document_target,
        "return_url": f"{addresses.base()}/return?{urlencode(profile.return_query(module))}",
    }


def _grade_services(profile: Profile, module: Module) -> dict[str, object]:
    """The line item is named only when exactly one belongs to the link (AGS 2.0, section 3.1)."""
    claim: dict[str, object] = {"scope": list(GRANTABLE_SCOPES), "lineitems": addresses.line_items(profile)}
    coupled = line_items.all_coupled_to(module)
    if len(coupled) == 1:
        claim["lineitem"] = addresses.line_item(profile, coupled[0].id)
    return claim


def _spoiled(
    claims: dict[str, object], header: dict[str, object], key: RSAKey
) -> tuple[dict[str, object], dict[str, object], RSAKey]:
    """Do wrong what was armed; each fault spoils one thing only."""
    changed_claims: dict[Fault, dict[str, object]] = {
        Fault.WRONG_NONCE: {"nonce": "another-nonce"},
        Fault.EXPIRED: {"iat": 11111, "exp": 22222},
        Fault.WRONG_AUDIENCE: {"aud": "another-tool", "azp": "another-tool"},
        Fault.WRONG_ISSUER: {"iss": "https://another-platform.example"},
        Fault.WRONG_DEPLOYMENT: {f"{CLAIM}deployment_id": "another-deployment"},
    }
    for fault, change in changed_claims.items():
        if switches.take(fault):
            claims.update(change)
    if switches.take(Fault.NO_KID):
        del header["kid"]
    if switches.take(Fault.UNKNOWN_KID):
        header["kid"] = "unknown-key"
    if switches.take(Fault.WRONG_SIGNATURE):
        key = keys.unpublished_key(str(key.kid))
    return claims, header, key
