"""The secret key is changed under people who go on working: what was written before is read at every step, and then written anew."""

import re
from collections.abc import Callable
from pathlib import Path
from shutil import copy
from typing import Any

import pytest
from flask import Blueprint, render_template_string
from flask.testing import FlaskClient
from sqlalchemy import LargeBinary, select

from lms.core import keys, secret_key, vault
from lms.core.audit import AuditEvent
from lms.core.db import Base, db, reading, transaction
from lms.core.errors import Unavailable
from lms.core.web import Bilim, public, register
from lms.people import number_keys
from lms.people.number_keys import PeopleKey
from tests.conftest import application, make_settings

OLD, NEW = "tests-only-secret-key-of-forty-characters", "the-key-to-come-of-at-least-forty-characters"
BEFORE = {"secret_key": OLD}
FIRST = {"secret_key": OLD, "other_secret_keys": (NEW,)}
SECOND = {"secret_key": NEW, "other_secret_keys": (OLD,)}
LAST = {"secret_key": NEW}
NOT_ENCRYPTED_BY_IT = {
    "register_signed_head.timestamp_token": "public",
    "bureau_member.number_encrypted": "by a key of lms.people.number_keys",
    "bureau_member.passport_encrypted": "by a key of lms.people.number_keys",
    "bureau_nomination.number_encrypted": "by a key of lms.people.number_keys",
    "xroad_request.user_id_encrypted": "by a key of lms.people.number_keys",
    "xroad_user.user_id_encrypted": "by a key of lms.people.number_keys",
}
FORM = '<form method="post"><input type="hidden" name="csrf_token" value="{{ csrf_token() }}"></form>'


@pytest.fixture
def path(tmp_path: Path, sqlite_template: Path) -> Path:
    return Path(copy(sqlite_template, tmp_path / "bilim.sqlite3"))


@pytest.fixture
def step(path: Path) -> Callable[..., Any]:
    """Every process is started anew with these settings."""

    def _started(**changes: object) -> Any:
        return application(make_settings(path.parent, f"sqlite:///{path}"), **changes)

    return _started


def with_a_form(app: Bilim) -> FlaskClient:
    blueprint = Blueprint("form", __name__)
    blueprint.add_url_rule("/form", "show", lambda: render_template_string(FORM))
    blueprint.add_url_rule("/form", "send", lambda: "taken", methods=["POST"])
    register(app, blueprint, guard=public)
    return app.test_client()


def test_nobody_is_signed_out_and_every_row_is_read_at_every_step(step: Callable[..., Any]) -> None:
    with step(**BEFORE) as app:
        browser = with_a_form(app)
        token = re.findall(r'value="([^"]+)"', browser.get("/form").text)[0]
        cookie = browser.get_cookie("__Host-bilim")
        assert cookie is not None
        with transaction():
            kid = keys.ensure("lti").kid
            number, known_as = number_keys.encrypt("KG:12345678901234", "number"), number_keys.hashes("x", "person")[0]

    for changes in (FIRST, SECOND):
        with step(**changes) as app:
            browser = with_a_form(app)
            browser.set_cookie("__Host-bilim", cookie.value, secure=True)
            assert browser.post("/form", data={"csrf_token": token}).text == "taken"
            with reading():
                assert keys.active("lti").kid == kid
                assert number_keys.decrypt(number, "number") == "KG:12345678901234"
                assert known_as in number_keys.hashes("x", "person")

    with step(**LAST), reading(), pytest.raises(Unavailable, match="secret-key-changed"):
        keys.active("lti")

    with step(**SECOND) as app:
        printed = app.test_cli_runner().invoke(args=["ops", "change-secret-key"]).output
        again = secret_key.change(actor="operator:test")
        with reading():
            noted = db.session.scalars(select(AuditEvent).filter_by(action="secret-key.changed")).all()
            anew = number_keys.encrypt("KG:12345678901234", "number")
    assert '"signing_key.private_encrypted": 1' in printed
    assert set(again.values()) == {0}
    assert [event.facts for event in noted] == [{"rows": 1}, {"rows": 0}]

    with step(**LAST) as app:
        browser = with_a_form(app)
        browser.set_cookie("__Host-bilim", cookie.value, secure=True)
        assert browser.post("/form", data={"csrf_token": token}).status_code == 400
        with reading():
            assert keys.active("lti").kid == kid
            assert number_keys.decrypt(anew, "number") == "KG:12345678901234"


def test_a_key_of_personal_numbers_is_written_anew_and_none_depends_on_the_root_any_more(
    step: Callable[..., Any],
) -> None:
    with step(**BEFORE):
        key_id, _moved = number_keys.rotate(actor="operator:test")
        with reading():
            number, known_as = number_keys.encrypt("7", "number"), number_keys.hashes("x", "person")[0]
    with step(**SECOND):
        written = secret_key.change(actor="operator:test")
        with reading():
            assert db.session.scalars(select(PeopleKey.id)).all() == [key_id]
    with step(**LAST), reading():
        assert number_keys.decrypt(number, "number") == "7"
        assert number_keys.hashes("x", "person")[0] == known_as
    assert written["people_key.secret_encrypted"] == 1


def test_a_row_that_no_key_reads_stops_it_with_its_code_and_changes_nothing(step: Callable[..., Any]) -> None:
    with step(secret_key="a-third-key-that-nobody-kept-anywhere-at-all!"), transaction():
        keys.ensure("lti")
        before = db.session.scalars(select(keys.SigningKey.private_encrypted)).one()
    with step(**SECOND):
        with pytest.raises(Unavailable, match="secret-key-changed"):
            secret_key.change(actor="operator:test")
        with reading():
            assert db.session.scalars(select(keys.SigningKey.private_encrypted)).one() == before


def test_a_hash_of_the_key_before_is_known_and_a_foreign_one_is_not(step: Callable[..., Any]) -> None:
    with step(**BEFORE):
        made = vault.keyed_hash("x", "link")
    with step(**SECOND):
        known = [
            vault.is_keyed_hash(given, "x", "link") for given in (made, vault.keyed_hash("x", "link"), made[:-1], "é")
        ]
        other_purpose = vault.is_keyed_hash(made, "x", "other")

    assert known == [True, True, False, False]
    assert other_purpose is False


def test_every_column_that_holds_bytes_is_written_anew_or_said_to_be_something_else() -> None:
    holding_bytes = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.c
        if isinstance(column.type, LargeBinary)
    }

    assert sorted(holding_bytes - {*NOT_ENCRYPTED_BY_IT}) == secret_key.columns(), "lms.core.secret_key.register"
