"""Who is signed in at the sandbox. Anybody may be anybody here: there are no passwords and no real people."""

from flask import g, request, session

from lms.core.i18n import LANGUAGES
from lms.sandbox import demo
from lms.sandbox.demo import Person


def sign_in(person: Person) -> None:
    """Be this person from now on, in this person's language unless the address asks for another (``lang``)."""
    session.clear()
    session["person"] = person.id
    if request.args.get("lang") in LANGUAGES:
        session["language"] = request.args["lang"]
    _speak_language_of(person)


def sign_out() -> None:
    """Be nobody."""
    session.clear()


def signed_in_person() -> Person | None:
    """The person whom this browser is signed in as."""
    return demo.person(session.get("person"))


def remember_language() -> None:
    """Speak the language of whoever is signed in, unless another was chosen."""
    person = signed_in_person()
    if person is not None:
        _speak_language_of(person)


def _speak_language_of(person: Person) -> None:
    g.preferred_language = person.language
