"""Somebody whom the platform does not name (core 5.3.6.1) may look, if the registration lets them, and leaves no trace.

No person, no session, no result: all of those need somebody to belong to. A guest gets one page that says so, and from
there what everybody may see of a module.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from lms.core import settings
from lms.lti import recognition
from lms.lti.claims import LaunchClaims
from lms.lti.states import Question

PATH = "/lti/guest"


def is_guest(token: Mapping[str, Any], question: Question) -> bool:
    """Whether this launch names nobody, and may. An empty name is not the same as none: it is always refused."""
    return question.allows_anonymous and "sub" not in token


def let_in(question: Question, said: LaunchClaims) -> str:
    """The path of the page for guests.

    :raises LaunchRefused: as :func:`lms.lti.recognition.admit`.
    """
    recognition.admit(question, said.deployment_id)
    return f"{PATH}?{urlencode({'page': urlsplit(said.target_link_uri).path})}"


def open_page(path: str) -> str:
    """The page of ours that a guest was sent to, for a link; the first page if it is none."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/lti/")) and "\\" not in path
    return f"{settings.current().public_url}{path if is_ours else '/'}"
