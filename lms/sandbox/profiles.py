"""What differs between platforms, as data and small strategies; nothing else in the sandbox asks which profile is chosen.

:class:`Profile` is the specification read strictly (LTI 1.3 core, security framework 1.0, AGS 2.0). Each further class
imitates what was observed on a real platform and overrides only that.
"""

import json
from collections.abc import Mapping
from datetime import datetime

from lms.sandbox.demo import Module, Person, Role

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person"


class Profile:
    """The specification, strictly."""

    code = "strict"
    family_code = "bilim-sandbox"
    version = "1"

    login_method = "GET"
    """How the browser is sent to the tool's login address; a tool must take both (security framework 5.1.1.1)."""
    hint_works_once = False
    prompt_may_be_absent = False
    untrusted_request_status = 400
    """Status of the page a person sees when the tool's request cannot be answered at its own address."""

    id_token_life_seconds = 300
    context_types: tuple[str, ...] = ("http://purl.imsglobal.org/vocab/lis/v2/course#CourseSection",)
    roles: Mapping[Role, tuple[str, ...]] = {
        Role.LEARNER: (f"{MEMBERSHIP}#Learner", f"{INSTITUTION}#Student"),
        Role.INSTRUCTOR: (f"{MEMBERSHIP}#Instructor", f"{INSTITUTION}#Faculty"),
        Role.TEACHING_ASSISTANT: (f"{MEMBERSHIP}/Instructor#TeachingAssistant", f"{MEMBERSHIP}#Instructor"),
    }

    service_query: Mapping[str, str] = {}
    """What every service address carries behind its question mark."""
    token_content_type = "application/json"  # noqa: S105 - a media type
    invalid_client_status = 401
    """RFC 6749, section 5.2 allows 401 for ``invalid_client``; every other token error is 400."""
    missing_scope_status = 403
    wrong_content_type_status = 415
    not_acceptable_status = 406
    any_accept_is_enough = frozenset({"line-items", "line-item", "results"})
    """Resources that are given to ``Accept: */*`` too."""
    score_status = 204
    results_can_be_limited = True
    timestamps_need_fractions = True
    unfinished_grading_clears = False
    """Whether a score whose ``gradingProgress`` is not FullyGraded takes away the grade; else it leaves it alone."""
    scores_stop_at_maximum = False
    cleared_results_are_listed = True

    def user_id(self, person: Person) -> str:
        """The ``sub`` of this person."""
        return person.uuid

    def login_hint(self, person: Person) -> str:
        """Opaque to the tool, and not the ``sub``."""
        return f"account-{person.number}"

    def resource_link_id(self, module: Module) -> str:
        """The ``resource_link.id`` of this activity."""
        return f"link-{module.slug}"

    def message_hint(self, launch_id: str, module: Module) -> str:
        """The ``lti_message_hint`` that leads back to a launch."""
        return launch_id

    def launch_of_hint(self, hint: str) -> str | None:
        """The launch to which a hint leads, if it has the right form."""
        return hint or None

    def audience_claims(self, client_id: str) -> dict[str, object]:
        """``aud`` as a list, and ``azp`` beside it (security framework 5.1.2)."""
        return {"aud": [client_id], "azp": client_id}

    def custom_claims(self, base_url: str) -> dict[str, str]:
        """Custom parameters beside the module's own."""
        return {}

    def further_claims(self, person: Person) -> dict[str, object]:
        """Claims that only this platform sends."""
        return {}

    def return_query(self, module: Module) -> dict[str, str]:
        """The query of ``launch_presentation.return_url``."""
        return {"module": module.slug}

    def comparable(self, timestamp: datetime) -> datetime:
        """The grain at which score timestamps are compared (AGS 2.0: sub-second)."""
        return timestamp

    def json(self, value: object) -> str:
        """The text of a JSON body."""
        return json.dumps(value, ensure_ascii=False)

    def service_error(self, status: int, reason: str) -> object:
        """The JSON body with which a service refuses."""
        return {"error": reason}

    def ungradable_person_error(self, reason: str) -> object:
        """The same, when the score is for somebody who is not a student."""
        return self.service_error(400, reason)

    def service_error_headers(self, status: int) -> dict[str, str]:
        """RFC 6750, section 3: what a bearer token lacks is said in a header."""
        challenge = {401: 'Bearer error="invalid_token"', 403: 'Bearer error="insufficient_scope"'}
        return {"WWW-Authenticate": challenge[status]} if status in challenge else {}

    def next_page_link(self, url: str) -> str:
        """The ``Link`` header of a list that goes on (RFC 8288)."""
        return f'<{url}>; rel="next"'


