"""What we tell a platform about ourselves when we register with it (LTI dynamic registration 1.0, tool configuration).

Only what the platform says that it knows is asked for: Canvas refuses a whole registration (422) for one scope or message
that it does not have. A platform that names none of LTI's own says nothing about them, and is asked for all.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from flask import url_for

from lms.core import settings
from lms.core.i18n import LANGUAGES, _l, use_language
from lms.lti import copies, login, platforms
from lms.lti.registration_configuration import PlatformConfiguration

TOOL_PART = "https://purl.imsglobal.org/spec/lti-tool-configuration"
RESOURCE_LINK = "LtiResourceLinkRequest"
DEEP_LINKING = "LtiDeepLinkingRequest"
SUBMISSION_REVIEW = "LtiSubmissionReviewRequest"
DATA_PRIVACY = ("DataPrivacyLaunchRequest", "LtiDataPrivacyLaunchRequest")
"""Both are in use: Sakai and most libraries know the first, Tsugi the second."""

SCOPES: Mapping[str, Any] = {
    "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem": _l("Make and change columns of the gradebook"),
    "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly": _l("Read the columns of the gradebook"),
    "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly": _l("Read grades"),
    "https://purl.imsglobal.org/spec/lti-ags/scope/score": _l("Write grades"),
    "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly": _l("Read who is in a course"),
    "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly": _l("Read the groups of a course"),
    "https://purl.imsglobal.org/spec/lti/scope/noticehandlers": _l("Be told when a course is copied"),
}
"""Each with what it is good for, in words of the page."""

CLAIMS = ("iss", "sub", "name", "given_name", "middle_name", "family_name", "locale")
"""Names stand on certificates. No e-mail address and no picture: nothing here needs them."""

LABELS: Mapping[str, Any] = {
    RESOURCE_LINK: _l("Open a module"),
    DEEP_LINKING: _l("Choose a module"),
    SUBMISSION_REVIEW: _l("Look at the work"),
    DATA_PRIVACY[0]: _l("Personal data"),
    DATA_PRIVACY[1]: _l("Personal data"),
}
DESCRIPTION = _l("Modules for civil servants, with certificates that anybody can verify.")


def scopes_for(platform: PlatformConfiguration) -> list[str]:
    """What we ask for."""
    known = [scope for scope in SCOPES if scope in platform.scopes]
    names_any = any("/purl.imsglobal.org/spec/lti" in scope for scope in platform.scopes)
    return known if names_any else list(SCOPES)


def messages_for(platform: PlatformConfiguration) -> list[str]:
    """What we offer to answer; choosing comes first, because Canvas keeps one message for each place."""
    if not platform.messages:
        return [DEEP_LINKING, RESOURCE_LINK]
    privacy = [name for name in DATA_PRIVACY if name in platform.messages][:1]
    choosing = [DEEP_LINKING] if DEEP_LINKING in platform.messages else []
    reviewing = [SUBMISSION_REVIEW] if SUBMISSION_REVIEW in platform.messages else []
    return [*choosing, RESOURCE_LINK, *reviewing, *privacy]


def offer(platform: PlatformConfiguration) -> dict[str, Any]:
    """The body of the registration request."""
    ours = settings.current()
    habits = platforms.of(platform.issuer, platform.family)
    addresses = {"policy_uri": ours.privacy_url, "tos_uri": ours.terms_url}
    return {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": f"{ours.public_url}/lti/login",
        "redirect_uris": [login.launch_url()],
        "client_name": "Bilim",
        "client_uri": ours.public_url,
        "jwks_uri": f"{ours.public_url}/lti/jwks.json",
        "logo_uri": url_for("static", filename="favicon.svg", _external=True),
        **{name: address for name, address in addresses.items() if address},
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(scopes_for(platform)),
        TOOL_PART: {
            "domain": urlsplit(ours.public_url).netloc,  # with the port: Moodle compares it with the target's
            **_in_languages("description", DESCRIPTION, habits.languages_of_labels(LANGUAGES)),
            "target_link_uri": login.launch_url(),
            "custom_parameters": dict(copies.ASKED_FOR),
            "claims": _claims_for(platform),
            "messages": [_message(name, platform) for name in messages_for(platform)],
        },
    }


def _message(name: str, platform: PlatformConfiguration) -> dict[str, Any]:
    habits = platforms.of(platform.issuer, platform.family)
    path = login.DEEP_LINK_PATH if name == DEEP_LINKING else login.LAUNCH_PATH
    placements = habits.placements(name, platform.messages.get(name, ()))
    return {
        "type": name,
        "target_link_uri": f"{settings.current().public_url}{path}",
        **_in_languages("label", LABELS[name], habits.languages_of_labels(LANGUAGES)),
        **({"placements": placements} if placements else {}),
    }


def _in_languages(name: str, text: Any, languages: Sequence[str]) -> dict[str, str]:
    """A text in English, and in further languages under ``name#language`` (OpenID Registration, 2.1)."""
    found = {}
    for language in ("en", *languages):
        with use_language(language):
            found[name if language == "en" else f"{name}#{language}"] = str(text)
    return found


def _claims_for(platform: PlatformConfiguration) -> list[str]:
    """A list without ``sub`` is no list of claims (Sakai names only ``iss`` and ``aud``)."""
    if "sub" not in platform.claims:
        return list(CLAIMS)
    return [claim for claim in CLAIMS if claim in platform.claims or claim in ("iss", "sub")]
