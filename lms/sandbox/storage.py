"""Platform storage: pages that frame a launch keep small texts for the tool (LTI postMessage storage 0.1).

The storing is done by ``static/storage.js`` in the browser; here it is decided whether and where it is offered.
"""

from dataclasses import dataclass

from lms.sandbox import switches
from lms.sandbox.options import Option, value
from lms.sandbox.profiles import Profile
from lms.sandbox.quirks import Quirk
from lms.sandbox.switches import Fault

PARENT = "_parent"
FRAME = "lti_storage"
FORWARDING_FRAME = "post_message_forwarding"
FAULTS = {
    Fault.STORAGE_SILENT: "silent",
    Fault.STORAGE_ERROR: "error",
    Fault.STORAGE_FORGETS: "forgets",
    Fault.STORAGE_LIES: "lies",
}


@dataclass(frozen=True)
class Offer:
    """Storage as a page offers it: in the page itself, or in a frame of this name; ``fault`` is what it does wrong."""

    target: str
    fault: str

    @property
    def frame(self) -> str:
        """The name of the frame, if there is one."""
        return "" if self.target == PARENT else self.target


def target(profile: Profile) -> str | None:
    """``lti_storage_target``; nothing where storage is not offered."""
    setting = value(Option.STORAGE)
    if setting == "off" or (not setting and Quirk.NO_STORAGE in profile):
        return None
    if setting == "frame":
        return FRAME
    if not setting and Quirk.STORAGE_IN_FORWARDING_FRAME in profile:
        return FORWARDING_FRAME
    return PARENT


def offered(profile: Profile) -> Offer | None:
    """What a page that frames a launch offers; an armed fault is used up by it."""
    where = target(profile)
    if where is None:
        return None
    fault = next((name for armed, name in FAULTS.items() if switches.take(armed)), "")
    return Offer(where, fault)
