"""Rosters, groups, columns and copies over real sockets, against a platform that shares no code with the tool."""

import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import select
from werkzeug.serving import make_server

from lms.core import clock, jobs
from lms.core import keys as signing_keys
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from lms.lti import ags, ags_choice, ags_line_items, ags_results, nrps_update
from lms.lti.access import Access
from lms.lti.copies import ContextCopy
from lms.lti.memberships import Membership, RosterUpdate
from lms.lti.models import Context, Deployment, LaunchSession, Registration, ResourceLink
from tests.answering import answering
from tests.conftest import application, make_settings
from tests.lms.lti.course import groups_kept, roster
from tests.lms.sandbox.live import LiveSandbox, Visitor, start_sandbox

PROFILES = ("strict", "moodle", "canvas", "openedx", "blackboard", "d2l")
MODULE = "e-government"


@dataclass
class Pair:
    """A tool and a platform that know each other."""

    app: Bilim
    sandbox: LiveSandbox
    registration: dict[str, str]

    def launch(self, person: str, path: str = f"/launch/{MODULE}?target=window") -> None:
        """Somebody opens the tool."""
        visitor = Visitor(self.sandbox.url)
        login = visitor.send(visitor.open(person, path))
        answer = visitor.send(visitor.authorize(login.headers["Location"]))
        assert answer.status_code == 303, answer.text

    def access(self) -> Access:
        """What the tool is to the platform."""
        with reading():
            return Access(db.session.scalars(select(Registration)).one(), self.registration["deployment_id"])

    def update(self) -> str:
        """Bring up the list of the only course; how the job ended."""
        with reading():
            context_id = db.session.scalars(select(Context.id)).one()
        with transaction():
            nrps_update.ask(context_id)
        jobs.run_due()
        with reading():
            state = jobs.state_of(nrps_update.UPDATE, context_id)
        assert state is not None
        return f"{state.status} {state.last_error or ''}".strip()


@pytest.fixture
def pair(tmp_path: Path, sqlite_template: Path) -> Iterator[Pair]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    shutil.copy(sqlite_template, tmp_path / "bilim.sqlite3")
    made = make_settings(tmp_path, f"sqlite:///{tmp_path / 'bilim.sqlite3'}")
    settings = replace(made, public_url=f"http://localhost:{port}")
    with application(settings) as app, start_sandbox(settings) as sandbox:
        server = make_server("127.0.0.1", port, app, threaded=True)
        with answering(server):
            yield Pair(app, sandbox, sandbox.registration)


def registered(pair: Pair, profile: str) -> Pair:
    """The platform imitates a product; the tool learns of it then."""
    pair.sandbox.choose_profile(profile)
    known = pair.registration = pair.sandbox.registration
    with transaction():
        signing_keys.ensure("lti")
        row = Registration(
            **{name: known[name] for name in ("issuer", "client_id", "auth_url", "token_url", "jwks_url")}
        )
        db.session.add(row)
        db.session.flush()
        db.session.add(Deployment(registration_id=row.id, deployment_id=known["deployment_id"], is_approved=True))
    return pair


@pytest.mark.parametrize("profile", PROFILES)
def test_lists_are_read_and_scores_arrive_on_every_kind_of_platform(pair: Pair, profile: str) -> None:
    registered(pair, profile)
    pair.launch("trainee-1")
    scored(pair)
    pair.launch("instructor")

    assert pair.update() == "done"

    listed = roster()
    assert len(listed) > 3
    assert {status for status, _name in listed.values()} <= {"active", "inactive"}
    assert not any("&amp;" in (name or "") for _status, name in listed.values())
    with reading():
        assert db.session.scalars(select(Membership.is_learner).where(Membership.is_learner)).all() != []


