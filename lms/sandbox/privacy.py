"""Which personal data leave the platform: as the academy has set it, and as the tool asked."""

from lms.sandbox.demo import Person
from lms.sandbox.models import Tool
from lms.sandbox.options import Option, value
from lms.sandbox.profiles import Profile
from lms.sandbox.quirks import Quirk

NAMES = ("name", "given_name", "family_name")


def shared(person: Person, tool: Tool, profile: Profile) -> dict[str, str]:
    """Names and e-mail in the words of OpenID Connect, as far as they are shared."""
    everything = {
        "name": person.name,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "email": person.email,
    }
    return {name: text for name, text in everything.items() if name not in _withheld(tool, profile)}


def is_anonymous() -> bool:
    """Whether launches do not say who launches (LTI 1.3 core, section 5.3.6.1)."""
    return value(Option.ANONYMOUS) == "yes"


def _withheld(tool: Tool, profile: Profile) -> set[str]:
    setting = value(Option.PRIVACY)
    withheld: set[str] = set()
    if setting in ("no-email", "nothing"):
        withheld.add("email")
    if setting in ("no-names", "nothing"):
        withheld.update(NAMES)
    if Quirk.NAMES_ONLY_IF_ASKED in profile:
        withheld |= _not_asked(tool)
    return withheld


def _not_asked(tool: Tool) -> set[str]:
    """Moodle sends all names if any is asked for (Moodle 5)."""
    withheld = set() if "email" in tool.claims else {"email"}
    return withheld if set(NAMES) & set(tool.claims) else withheld | set(NAMES)
