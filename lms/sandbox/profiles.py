"""Which named habits each imitated platform has; nothing else in the sandbox asks which profile is chosen.

``strict`` is the specification read strictly (LTI 1.3 core, security framework 1.0, AGS 2.0, NRPS 2.0, DL 2.0). Each
other profile adds what was observed on, or read about, a real platform.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from lms.sandbox.quirks import Quirk


@dataclass(frozen=True)
class Profile:
    """A platform to imitate: how it names itself, and its habits."""

    code: str
    family_code: str
    """``tool_platform.product_family_code``."""
    version: str
    quirks: frozenset[Quirk]

    def __contains__(self, quirk: Quirk) -> bool:
        return quirk in self.quirks

    def changed(self, *, more: frozenset[Quirk], less: frozenset[Quirk]) -> "Profile":
        """The same platform with some habits more and some less."""
        return replace(self, quirks=(self.quirks | more) - less)


_STRICT: frozenset[Quirk] = frozenset()
_MOODLE = frozenset(
    {
        Quirk.LOGIN_BY_POST,
        Quirk.LOGIN_HINT_IS_USER_ID,
        Quirk.HINT_IS_JSON,
        Quirk.HINT_WORKS_ONCE,
        Quirk.PROMPT_MAY_BE_ABSENT,
        Quirk.UNTRUSTED_REQUEST_IS_404,
        Quirk.AUDIENCE_IS_TEXT,
        Quirk.NO_AUTHORIZED_PARTY,
        Quirk.TOKEN_LIVES_A_MINUTE,
        Quirk.NUMBERED_IDS,
        Quirk.SHORT_CONTEXT_TYPE,
        Quirk.ASSISTANT_IS_INSTRUCTOR,
        Quirk.NO_SUBMISSION_DATES,
        Quirk.ROSTER_ADDRESS_IN_CUSTOM,
        Quirk.EMPTY_SOURCE_IDS_AND_EXT,
        Quirk.SECRET_IN_RETURN_URL,
        Quirk.ALWAYS_IFRAME,
        Quirk.NAMES_ONLY_IF_ASKED,
        Quirk.NO_STORAGE,
        Quirk.ACCEPTS_ONLY_LINKS,
        Quirk.PRESENTATION_IS_ONLY_LOCALE,
        Quirk.LINE_ITEM_LABEL_IGNORED,
        Quirk.WINDOWS_OF_ITEMS_IGNORED,
        Quirk.TOKEN_ANSWER_IS_HTML,
        Quirk.INVALID_CLIENT_IS_400,
        Quirk.QUERY_IN_ADDRESSES,
        Quirk.ONE_EXACT_ACCEPT,
        Quirk.WRONG_CONTENT_TYPE_IS_400,
        Quirk.MISSING_SCOPE_IS_401,
        Quirk.ERRORS_WITH_REQUEST,
        Quirk.SLASHES_ARE_ESCAPED,
        Quirk.CURLY_LINKS,
        Quirk.WHOLE_SECONDS,
        Quirk.UNFINISHED_GRADING_CLEARS,
        Quirk.UNGRADABLE_IS_EMPTY_LIST,
        Quirk.SCORE_IS_200_EMPTY,
        Quirk.SCORES_STOP_AT_MAXIMUM,
        Quirk.CLEARED_RESULTS_VANISH,
        Quirk.RESULTS_CANNOT_BE_LIMITED,
        Quirk.NAMES_ARE_ESCAPED,
        Quirk.SHORT_ROLES_IN_ROSTER,
        Quirk.NEXT_DROPS_ROLE,
        Quirk.ANY_ACCEPT_FOR_ROSTER,
        Quirk.NO_INACTIVE_MEMBERS,
        Quirk.NO_DIFFERENCES,
        Quirk.ROSTER_EXTRAS,
        Quirk.MESSAGES_ARE_STRINGS,
        Quirk.REGISTRATION_ERRORS_IN_WORDS,
        Quirk.DOMAIN_WITH_PORT,
        Quirk.SCOPE_IS_OVERSTATED,
        Quirk.NO_GROUPS,
        Quirk.NO_NOTICES,
    }
)
_CANVAS = frozenset(
    {
        Quirk.DEPLOYMENT_ID_WITHOUT_PREFIX,
        Quirk.REGION_IN_LOGIN,
        Quirk.AUDIENCE_IS_TEXT,
        Quirk.TOKEN_LIVES_AN_HOUR,
        Quirk.CUSTOM_OF_ITEMS_IS_LOST,
        Quirk.STORAGE_IN_FORWARDING_FRAME,
        Quirk.OLDER_IS_400,
        Quirk.PENDING_MANUAL_COUNTS,
        Quirk.UNGRADABLE_IS_422,
        Quirk.SCORE_IS_200_WITH_RESULT,
        Quirk.EVERY_SCORE_IS_AN_ATTEMPT,
        Quirk.SUBMITTED_AHEAD_IS_400,
        Quirk.MISSING_MAXIMUM_IS_422,
        Quirk.NO_DIFFERENCES,
        Quirk.REGISTRATION_ERRORS_IN_LIST,
        Quirk.NO_DEPLOYMENT_IN_ANSWER,
        Quirk.CONFIGURATION_NEEDS_TOKEN,
        Quirk.OLD_PRIVACY_TYPE,
        Quirk.NO_GROUPS,
    }
)
_OPENEDX = frozenset(
    {
        Quirk.LOGIN_HINT_IS_USER_ID,
        Quirk.LOGIN_TARGET_IS_LAUNCH_URL,
        Quirk.AUDIENCE_IS_TEXT,
        Quirk.TOKEN_LIVES_AN_HOUR,
        Quirk.BLOCK_KEY_IDS,
        Quirk.NO_PRODUCT_FAMILY,
        Quirk.NONE_ROLES,
        Quirk.NO_STORAGE,
        Quirk.DEEP_LINK_REPLACES,
        Quirk.EMPTY_SCOPE_IS_GRANTED,
        Quirk.OLDER_IS_400,
        Quirk.UNKNOWN_USER_IS_500,
        Quirk.SCORE_IS_201_JSON,
        Quirk.WHOLE_MAXIMUM,
        Quirk.DECLARATIVE_GRADES,
        Quirk.BARE_PLUS_IS_500,
        Quirk.NO_INACTIVE_MEMBERS,
        Quirk.NO_DIFFERENCES,
        Quirk.PAGES_BY_NUMBER,
        Quirk.NO_GROUPS,
        Quirk.NO_NOTICES,
    }
)
_BLACKBOARD = frozenset(
    {
        Quirk.AUDIENCE_IS_TEXT,
        Quirk.NO_AUTHORIZED_PARTY,
        Quirk.TOKEN_LIVES_AN_HOUR,
        Quirk.UNDERSCORED_IDS,
        Quirk.NO_LINK_HISTORY,
        Quirk.NO_STORAGE,
        Quirk.UNDERSCORED_ADDRESSES,
        Quirk.USER_COULD_NOT_BE_FOUND,
        Quirk.RESULTS_OF_ONE_LACK_COMMENTS,
        Quirk.NO_DIFFERENCES,
        Quirk.NO_NOTICES,
    }
)
_D2L = frozenset(
    {
        Quirk.AUDIENCE_IS_TEXT,
        Quirk.NO_STORAGE,
        Quirk.LINE_ITEM_OF_ITEMS_IGNORED,
        Quirk.BRIGHTSPACE_AUDIENCE,
        Quirk.KEYS_WITHOUT_ALG,
        Quirk.NOT_IN_ORG_UNIT,
        Quirk.SCORES_ABOVE_MAXIMUM_ARE_REFUSED,
        Quirk.NO_DIFFERENCES,
        Quirk.NO_NOTICES,
    }
)

PROFILES: Mapping[str, Profile] = {
    profile.code: profile
    for profile in (
        Profile("strict", "bilim-sandbox", "1", _STRICT),
        Profile("moodle", "moodle", "2024100700", _MOODLE),
        Profile("canvas", "canvas", "cloud", _CANVAS),
        Profile("openedx", "", "", _OPENEDX),
        Profile("blackboard", "BlackboardLearn", "3900.93.0", _BLACKBOARD),
        Profile("d2l", "desire2learn", "20.26.11", _D2L),
    )
}
DEFAULT = "strict"
