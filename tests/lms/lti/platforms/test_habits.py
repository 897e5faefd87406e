"""What each LMS does otherwise than the specification, one case for each habit, in the words that the LMS itself sends.

Beside every habit stands what a platform without it gets, so that a habit cannot leak to others.
"""

import pytest

from lms.lti import platforms
from lms.lti.platforms import Platform

MOODLE, CANVAS = platforms.of("https://lms.example", "moodle"), platforms.of("https://lms.example", "canvas")
OPEN_EDX, D2L = platforms.of("https://lms.example", "Open edX"), platforms.of("https://lms.example", "desire2learn")
BLACKBOARD = platforms.of("https://lms.example", "BlackboardLearn")
SAKAI, OTHER = platforms.of("https://lms.example", "sakailms.org"), platforms.of("https://lms.example", None)
EVERY = (MOODLE, CANVAS, OPEN_EDX, BLACKBOARD, D2L, SAKAI, OTHER)


def test_a_product_is_known_by_the_name_it_gives_however_it_is_written() -> None:
    named = {name: type(platforms.of("https://lms.example", name)).__name__ for name in platforms.FAMILIES}

    assert named == {
        "moodle": "Moodle",
        "canvas": "Canvas",
        "open edx": "OpenEdX",
        "blackboardlearn": "Blackboard",
        "desire2learn": "D2L",
        "sakailms.org": "Sakai",
    }
    assert type(OTHER) is type(platforms.of("https://lms.example", "unheard of")) is Platform


@pytest.mark.parametrize(
    ("issuer", "expected"),
    [
        ("https://canvas.instructure.com", CANVAS),
        ("https://canvas.beta.instructure.com", CANVAS),
        ("https://canvas.test.instructure.com", CANVAS),
        ("https://blackboard.com", BLACKBOARD),
    ],
)
def test_a_shared_issuer_names_the_product_too(issuer: str, expected: Platform) -> None:
    assert platforms.of(issuer, None) is expected
    assert platforms.of(issuer, "moodle") is MOODLE  # a name counts before an issuer


@pytest.mark.parametrize(
    ("link", "context", "expected"),
    [
        ("block-v1:Academy+PM+2026+type@lti_consumer+block@1f", "", "open edx"),
        ("1", "course-v1:Academy+PM+2026", "open edx"),
        ("block-v1:Academy+PM+2026+type@problem+block@1f", "7", None),
        ("1", "2", None),
    ],
)
def test_open_edx_is_known_by_its_usage_keys(link: str, context: str, expected: str | None) -> None:
    assert platforms.guessed_family(resource_link_id=link, context_id=context) == expected


@pytest.mark.parametrize(
    ("platform", "status", "body", "expected"),
    [
        (MOODLE, 400, b" [] ", "not-enrolled"),
        (MOODLE, 400, b"{}", "score-refused"),
        (MOODLE, 401, b"", "score-not-allowed"),
        (CANVAS, 422, b"", "not-enrolled"),
        (BLACKBOARD, 400, b'{"message": "User could not be found: x"}', "not-enrolled"),
        (BLACKBOARD, 400, b"", "score-refused"),
        (D2L, 403, b"User is not enrolled in the org unit", "not-enrolled"),
        (D2L, 403, b"insufficient scope", "score-not-allowed"),
        (OPEN_EDX, 500, b"", None),
        (OTHER, 400, b"[]", "score-refused"),
        (OTHER, 401, b"", None),
        (OTHER, 422, b"", "score-refused"),
        (OTHER, 403, b"User is not enrolled in the org unit", "score-not-allowed"),
        (OTHER, 404, b"", "line-item-missing"),
        (OTHER, 410, b"", "line-item-missing"),
        (OTHER, 408, b"", None),
        (OTHER, 425, b"", None),
        (OTHER, 429, b"", None),
        (OTHER, 503, b"", None),
    ],
)
def test_a_refused_score_is_final_or_worth_another_try(
    platform: Platform, status: int, body: bytes, expected: str | None
) -> None:
    assert platform.permanent_refusal(status, body) == expected


