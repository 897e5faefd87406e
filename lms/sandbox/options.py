"""Options of the sandbox: what is not a fault and no habit of a platform, but a matter of how an academy has set it up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from lms.core.i18n import _l
from lms.sandbox import store
from lms.sandbox.demo import CLIENT_ID, DEPLOYMENT_ID
from lms.sandbox.models import ChosenOption


class Option(StrEnum):
    """What can be set."""

    CLIENT = "client"
    DEPLOYMENT = "deployment"
    STORAGE = "storage"
    PRIVACY = "privacy"
    ANONYMOUS = "anonymous"
    COURSE_SIZE = "course-size"
    ROSTER_PAGE = "roster-page"
    ATTEMPT_LIMIT = "attempt-limit"
    ACCEPT_TYPES = "accept-types"
    ACCEPT_MULTIPLE = "accept-multiple"
    ACCEPT_LINE_ITEM = "accept-line-item"
    AUTO_CREATE = "auto-create"
    DATA = "data"
    TARGET_LINK_URI = "target-link-uri"


def _anything(_value: str) -> bool:
    return True


def _number(value: str) -> bool:
    return value.isdecimal() and len(value) <= 6


def _one_of(*values: str) -> Callable[[str], bool]:
    return frozenset(values).__contains__


@dataclass(frozen=True)
class Rule:
    """What an option may be; ``default`` is empty where the profile decides."""

    default: str
    fits: Callable[[str], bool] = _anything
    choices: tuple[str, ...] = ()


def _choice(*values: str, by_profile: bool = False) -> Rule:
    return Rule("" if by_profile else values[0], _one_of(*values), values)


RULES: Mapping[Option, Rule] = {
    Option.CLIENT: Rule(CLIENT_ID),
    Option.DEPLOYMENT: Rule(DEPLOYMENT_ID),
    Option.STORAGE: _choice("off", "parent", "frame", by_profile=True),
    Option.PRIVACY: _choice("all", "no-email", "no-names", "nothing"),
    Option.ANONYMOUS: _choice("no", "yes"),
    Option.COURSE_SIZE: _choice("small", "big"),
    Option.ROSTER_PAGE: Rule("0", _number),
    Option.ATTEMPT_LIMIT: Rule("0", _number),
    Option.ACCEPT_TYPES: Rule(""),
    Option.ACCEPT_MULTIPLE: _choice("yes", "no", "absent", by_profile=True),
    Option.ACCEPT_LINE_ITEM: _choice("yes", "no", "absent", by_profile=True),
    Option.AUTO_CREATE: _choice("yes", "no", "absent", by_profile=True),
    Option.DATA: Rule(""),
    Option.TARGET_LINK_URI: _choice("present", "absent"),
}

TITLES = {
    Option.CLIENT: _l("Client of the activities"),
    Option.DEPLOYMENT: _l("Deployment of the activities"),
    Option.STORAGE: _l("Platform storage"),
    Option.PRIVACY: _l("Personal data that the tool gets"),
    Option.ANONYMOUS: _l("Anonymous launches"),
    Option.COURSE_SIZE: _l("Size of the course"),
    Option.ROSTER_PAGE: _l("Most members in an answer"),
    Option.ATTEMPT_LIMIT: _l("Most attempts"),
    Option.ACCEPT_TYPES: _l("Kinds of content that are accepted"),
    Option.ACCEPT_MULTIPLE: _l("Several items at once"),
    Option.ACCEPT_LINE_ITEM: _l("Columns for items"),
    Option.AUTO_CREATE: _l("Items are added without asking"),
    Option.DATA: _l("Data that must come back"),
    Option.TARGET_LINK_URI: _l("Target in the signed request"),
}


def value(option: Option) -> str:
    """What is set, or the default; empty where the profile decides."""
    chosen = store.session().get(ChosenOption, option.value)
    return chosen.value if chosen else RULES[option].default


def number(option: Option) -> int:
    """The same for options that are numbers."""
    return int(value(option))


def choose(option: Option, chosen: str) -> None:
    """Set an option; an empty value brings back the default.

    :raises ValueError: if it may not be that.
    """
    if not chosen:
        store.session().execute(delete(ChosenOption).where(ChosenOption.name == option.value))
        return
    if not RULES[option].fits(chosen):
        raise ValueError(f"{option} may not be {chosen}")
    made = insert(ChosenOption).values(name=option.value, value=chosen)
    store.session().execute(made.on_conflict_do_update(index_elements=["name"], set_={"value": chosen}))


def chosen() -> dict[str, str]:
    """All options that are not at their default."""
    return {row.name: row.value for row in store.session().scalars(select(ChosenOption).order_by(ChosenOption.name))}


def clear() -> None:
    """All options at their defaults."""
    store.session().execute(delete(ChosenOption))