class Moodle(Profile):
    """Moodle 4.5, as observed: numbered identifiers, a query in each service address, and its own mind about scores."""

    code = "moodle"
    family_code = "moodle"
    version = "2024100700"

    login_method = "POST"
    hint_works_once = True
    prompt_may_be_absent = True
    untrusted_request_status = 404

    id_token_life_seconds = 60
    context_types = ("CourseSection",)
    roles: Mapping[Role, tuple[str, ...]] = {
        Role.LEARNER: (f"{MEMBERSHIP}#Learner",),
        Role.INSTRUCTOR: (f"{MEMBERSHIP}#Instructor",),
        Role.TEACHING_ASSISTANT: (f"{MEMBERSHIP}#Instructor",),
    }

    service_query: Mapping[str, str] = {"type_id": "3"}
    token_content_type = "text/html; charset=utf-8"  # noqa: S105 - a media type
    invalid_client_status = 400
    missing_scope_status = 401
    wrong_content_type_status = 400
    not_acceptable_status = 400
    any_accept_is_enough = frozenset({"results"})
    score_status = 200
    results_can_be_limited = False
    timestamps_need_fractions = False
    unfinished_grading_clears = True
    scores_stop_at_maximum = True
    cleared_results_are_listed = False

    def user_id(self, person: Person) -> str:
        """A number as text, unique only on this site."""
        return str(person.number)

    def login_hint(self, person: Person) -> str:
        """The same number as the ``sub``."""
        return str(person.number)

    def resource_link_id(self, module: Module) -> str:
        """The number of the activity on the site."""
        return str(module.number)

    def message_hint(self, launch_id: str, module: Module) -> str:
        """A JSON text, as Moodle sends since 4.3: quotes and braces have to survive the tool."""
        return json.dumps({"cmid": module.number, "launchid": f"ltilaunch_{launch_id}"})

    def launch_of_hint(self, hint: str) -> str | None:
        """Nothing if the text is no longer the JSON that was sent."""
        try:
            launch = json.loads(hint)["launchid"]
        except (ValueError, TypeError, KeyError):
            return None
        return str(launch).removeprefix("ltilaunch_")

    def audience_claims(self, client_id: str) -> dict[str, object]:
        """``aud`` as a text, no ``azp``."""
        return {"aud": client_id}

    def custom_claims(self, base_url: str) -> dict[str, str]:
        """A variable that cannot be resolved arrives as it was written; an address is added unasked."""
        return {
            "submission_end": "$ResourceLink.submission.endDateTime",
            "context_memberships_url": f"{base_url}/services/contexts/2/memberships",
        }

    def further_claims(self, person: Person) -> dict[str, object]:
        """Empty source identifiers and the ``ext`` claim."""
        return {
            f"{CLAIM}lis": {"person_sourcedid": "", "course_section_sourcedid": ""},
            f"{CLAIM}ext": {"user_username": person.id, "lms": "moodle-2"},
        }

    def return_query(self, module: Module) -> dict[str, str]:
        """With a secret of the person's session, which a tool must not log."""
        return {"course": "2", "launch_container": "3", "instanceid": str(module.number), "sesskey": "s3ss10nKey"}

    def comparable(self, timestamp: datetime) -> datetime:
        """Moodle stores whole seconds."""
        return timestamp.replace(microsecond=0)

    def json(self, value: object) -> str:
        """PHP escapes slashes and everything outside ASCII."""
        return json.dumps(value).replace("/", "\\/")

    def service_error(self, status: int, reason: str) -> object:
        """Status and reason once more, with a place for the request."""
        return {"status": status, "reason": reason, "request": {"method": "", "url": ""}}

    def ungradable_person_error(self, reason: str) -> object:
        """An empty list."""
        return []

    def service_error_headers(self, status: int) -> dict[str, str]:
        """No challenge at all."""
        return {}

    def next_page_link(self, url: str) -> str:
        """With typographic quotes and an HTML entity, as Moodle's line item service writes it."""
        link = f"<{url.replace('&', '&amp;')}>; rel=“next”"
        return link.encode().decode("latin-1")


PROFILES: Mapping[str, Profile] = {profile.code: profile for profile in (Profile(), Moodle())}
DEFAULT = "strict"
