"""What a tester can switch: which platform is imitated, with which habits, who takes part, and what goes wrong.

A fault is armed for so many times and then is over, so that a test can see the tool recover.
"""

from enum import StrEnum

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.sqlite import insert

from lms.core.i18n import _l
from lms.sandbox import options, store
from lms.sandbox.demo import EVERYBODY, Person
from lms.sandbox.models import ArmedFault, ChangedQuirk, ChosenProfile, Departure, MembershipChange
from lms.sandbox.profiles import DEFAULT, PROFILES, Profile
from lms.sandbox.quirks import Quirk


class Fault(StrEnum):
    """Something that a platform does wrong, or that goes wrong on the way."""

    WRONG_NONCE = "wrong-nonce"
    UNKNOWN_KID = "unknown-kid"
    NO_KID = "no-kid"
    WRONG_SIGNATURE = "wrong-signature"
    EXPIRED = "expired"
    WRONG_AUDIENCE = "wrong-audience"
    WRONG_ISSUER = "wrong-issuer"
    WRONG_DEPLOYMENT = "wrong-deployment"
    WRONG_STATE = "wrong-state"
    ERROR_ANSWER = "error-answer"
    ERROR_LOGIN_REQUIRED = "error-login-required"
    ERROR_INTERACTION_REQUIRED = "error-interaction-required"
    ERROR_ACCESS_DENIED = "error-access-denied"
    JWKS_503 = "jwks-503"
    TOKEN_503 = "token-503"  # noqa: S105 - the name of a fault
    TOKEN_429 = "token-429"  # noqa: S105 - the name of a fault
    TOKEN_HTML_404 = "token-html-404"  # noqa: S105 - the name of a fault
    SERVICE_503 = "service-503"
    SERVICE_429 = "service-429"
    SERVICE_401 = "service-401"
    STORAGE_SILENT = "storage-silent"
    STORAGE_ERROR = "storage-error"
    STORAGE_FORGETS = "storage-forgets"
    STORAGE_LIES = "storage-lies"


TITLES = {
    Fault.WRONG_NONCE: _l("The next launch carries another nonce"),
    Fault.UNKNOWN_KID: _l("The next launch names an unknown key"),
    Fault.NO_KID: _l("The next launch names no key"),
    Fault.WRONG_SIGNATURE: _l("The next launch is signed with another key"),
    Fault.EXPIRED: _l("The next launch has expired"),
    Fault.WRONG_AUDIENCE: _l("The next launch is for another tool"),
    Fault.WRONG_ISSUER: _l("The next launch names another platform"),
    Fault.WRONG_DEPLOYMENT: _l("The next launch names an unknown deployment"),
    Fault.WRONG_STATE: _l("The next launch comes back with another state"),
    Fault.ERROR_ANSWER: _l("The next launch is answered with an error"),
    Fault.ERROR_LOGIN_REQUIRED: _l("The next launch is answered: sign in first"),
    Fault.ERROR_INTERACTION_REQUIRED: _l("The next launch is answered: the person has to do something first"),
    Fault.ERROR_ACCESS_DENIED: _l("The next launch is answered: access denied"),
    Fault.JWKS_503: _l("The platform's keys cannot be fetched"),
    Fault.TOKEN_503: _l("The token service is out of order"),
    Fault.TOKEN_429: _l("The token service is asked too often"),
    Fault.TOKEN_HTML_404: _l("The token service answers with a page that says not found"),
    Fault.SERVICE_503: _l("The grade service is out of order"),
    Fault.SERVICE_429: _l("The grade service is asked too often"),
    Fault.SERVICE_401: _l("The grade service forgets its tokens"),
    Fault.STORAGE_SILENT: _l("The storage of the next framed page does not answer"),
    Fault.STORAGE_ERROR: _l("The storage of the next framed page answers with errors"),
    Fault.STORAGE_FORGETS: _l("The storage of the next framed page forgets"),
    Fault.STORAGE_LIES: _l("The storage of the next framed page gives back another value"),
}


def profile() -> Profile:
    """The platform that is imitated now, with the habits that were switched."""
    chosen = store.session().scalar(select(ChosenProfile.code))
    changed = changed_quirks()
    return PROFILES[chosen or DEFAULT].changed(
        more=frozenset(quirk for quirk, is_on in changed.items() if is_on),
        less=frozenset(quirk for quirk, is_on in changed.items() if not is_on),
    )


def choose_profile(code: str) -> None:
    """:raises KeyError: if there is no such profile."""
    chosen = insert(ChosenProfile).values(id=1, code=PROFILES[code].code)
    store.session().execute(chosen.on_conflict_do_update(index_elements=["id"], set_={"code": code}))


def changed_quirks() -> dict[Quirk, bool]:
    """The habits that are switched on or off whatever the profile says."""
    rows = store.session().scalars(select(ChangedQuirk).order_by(ChangedQuirk.name))
    return {Quirk(row.name): row.is_on for row in rows}


def set_quirk(quirk: Quirk, *, is_on: bool | None) -> None:
    """One habit more or less than the profile has; nothing: as the profile has it."""
    store.session().execute(delete(ChangedQuirk).where(ChangedQuirk.name == quirk.value))
    if is_on is not None:
        store.session().execute(insert(ChangedQuirk).values(name=quirk.value, is_on=is_on))


def arm(fault: Fault, *, times: int = 1) -> None:
    """Let something go wrong so many times from now on; zero disarms it."""
    store.session().merge(ArmedFault(name=fault.value, remaining=times))


def armed() -> dict[Fault, int]:
    """What will go wrong, and how many times more."""
    rows = store.session().scalars(select(ArmedFault).where(ArmedFault.remaining > 0))
    return {Fault(row.name): row.remaining for row in rows}


def take(fault: Fault) -> bool:
    """Whether it has to go wrong this time; counts it."""
    statement = update(ArmedFault).where(ArmedFault.name == fault.value, ArmedFault.remaining > 0)
    taken = statement.values(remaining=ArmedFault.remaining - 1).returning(ArmedFault.name)
    return store.session().scalar(taken) is not None


def clear() -> None:
    """Nothing goes wrong any more, the strict profile is imitated, and people take part as in the beginning."""
    for table in (ArmedFault, ChosenProfile, ChangedQuirk, Departure):
        store.session().execute(delete(table))
    options.clear()
    for person in EVERYBODY:
        set_taking_part(person, not person.left)


def takes_part(person: Person) -> bool:
    """Whether this person is in the course now."""
    return store.session().get(Departure, person.id) is None


def who_left() -> frozenset[str]:
    """Everybody who takes no part now."""
    return frozenset(store.session().scalars(select(Departure.person_id)))


def set_taking_part(person: Person, taking_part: bool) -> None:
    """Let a person leave the courses, or come back."""
    store.session().add(MembershipChange(person_id=person.id))
    store.session().execute(delete(Departure).where(Departure.person_id == person.id))
    if not taking_part:
        store.session().execute(insert(Departure).values(person_id=person.id))
