"""A browser that keeps no cookie of ours in a platform's frame is recognised by what the platform keeps for us there.

The platform's page stores values for us by postMessage (1EdTech lti-cs-oidc, lti-cs-pm and lti-pm-s, version 0.1). At the
login our script lets it keep a proof; at the launch our script asks for it back and sends it to us. Why that is enough,
and what each check is for, stands in docs/adr/0013. What the script says is not believed: the proof is one that we alone
can make, for this one question; and the browser itself says that it was sent by a page of ours.
"""

import base64
import re
from dataclasses import dataclass
from hmac import compare_digest

from flask import request

from lms.core.http import origin
from lms.core.i18n import _l
from lms.core.vault import keyed_hash
from lms.core.web import is_our_address
from lms.lti.refusals import LaunchRefused, other_browser

LONGEST_FRAME_NAME = 100
_NAME = re.compile(r"[ -~]+")
_PURPOSE = "lti-platform-storage"
_SPEC = "lti-cs-oidc 0.1"


@dataclass(frozen=True)
class Place:
    """Where a platform keeps one value for us: what our script needs to put it there, or to ask for it."""

    frame: str
    """``_parent``, or the name of a frame inside the page that holds ours (``lti_storage_target``)."""
    origin: str
    """Of the authorization address: nobody else is told the value, and no other answer counts."""
    key: str


def offered(target: str | None) -> str | None:
    """The frame that a platform's login offers, if that can be the name of one."""
    is_name = target is not None and len(target) <= LONGEST_FRAME_NAME and _NAME.fullmatch(target)
    return target if is_name else None


def note_in(state: str, frame: str | None) -> str:
    """A state that remembers the frame. We know states by their hash, so nobody can change what is noted in one."""
    if frame is None:
        return state
    return f"{state}.{base64.urlsafe_b64encode(frame.encode()).decode().rstrip('=')}"


def has_note(state: str) -> bool:
    """Whether a state says that the platform's storage recognises its browser. It need not be one of ours."""
    return "." in state


def _noted_in(state: str) -> str:
    """The frame that a state of ours remembers."""
    note = state.partition(".")[2]
    return base64.urlsafe_b64decode(note + "=" * (-len(note) % 4)).decode()


def place_for(state: str, auth_url: str) -> Place:
    """Where the proof for a state of ours is kept."""
    return Place(_noted_in(state), origin(auth_url), f"lti_state_{state}")


def proof_of(state: str) -> str:
    """What the platform keeps for us. It cannot be made from the state without our secret key."""
    return keyed_hash(state, _PURPOSE)


def refuse_other_proof(state: str, proof: str) -> None:
    """The browser that began this launch has what we gave it to keep, and no other has (SEC 5.1.1.5)."""
    if not has_note(state) or not compare_digest(proof_of(state).encode(), proof.encode("utf-8", "replace")):
        raise other_browser(spec=_SPEC)


def refuse_other_page() -> None:
    """A page of ours sends this, says the browser (Fetch standard, ``Origin``).

    Somebody who began a launch as themselves knows its state, its token and its proof, and could let the browser of
    somebody else send all three from a page of their own. That browser would name the origin of that page here.
    """
    if not is_our_address(request.headers.get("Origin", "")):
        raise LaunchRefused("page-not-ours", _l("This launch was sent on by a page that is not ours."), spec=_SPEC)
