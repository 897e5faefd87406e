"""The parts of which messages are made, each as the profile has it."""

from urllib.parse import urlencode

from lms.sandbox import addresses, identifiers, line_items, privacy, tokens, variables
from lms.sandbox.demo import Person
from lms.sandbox.identifiers import user_id as user_id
from lms.sandbox.launch_custom import CLAIM
from lms.sandbox.models import Context, Link, Tool
from lms.sandbox.profiles import Profile
from lms.sandbox.quirks import Quirk
from lms.sandbox.registrations import Placement

AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
GROUPS = "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice"
NOTICES = f"{CLAIM}platformnotificationservice"
NOTICE_TYPES = ("LtiHelloWorldNotice", "LtiContextCopyNotice")

COURSE_SECTION = "http://purl.imsglobal.org/vocab/lis/v2/course#CourseSection"


def audience(client_id: str, profile: Profile) -> dict[str, object]:
    """``aud``, and ``azp`` beside it (security framework 5.1.2)."""
    aud: object = client_id if Quirk.AUDIENCE_IS_TEXT in profile else [client_id]
    return {"aud": aud} if Quirk.NO_AUTHORIZED_PARTY in profile else {"aud": aud, "azp": client_id}


def life_seconds(profile: Profile) -> int:
    """How long a message is good for."""
    if Quirk.TOKEN_LIVES_A_MINUTE in profile:
        return 60
    return 3600 if Quirk.TOKEN_LIVES_AN_HOUR in profile else 300


def identity(person: Person, tool: Tool, profile: Profile) -> dict[str, object]:
    """``sub``, and what else may be told."""
    return {"sub": identifiers.user_id(person, profile), **privacy.shared(person, tool, profile)}


def context(course: Context, profile: Profile) -> dict[str, object]:
    """The course."""
    return {
        "id": identifiers.context_id(course, profile),
        "label": course.label,
        "title": course.titles[course.language],
        "type": ["CourseSection" if Quirk.SHORT_CONTEXT_TYPE in profile else COURSE_SECTION],
    }


def resource_link(link: Link, profile: Profile) -> dict[str, object]:
    """The activity."""
    return {
        "id": identifiers.resource_link_id(link, profile),
        "title": variables.title_of(link),
        "description": variables.description_of(link),
    }


def platform(profile: Profile) -> dict[str, object]:
    """The platform itself."""
    named: dict[str, object] = {
        "guid": "sandbox.academy.example",
        "name": "Sandbox LMS",
        "url": addresses.base(),
    }
    if Quirk.NO_PRODUCT_FAMILY in profile:
        return named
    return {**named, "product_family_code": profile.family_code, "version": profile.version}


def presentation(link: Link | None, document_target: str, language: str, profile: Profile) -> dict[str, object]:
    """How the tool appears, and where people go when they are done."""
    if link is None and Quirk.PRESENTATION_IS_ONLY_LOCALE in profile:
        return {"locale": language}
    return {
        "locale": language,
        "document_target": "iframe" if Quirk.ALWAYS_IFRAME in profile else document_target,
        "return_url": f"{addresses.base()}/return?{urlencode(_return_query(link, profile))}",
    }


def services(placement: Placement, context_id: int, link: Link | None, profile: Profile) -> dict[str, object]:
    """The services that this tool may use in this course."""
    scopes = placement.tool.scope.split()
    found: dict[str, object] = {}
    if any(scope in scopes for scope in tokens.GRADE_SCOPES):
        found[AGS] = grade_service(placement, context_id, link, profile)
    if tokens.MEMBERSHIP_READ_ONLY in scopes:
        url = addresses.memberships(profile, context_id)
        found[NRPS] = {"context_memberships_url": url, "service_versions": ["2.0"]}
    if tokens.GROUP_READ_ONLY in scopes and Quirk.NO_GROUPS not in profile:
        found[GROUPS] = _group_service(context_id, profile)
    if tokens.NOTICE_HANDLERS in scopes and Quirk.NO_NOTICES not in profile:
        found[NOTICES] = _notice_service(placement)
    return found


def grade_service(placement: Placement, context_id: int, link: Link | None, profile: Profile) -> dict[str, object]:
    """The line item is named only when exactly one belongs to the link (AGS 2.0, section 3.1)."""
    allowed = placement.tool.scope.split()
    claim: dict[str, object] = {
        "scope": [scope for scope in _grade_scopes(profile) if scope in allowed],
        "lineitems": addresses.line_items(profile, context_id),
    }
    coupled = line_items.all_coupled_to(link) if link else []
    if len(coupled) == 1 and Quirk.PROGRAMMATIC_GRADES not in profile:
        claim["lineitem"] = addresses.line_item(profile, context_id, coupled[0].id)
    return claim


def extras(person: Person, profile: Profile) -> dict[str, object]:
    """Claims that only some platforms send."""
    if Quirk.EMPTY_SOURCE_IDS_AND_EXT not in profile:
        return {}
    return {
        f"{CLAIM}lis": {"person_sourcedid": "", "course_section_sourcedid": ""},
        f"{CLAIM}ext": {"user_username": person.id, "lms": "moodle-2"},
    }


def _grade_scopes(profile: Profile) -> tuple[str, ...]:
    if Quirk.PROGRAMMATIC_GRADES in profile:
        return (tokens.LINE_ITEM, tokens.RESULT_READ_ONLY, tokens.SCORE)
    if Quirk.DECLARATIVE_GRADES in profile:
        return (tokens.LINE_ITEM_READ_ONLY, tokens.RESULT_READ_ONLY, tokens.SCORE)
    return tokens.GRADE_SCOPES


def _group_service(context_id: int, profile: Profile) -> dict[str, object]:
    return {
        "scope": [tokens.GROUP_READ_ONLY],
        "context_groups_url": addresses.groups(profile, context_id),
        "context_group_sets_url": addresses.group_sets(profile, context_id),
        "service_versions": ["1.0"],
    }


def _notice_service(placement: Placement) -> dict[str, object]:
    return {
        "service_versions": ["1.0"],
        "platform_notification_service_url": addresses.notice_handlers(
            placement.tool.client_id, placement.deployment_id
        ),
        "scope": [tokens.NOTICE_HANDLERS],
        "notice_types_supported": list(NOTICE_TYPES),
    }


def _return_query(link: Link | None, profile: Profile) -> dict[str, str]:
    """With a secret of the person's session on some platforms, which a tool must not log."""
    if Quirk.SECRET_IN_RETURN_URL in profile:
        number = str(link.id) if link else "0"
        return {"course": "2", "launch_container": "3", "instanceid": number, "sesskey": "s3ss10nKey"}
    return {"module": link.slug} if link else {"course": "1"}