def test_who_leaves_is_inactive_and_back_again(pair: Pair) -> None:
    registered(pair, "strict")
    pair.launch("instructor")
    pair.update()
    before = roster()
    pair.sandbox.let_leave("trainee-1")
    pair.update()

    gone = {sub: told[0] for sub, told in roster().items() if told != before[sub]}

    assert list(gone.values()) == ["inactive"]
    pair.sandbox.let_come_back("trainee-1")
    pair.update()
    assert roster() == before


@pytest.mark.parametrize("profile", ["strict", "openedx", "moodle"])
def test_a_list_in_pages_is_read_to_its_end(pair: Pair, profile: str) -> None:
    registered(pair, profile)
    pair.launch("instructor")
    pair.update()
    whole = roster()
    with transaction():
        db.session.query(Membership).delete()
        db.session.query(RosterUpdate).delete()
    pair.sandbox.set_option("roster-page", "2")

    assert pair.update() == "done"

    assert roster() == whole
    assert len(whole) > 4


def test_groups_are_read_with_their_sets(pair: Pair) -> None:
    registered(pair, "strict")
    pair.launch("instructor")

    assert pair.update() == "done"

    kept = groups_kept()
    assert {name: set_name for name, set_name, _subs in kept.values()} == {
        "Күндүзгү топ": "Күндүзгү жана кечки топтор",
        "Кечки топ": "Күндүзгү жана кечки топтор",
        "Көнүгүү тобу": "",
    }
    assert all(subs for _name, _set, subs in kept.values())


def test_a_column_is_made_replaced_and_removed_on_the_platform(pair: Pair) -> None:
    registered(pair, "strict")
    pair.launch("trainee-1")
    with reading():
        link = db.session.scalars(select(ResourceLink)).one()
    assert link.line_items_url is not None
    access = pair.access()

    made = ags_line_items.create(
        access, link.line_items_url, label="Роль", score_maximum=10, resource_id="roads", tag="completion"
    )
    changed = ags_line_items.replace(access, made.url, label="Жол", scoreMaximum=20)
    (found,) = ags_line_items.listed(
        access, link.line_items_url, scopes=[ags_line_items.SCOPE], resource_id="roads", tag="completion"
    )

    assert (changed.label, found.label, found.score_maximum, found.tag) == ("Жол", "Жол", 20, "completion")
    ags_line_items.remove(access, made.url)
    left = ags_line_items.listed(access, link.line_items_url, scopes=[ags_line_items.SCOPE], resource_id="roads")
    assert list(left) == []


def scored(pair: Pair) -> None:
    """The score of the only launch goes into its column, and is read back where we may."""
    with reading():
        launch = db.session.scalars(select(LaunchSession)).one()
        target = ags.target_for(launch.resource_link_row_id, launch.person_id)
        scopes = launch.ags_scopes
    assert target is not None
    settled = ags_choice.settled(target, resource_id=MODULE, label="Электрондук өкмөт")
    assert settled is not None

    ags.publish_score(settled, _score())

    assert pair.sandbox.grade("trainee-1", MODULE) is not None
    if ags_results.SCOPE in scopes:
        (result,) = ags_results.of(pair.access(), str(settled.line_item_url), user_id=settled.user_id)
        assert result.score == pytest.approx(0.83 * result.maximum)


def _score() -> ags.Score:
    return ags.Score(
        score_given=83,
        score_maximum=100,
        activity_progress="Completed",
        grading_progress="FullyGraded",
        timestamp=clock.now(),
    )


def test_the_platform_tells_of_a_copied_course(pair: Pair) -> None:
    registered(pair, "strict")
    pair.launch("instructor")
    jobs.run_due()

    copy = pair.sandbox.copy_course()

    with reading():
        rows = db.session.execute(
            select(Context.context_id, ContextCopy.origin_context_id).join(
                ContextCopy, ContextCopy.context_row_id == Context.id
            )
        ).all()
    assert len(rows) == 1, (copy, pair.sandbox.notices())
    assert rows[0][0] != rows[0][1]
