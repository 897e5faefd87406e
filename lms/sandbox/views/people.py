"""Who is signed in at the sandbox. Anybody may be anybody here: there are no passwords and no real people."""

from collections.abc import Callable
from typing import TypeVar

from flask import Response, abort, g, redirect, request, session, url_for

from lms.core.i18n import LANGUAGES
from lms.sandbox import demo
from lms.sandbox.demo import Person

Found = TypeVar("Found")


class NotSignedIn(Exception):
    """Nobody is signed in: the sign-in page is the answer."""


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


def visitor() -> Person:
    """The same, where somebody must be signed in.

    :raises NotSignedIn: if nobody is.
    """
    person = signed_in_person()
    if person is None:
        raise NotSignedIn
    return person


def teacher() -> Person:
    """Somebody who teaches or administers; to others the page does not exist for now (403)."""
    person = visitor()
    if not person.teaches:
        abort(403)
    return person


def to_sign_in(_error: NotSignedIn) -> Response:
    """The answer to a visitor whom nobody knows."""
    answer: Response = redirect(url_for("pages.people"), 303)  # type: ignore[assignment]
    return answer


def known(find: Callable[[str], Found | None], name: str | None) -> Found:
    """What has this name, or a 404 page."""
    found = find(name or "")
    if found is None:
        abort(404)
    return found


def wants_json() -> bool:
    """Whether a program asks."""
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def remember_language() -> None:
    """Speak the language of whoever is signed in, unless another was chosen."""
    person = signed_in_person()
    if person is not None:
        _speak_language_of(person)


def _speak_language_of(person: Person) -> None:
    g.preferred_language = person.language
