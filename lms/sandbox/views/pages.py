"""The pages of an ordinary LMS: sign-in, courses with their activities, and the people in them.

Nothing here needs protection from forged forms: anybody may sign in as anybody and switch anything, without a password.
"""

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.sandbox import courses, demo, gradebook, groups, notices, storage, store, switches
from lms.sandbox.demo import COURSE, PEOPLE, Person
from lms.sandbox.models import Context, Link
from lms.sandbox.views.people import known, sign_in, sign_out, teacher, visitor, wants_json

bp = Blueprint("pages", __name__)


@bp.get("/")
def people() -> str:
    """Sign in as one of the invented people."""
    return render_template("sandbox/people.html", people=PEOPLE, takes_part=switches.takes_part)


@bp.post("/sign-in")
def enter_as() -> ResponseReturnValue:
    """Sign in by the choice on the page."""
    sign_in(known(demo.person, request.form.get("person")))
    return redirect(url_for("pages.course"), 303)


@bp.post("/sign-out")
def leave() -> ResponseReturnValue:
    """Sign out."""
    sign_out()
    return redirect(url_for("pages.people"), 303)


@bp.get("/enter")
def enter() -> ResponseReturnValue:
    """A direct door for demonstrations: sign in and open a module at once."""
    sign_in(known(demo.person, request.args.get("person")))
    if "module" not in request.args:
        return redirect(url_for("pages.course"), 303)
    link = known(courses.link, request.args["module"])
    return redirect(url_for("pages.activity", slug=link.slug), 303)


@bp.get("/course")
def course() -> ResponseReturnValue:
    """The first course with its activities."""
    return _course_page(visitor(), _course(COURSE.number))


@bp.get("/courses/<int:number>")
def any_course(number: int) -> ResponseReturnValue:
    """Any course with its activities."""
    return _course_page(visitor(), _course(number))


@bp.get("/course/<slug>")
def activity(slug: str) -> ResponseReturnValue:
    """An activity, opened inside the page of its course."""
    person = visitor()
    link = known(courses.link, slug)
    return _course_page(person, _course(link.context_id), opened=link)


@bp.post("/courses/<int:number>/copy")
def copy_course(number: int) -> ResponseReturnValue:
    """The course once more. Tools that want to hear of it are told when it is there."""
    if not wants_json():
        teacher()
    made, pairs = courses.copy(_course(number))
    store.let_go()
    notices.tell_of_copy(made, switches.profile())
    if wants_json():
        links = [{"from": original.slug, "slug": twin.slug} for original, twin in pairs]
        return jsonify({"context": made.id, "links": links}), 201
    return redirect(url_for("pages.any_course", number=made.id), 303)


@bp.get("/people/<person_id>")
def profile(person_id: str) -> ResponseReturnValue:
    """A person's own page; those who teach may see everybody's."""
    reader = visitor()
    person = known(demo.person, person_id)
    if person != reader and not reader.teaches:
        abort(403)
    return render_template("sandbox/person.html", person=person, groups=groups.of_person(person))


@bp.get("/return")
def come_back() -> str:
    """Where the tool sends people when they are done (``launch_presentation.return_url``), with its messages."""
    return render_template(
        "sandbox/return.html",
        message=request.args.get("lti_msg", ""),
        error=request.args.get("lti_errormsg", ""),
    )


@bp.get("/storage")
def storage_frame() -> str:
    """The frame that keeps texts for tools, where it is not the page itself that does."""
    return render_template("sandbox/storage.html", fault=request.args.get("fault", ""))


def _course(number: int) -> Context:
    found = courses.find(number)
    if found is None:
        abort(404)
    return found


def _course_page(person: Person, shown: Context, *, opened: Link | None = None) -> str:
    return render_template(
        "sandbox/course.html",
        course=shown,
        courses=courses.everything(),
        links=courses.of_context(shown.id),
        opened=opened,
        results=gradebook.of(person),
        teaches=person.teaches,
        takes_part=switches.takes_part(person),
        offer=storage.offered(switches.profile()) if opened else None,
    )