@pytest.mark.parametrize(
    ("platform", "status", "body", "expected"),
    [
        (OTHER, 409, b"", True),
        (OTHER, 400, b"timestamp is too old", False),
        (MOODLE, 400, b"timestamp", False),
        (CANVAS, 409, b"", True),
        (CANVAS, 400, b'{"errors": "Provided Timestamp is before the result"}', True),
        (CANVAS, 400, b"scoreMaximum", False),
        (OPEN_EDX, 400, b'{"error": "Score Timestamp must be later"}', True),
        (OPEN_EDX, 400, b"scoreGiven", False),
    ],
)
def test_a_score_that_is_there_already_is_no_failure(
    platform: Platform, status: int, body: bytes, *, expected: bool
) -> None:
    assert platform.is_already_newer(status, body) is expected


@pytest.mark.parametrize("platform", EVERY)
def test_only_moodle_escapes_addresses_and_names(platform: Platform) -> None:
    told = (platform.linked_address("/x?a=1&amp;b=2"), platform.plain_name("Ed Bold &amp; Co"))

    expected = ("/x?a=1&b=2", "Ed Bold & Co") if platform is MOODLE else ("/x?a=1&amp;b=2", "Ed Bold &amp; Co")
    assert told == expected


@pytest.mark.parametrize("platform", EVERY)
def test_only_canvas_would_count_each_score_as_an_attempt(platform: Platform) -> None:
    submission = {"https://canvas.instructure.com/lti/submission": {"new_submission": False}}

    assert platform.score_extensions() == (submission if platform is CANVAS else {})


@pytest.mark.parametrize("platform", EVERY)
def test_an_assertion_names_the_audience_that_the_platform_takes(platform: Platform) -> None:
    """Canvas announces its host and takes its token address; Brightspace has one server for all schools."""
    assert platform.announced_audience("https://sso.example") == (None if platform is CANVAS else "https://sso.example")
    assert platform.token_audience == ("https://api.brightspace.com/auth/token" if platform is D2L else None)


@pytest.mark.parametrize("platform", EVERY)
def test_only_canvas_takes_no_labels_in_further_languages(platform: Platform) -> None:
    assert list(platform.languages_of_labels(["ky", "ru"])) == ([] if platform is CANVAS else ["ky", "ru"])


@pytest.mark.parametrize(
    ("platform", "message", "expected"),
    [
        (CANVAS, "LtiDeepLinkingRequest", ["assignment_selection", "link_selection"]),
        (CANVAS, "LtiResourceLinkRequest", []),
        (MOODLE, "LtiDeepLinkingRequest", ["ContentArea"]),
        (MOODLE, "LtiResourceLinkRequest", []),
    ],
)
def test_a_message_is_offered_where_the_platform_has_it(platform: Platform, message: str, expected: list[str]) -> None:
    supported = ["link_selection", "assignment_selection", "ContentArea", "RichTextEditor"]

    assert platform.placements(message, supported) == expected
    assert platform.placements(message, []) == []


@pytest.mark.parametrize("platform", EVERY)
def test_pages_may_be_framed_by_the_hosts_of_their_cloud_and_no_other(platform: Platform) -> None:
    hosts = {CANVAS: ("https://*.instructure.com",), BLACKBOARD: ("https://*.blackboard.com",)}

    assert platform.frame_ancestors == hosts.get(platform, ())


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, "roster-not-allowed"),
        (403, "roster-not-allowed"),
        (404, "roster-missing"),
        (422, "roster-refused"),
        (429, None),
    ],
)
def test_a_refused_roster_is_final_or_worth_another_try(status: int, expected: str | None) -> None:
    assert {platform.roster_refusal(status) for platform in EVERY} == {expected}
